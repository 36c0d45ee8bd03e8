import { describe, expect, it } from 'vitest';
import type { Answer, ServiceStatus } from '../../../src/domain/answer.ts';
import { blockProblems } from '../../../src/sandbox/slack/block-limits.ts';
import { charsOf } from '../../../src/slack/message-size.ts';
import { answer } from '../../../src/slack/messages/answer.ts';
import { member, noon, pool, web } from '../sample.ts';

const out = member('www78', { admin: 'disabled', health: 'suspended', sessions: 0 });
const service: ServiceStatus = {
  service: 'test.tianya.cn',
  environment: 'production',
  pools: [pool('ha-1', [...web.slice(0, 3), out])],
  faults: [
    {
      balancer: 'ha-2',
      fault: { code: 'TIMEOUT', message: 'Reading backend web on ha-2: no answer within 5 s.' },
    },
  ],
  out: [
    {
      balancer: 'ha-1',
      pool: 'test.tianya.cn',
      member: 'www78',
      by: 'bot',
      changeId: 'q7k2m9xt',
      actor: 'U0OPS',
      approver: 'U0LEAD',
    },
  ],
};

function shown(of: Answer): string {
  return answer(of)
    .blocks.map((block) => {
      if (block.type === 'header') return block.text.text;
      if (block.type === 'section') return block.text?.text ?? '';
      if (block.type !== 'context') return '';
      return block.elements.map((each) => ('text' in each ? each.text : '')).join('\n');
    })
    .join('\n');
}

describe('the status of a service', () => {
  const read = shown({ kind: 'status', services: [service], at: noon });

  it('shows each pool as a table, whoever is out marked', () => {
    expect(read).toContain('test.tianya.cn · production');
    expect(read).toMatch(/^» {2}www78 {3}192\.168\.100\.78 {2}disabled /m);
    expect(read).toContain('3 of 4 available · clients stick by `cookie`');
  });

  it('has under a table what the device says of itself, and its own words in a column where they tell more', () => {
    const tells = pool('f5', [member('www78', { status: 'monitor-enabled, up' })], {
      statusTitle: 'session, monitor',
    });
    const remark = 'active unit 192.168.100.2; Changes Pending <now>';
    const pools = [{ ...tells, device: { ...tells.device, remark } }];
    const text = shown({ kind: 'status', services: [{ ...service, pools }], at: noon });
    expect(text).toMatch(/state +session, monitor +weight/);
    expect(text).toMatch(/enabled +monitor-enabled, up +100/);
    expect(text).toContain('active unit 192.168.100.2; Changes Pending &lt;now&gt;');
    expect(read).not.toContain('session, monitor');
  });

  it('says why a member is out, by whom, and under which change', () => {
    expect(read).toContain(
      '» `www78` on *ha-1* is out: disabled by <@U0OPS>, approved by <@U0LEAD>, change `q7k2m9xt`',
    );
  });

  it('says what was done to it, and until when', () => {
    const [one] = service.out;
    if (one === undefined) throw new Error('The sample has nobody out.');
    const of = (state: object) => {
      const pools = [pool('ha-1', [member('www78', state)])];
      const out = [{ ...one, until: noon }];
      return shown({ kind: 'status', services: [{ ...service, pools, out }], at: noon });
    };
    expect(of({ admin: 'drained' })).toMatch(
      /is out: drained by <@U0OPS>.*, comes back by itself <!date\^1795150800\^/,
    );
    expect(of({ weight: 0 })).toContain('is out: weight 0 by <@U0OPS>');
  });

  it('says first what is frozen, by whom, until when and why', () => {
    const freeze = { by: 'U0LEAD', at: noon, reason: 'sale <!here>' };
    const freezes = [
      { ...freeze, scope: '*' },
      { ...freeze, scope: 'shop', until: noon + 60_000 },
    ];
    const frozen = shown({ kind: 'status', services: [service], freezes, at: noon });
    expect(frozen).toMatch(
      /^⊘ \*Everything is frozen\* by <@U0LEAD> since .*, until somebody lifts it: sale &lt;!here&gt;$/m,
    );
    expect(frozen).toMatch(/^⊘ \*shop is frozen\* .*, until <!date\^1795150860\^/m);
    expect(frozen.indexOf('frozen')).toBeLessThan(frozen.indexOf('test.tianya.cn'));
    const many = Array.from({ length: 100 }, () => freezes[0]).filter((one) => one !== undefined);
    const full = answer({ kind: 'status', services: [service], freezes: many, at: noon });
    expect(blockProblems(full.blocks)).toEqual([]);
    expect(charsOf(full.blocks)).toBeLessThan(9600);
  });

  it('says which balancer could not be read', () => {
    expect(read).toContain('⚠ *ha-2* could not be read. *The device did not answer in time.*');
    expect(read).toContain('no answer within 5 s.');
  });

  it('is summed up for the notification', () => {
    expect(answer({ kind: 'status', services: [service], at: noon }).text).toBe(
      'test.tianya.cn: ha-1: 3 of 4 available',
    );
  });

  it('says so when there is nothing to see', () => {
    expect(shown({ kind: 'status', services: [], at: noon })).toContain(
      'no service you may look at',
    );
  });

  it('stays within one message for many services, and says what it left out', () => {
    const services = Array.from({ length: 60 }, (_, index) => ({
      ...service,
      service: `s${index}<!channel>`,
      pools: Array.from({ length: 4 }, (__, at) =>
        pool(
          `ha-${at}`,
          Array.from({ length: 100 }, (___, each) => member(`web${each}`)),
        ),
      ),
    }));
    const message = answer({ kind: 'status', services, at: noon });
    expect(blockProblems(message.blocks)).toEqual([]);
    expect(charsOf(message.blocks)).toBeLessThan(9600);
    expect(shown({ kind: 'status', services, at: noon })).toMatch(
      /… and \d+ more parts of this answer/,
    );
  });
});

describe('why a member is out', () => {
  it.each([
    ['hand', 'by hand on the device'],
    ['health check', 'its health check fails'],
    ['configuration', 'by the configuration of the device'],
    ['tracking', 'it follows another server, or its node, that is out'],
    ['unknown', 'nobody knows why'],
  ] as const)('%s', (by, words) => {
    const one = { balancer: 'ha-1', pool: 'test.tianya.cn', member: 'www78', by };
    expect(shown({ kind: 'status', services: [{ ...service, out: [one] }], at: noon })).toContain(
      words,
    );
  });
});

describe('the other answers', () => {
  it('list the services and their pools', () => {
    const read = shown({
      kind: 'pools',
      pools: [
        {
          service: 'test.tianya.cn',
          environment: 'production',
          on: 'web',
          pool: 'test.tianya.cn',
          balancers: ['ha-2', 'ha-1'],
        },
      ],
    });
    expect(read).toMatch(
      /^test\.tianya\.cn {2}production {3}test\.tianya\.cn {2}web {2}ha-2 and ha-1$/m,
    );
  });

  it('list the latest changes with who did what and how it ended', () => {
    const read = shown({
      kind: 'history',
      service: 'test.tianya.cn',
      lines: [
        {
          changeId: 'q7k2m9xt',
          at: noon,
          service: 'test.tianya.cn',
          verb: 'disable',
          members: ['www78'],
          state: 'half-done',
          actor: 'U0OPS',
          approver: 'U0LEAD',
          reason: 'kernel <!here>',
        },
      ],
    });
    expect(read).toContain(
      '*half-done*: disable www78 in test.tianya.cn by <@U0OPS>, approved by <@U0LEAD> `q7k2m9xt` — kernel &lt;!here&gt;',
    );
    expect(shown({ kind: 'history', lines: [] })).toBe('No change is recorded.');
  });

  it('say what somebody may do', () => {
    const read = shown({
      kind: 'whoami',
      id: 'U0OPS',
      via: 'slack',
      may: [
        { environment: 'production', roles: ['viewer', 'operator'] },
        { environment: 'staging', roles: [] },
      ],
    });
    expect(read).toContain('You are <@U0OPS> (`U0OPS`), asking from Slack.');
    expect(read).toMatch(/^production {3}viewer, operator$/m);
    expect(read).toMatch(/^staging {6}nothing$/m);
  });

  it('say what went wrong', () => {
    const fault = { code: 'NOT_ALLOWED', message: 'You hold no role in production.' } as const;
    expect(shown({ kind: 'fault', fault })).toBe(
      '⊘ *You may not do this.* You hold no role in production.\n_Ask somebody who holds the role named in the reason._',
    );
  });
});
