import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { printAnswer } from '../../src/cli/print-answer.ts';
import { printChange } from '../../src/cli/print-change.ts';
import { printHelp, printUsage } from '../../src/cli/print-help.ts';
import type { PrintOptions } from '../../src/cli/print-options.ts';
import { printFreeze, printReceipt, printReply } from '../../src/cli/print-receipt.ts';
import type { Answer } from '../../src/domain/answer.ts';
import type { Verb } from '../../src/domain/command.ts';
import { done, member, NOON, pool } from './records.ts';

const PLAIN: PrintOptions = { tty: false, json: false, width: 80 };
const TTY: PrintOptions = { tty: true, json: false, width: 96 };
const JSON_ONLY: PrintOptions = { tty: false, json: true, width: 80 };

const status: Answer = {
  kind: 'status',
  at: NOON,
  services: [
    {
      service: 'shop',
      environment: 'production',
      pools: [
        pool('ha-1', [
          member('web-1'),
          member('web-2', { admin: 'disabled', health: 'suspended', status: 'MAINT', sessions: 0 }),
          member('web-3', { health: 'down', status: 'DOWN', causes: ['health-check'] }),
          member('web-4', { admin: 'drained', weight: 0, health: 'up', status: 'DRAIN' }),
          member('spare', { backup: true, health: 'recovering', status: 'DOWN 1/2' }),
        ]),
      ],
      faults: [
        {
          balancer: 'ha-2',
          fault: { code: 'TIMEOUT', message: 'Reading shop on ha-2: no answer within 5 s.' },
        },
      ],
      out: [
        {
          balancer: 'ha-1',
          pool: 'shop',
          member: 'web-2',
          by: 'bot',
          changeId: 'q7k2m9xt',
          actor: 'U0OPS',
          approver: 'U0LEAD',
        },
        { balancer: 'ha-1', pool: 'shop', member: 'web-4', by: 'hand' },
      ],
    },
  ],
};

describe('an answer', () => {
  it('shows what a device says of itself above its members', () => {
    const [service] = status.kind === 'status' ? status.services : [];
    const [first] = service?.pools ?? [];
    if (service === undefined || first === undefined) throw new Error('The sample has no pool.');
    const device = { ...first.device, remark: 'active unit a; In Sync' };
    const text = printAnswer(
      { ...status, services: [{ ...service, pools: [{ ...first, device }] }] } as Answer,
      PLAIN,
    );
    expect(text).toContain('UTC)\n  active unit a; In Sync\n  MEMBER');
  });

  it('shows a pool as a table that says why each member is out', () => {
    expect(printAnswer(status, PLAIN)).toBe(
      [
        'shop (production)',
        'ha-1, pool shop (haproxy 2.6.12, read 2026-11-20 12:00:00 UTC)',
        '  MEMBER  STATE            HEALTH                 WEIGHT    SESSIONS  WHY',
        '  web-1   enabled          up                     100       3',
        '  web-2   disabled         suspended (MAINT)      100       0         by U0OPS, approved by U0LEAD, change q7k2m9xt',
        '  web-3   enabled          down                   100       3         health-check',
        '  web-4   drained          up (DRAIN)             0 of 100  3         by hand on the device',
        '  spare   enabled, backup  recovering (DOWN 1/2)  100       3         not known',
        'ha-2: not read. The device did not answer in time. Reading shop on ha-2: no answer within 5 s. See whether the balancer is frozen or overloaded.',
      ].join('\n'),
    );
  });

  it('says first what is frozen, and of a member until when it is out', () => {
    const freeze = { scope: '*', by: 'U0LEAD', at: NOON, reason: 'sale' };
    const frozen = { ...freeze, scope: 'shop', until: NOON + 60_000 };
    const services = status.services.map((service) => ({
      ...service,
      out: service.out.map((one) => ({ ...one, until: NOON + 60_000 })),
    }));
    const text = printAnswer({ ...status, services, freezes: [freeze, frozen] }, PLAIN);
    expect(text).toMatch(
      /^Everything is frozen by U0LEAD since 2026-11-20 12:00:00 UTC, until somebody lifts it: sale\nshop is frozen .*, until 2026-11-20 12:01:00 UTC: sale\nshop \(production\)\n/,
    );
    expect(text).toContain('change q7k2m9xt, until 2026-11-20 12:01:00 UTC');
  });

  it('is coloured on a terminal only', () => {
    expect(printAnswer(status, TTY)).toContain('\u001B[31mdisabled\u001B[0m ');
    expect(printAnswer(status, PLAIN)).not.toContain('\u001B');
  });

  it('wraps why a member is out at the width of the terminal, and loses nothing', () => {
    const lines = stripVTControlCharacters(printAnswer(status, TTY)).split('\n');
    const start = lines[2]?.indexOf('WHY') ?? 0;
    const at = lines.findIndex((line) => line.includes('web-2'));
    const why = lines.slice(at, at + 2).map((line) => line.slice(start));
    expect(why.join(' ')).toBe('by U0OPS, approved by U0LEAD, change q7k2m9xt');
    for (const line of lines.slice(2, -1)) expect(line.length).toBeLessThanOrEqual(TTY.width);
    expect(printAnswer(status, { ...TTY, width: 30 })).toContain('change q7k2m9xt');
  });

  it.each<[Answer, RegExp]>([
    [
      {
        kind: 'pools',
        pools: [
          {
            service: 'shop',
            environment: 'production',
            on: 'web',
            pool: 'shop',
            balancers: ['ha-1', 'ha-2'],
          },
        ],
      },
      /^SERVICE +ENVIRONMENT +ON +POOL +BALANCERS\nshop +production +web +shop +ha-1, ha-2$/,
    ],
    [
      {
        kind: 'history',
        lines: [
          {
            changeId: 'q7k2m9xt',
            at: NOON,
            service: 'shop',
            verb: 'disable',
            members: ['web-1'],
            state: 'done',
            actor: 'U0OPS',
            reason: 'new disk',
          },
        ],
      },
      /2026-11-20 12:00:00 UTC {2}q7k2m9xt {2}done {3}disable shop web-1 {2}U0OPS +new disk$/,
    ],
    [{ kind: 'history', lines: [] }, /^No change yet\.$/],
    [{ kind: 'pools', pools: [] }, /^No pool you may look at\.$/],
    [{ kind: 'status', services: [], at: NOON }, /^No service you may look at\.$/],
    [
      {
        kind: 'whoami',
        id: 'U0OPS',
        via: 'shell',
        may: [{ environment: 'production', roles: ['viewer'] }],
      },
      /^You are U0OPS, by the shell\.\nENVIRONMENT +ROLES\nproduction +viewer$/,
    ],
    [{ kind: 'whoami', id: 'U0', via: 'slack', may: [] }, /no role in any environment/],
    [
      { kind: 'fault', fault: { code: 'STORE_UNAVAILABLE', message: 'Nothing was queued.' } },
      /^Redis did not answer\. Nothing was queued\. Nothing is written without it/,
    ],
  ])('is readable: %j', (answer, expected) => {
    expect(printAnswer(answer, PLAIN)).toMatch(expected);
  });
});

describe('JSON', () => {
  it('is one document without signatures', () => {
    const parsed = JSON.parse(printChange(done, JSON_ONLY));
    expect(parsed.id).toBe('q7k2m9xt');
    expect(parsed.approval.by).toBe('U0LEAD');
    expect(JSON.stringify(parsed)).not.toMatch(/mac"|feedface/);
    expect(JSON.parse(printAnswer(status, JSON_ONLY))).toEqual(status);
  });
});

describe('a receipt', () => {
  it.each([
    [
      printReceipt({ kind: 'accepted', id: 'q7k2m9xt', channel: 'C0OPS', again: false }, PLAIN),
      'Accepted as q7k2m9xt. The card appears in C0OPS.',
    ],
    [
      printReceipt({ kind: 'accepted', id: 'q7k2m9xt', again: true }, PLAIN),
      'Was accepted before as q7k2m9xt.',
    ],
    [
      printReceipt({ kind: 'refused', fault: { code: 'NOT_ALLOWED', message: 'No role.' } }, PLAIN),
      'Nothing was changed. You may not do this. No role. Ask somebody who holds the role named in the reason.',
    ],
    [
      printReceipt({ kind: 'unknown', id: 'q7k2m9xt' }, PLAIN),
      'Redis did not answer in time: it is not known yet whether q7k2m9xt was accepted. Look with `history` before you ask again.',
    ],
    [
      printReply({ kind: 'taken', changeId: 'q7k2m9xt', state: 'cancelled' }, 'cancel', PLAIN),
      'Change q7k2m9xt is cancelled now.',
    ],
    [
      printReply(
        { kind: 'refused', fault: { code: 'EXPIRED', message: 'It expired.' } },
        'approve',
        PLAIN,
      ),
      'Not taken. Too late. It expired. Ask again.',
    ],
    [
      printReply({ kind: 'taken', changeId: 'q7k2m9xt', state: 'holding' }, 'extend', PLAIN),
      'Change q7k2m9xt comes back later.',
    ],
    [
      printReply({ kind: 'taken', changeId: 'q7k2m9xt', state: 'done' }, 'acknowledge', PLAIN),
      'Change q7k2m9xt is acknowledged.',
    ],
    [
      printFreeze({ kind: 'taken', text: 'shop is frozen: a \u001B[2Jsale' }, PLAIN),
      'shop is frozen: a [2Jsale',
    ],
    [
      printFreeze({ kind: 'refused', fault: { code: 'NOT_ALLOWED', message: 'No role.' } }, PLAIN),
      'Not taken. You may not do this. No role. Ask somebody who holds the role named in the reason.',
    ],
    [printReceipt({ kind: 'unknown', id: 'x' }, JSON_ONLY), '{"kind":"unknown","id":"x"}'],
  ])('says %s', (text, expected) => {
    expect(text).toBe(expected);
  });
});

describe('help in the shell', () => {
  it('adds the commands that only the shell knows, and the exit codes', () => {
    const text = printHelp(new Set<Verb>(['status']));
    expect(text).toContain('lb status [<service>]');
    expect(text).toContain('lb config check [<file>] [--live]');
    expect(text).toContain('lb audit verify [--live] [--from <n>] [<file> …]\n');
    expect(text).toContain('4 waiting for approval');
    expect(text).not.toContain('lb disable');
  });

  it('shows a usage text line by line without control characters', () => {
    expect(printUsage('Unknown "\u009B2J".\nUsage: lb status')).toBe(
      'Unknown "2J".\nUsage: lb status',
    );
  });
});
