import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APPROVER, GUEST, OUTSIDER, REQUESTER, SERVICE } from '../stage/inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { became, expectNothingTaken, told, typed } from './acting.ts';

const TARGET = '192.168.100.78';
let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ nodes: 1 });
});
afterAll(() => stage.stop());

describe('a command that cannot be understood', () => {
  const cases: [what: string, text: string, near: string][] = [
    ['verb', `disabel ${SERVICE} ${TARGET}`, 'Did you mean disable?'],
    ['service', `disable test.tianya.com ${TARGET}`, `Did you mean ${SERVICE}?`],
    ['member', `disable ${SERVICE} 192.168.100.79`, 'Did you mean 192.168.100.7'],
    ['flag', `disable ${SERVICE} ${TARGET} --becuase lunch`, 'Did you mean --because?'],
    [
      'word behind the members',
      `disable ${SERVICE} ${TARGET} becase lunch`,
      'Did you mean because?',
    ],
    ['balancer', `disable ${SERVICE} ${TARGET} on ha-2`, 'ha-1'],
    ['service of a question', 'status test.tianya.cm', `Did you mean ${SERVICE}?`],
    ['id', 'approve ../../etc 1234', 'history'],
  ];

  it.each(cases)(
    'for an unknown %s shows the nearest, to the asker alone, and queues nothing',
    async (_what, text, near) => {
      const answer = await typed(stage, text);
      expect(answer).toContain(near);
      expect(answer).toContain('Usage: /lb');
      await expectNothingTaken(stage);
      expect(await stage.records.audit.readAll()).toMatchObject({ entries: [] });
    },
  );
});

describe('help', () => {
  it('is what an empty command gets', async () => {
    expect(await typed(stage, '')).toBe(await typed(stage, 'help'));
    await expectNothingTaken(stage);
  });

  it('shows only what the asker may run', async () => {
    const verbs = async (user: string) =>
      [...(await typed(stage, '', { user })).matchAll(/^\/lb ([a-z]+)/gm)].map(([, verb]) => verb);
    const always = ['cancel', 'whoami', 'help'];
    const reads = ['status', 'pools', 'compare', 'history'];
    const changes = ['disable', 'enable', 'drain', 'offline', 'weight', 'failover', 'failback'];
    const writes = [...changes, 'extend', 'acknowledge', 'freeze', 'unfreeze'];
    expect(new Set(await verbs(OUTSIDER))).toEqual(new Set([...always, ...reads]));
    expect(new Set(await verbs(REQUESTER))).toEqual(new Set([...always, ...reads, ...writes]));
    expect(new Set(await verbs(APPROVER))).toEqual(
      new Set([...always, ...reads, ...writes, 'approve', 'deny']),
    );
    expect(await verbs(GUEST)).toEqual([]);
  });

  it('does not explain a verb to somebody who may not run it', async () => {
    expect(await typed(stage, 'help disable', { user: OUTSIDER })).toContain('role operator');
    expect(await typed(stage, 'help disable', { user: REQUESTER })).toContain('Usage: /lb disable');
  });
});

describe('an address that only the balancers can know', () => {
  it('is refused in private, with what they do know, and changes nothing', async () => {
    const id = /Change `(\w+)`/.exec(await typed(stage, `disable ${SERVICE} 10.9.8.7`))?.[1] ?? '';
    const refused = await became(stage, id, 'refused');
    expect(refused.fault?.code).toBe('NO_SUCH_MEMBER');
    await expect.poll(() => told(stage, REQUESTER).join('\n')).toContain('10.9.8.7');
    expect(stage.slack.state.channel('C0OPS')).toEqual([]);
    expect(stage.proxies.flatMap(({ writes }) => writes)).toEqual([]);
  });
});
