import { afterEach, describe, expect, it } from 'vitest';
import type { ChangeRecord } from '../../src/domain/change.ts';
import {
  APPROVER,
  CHANNEL,
  MEMBERS,
  OPERATORS,
  SECOND_APPROVER,
  SERVICE,
} from '../stage/inventory.ts';
import { ask, isOut } from '../stage/second-reader.ts';
import { openStage, type Stage, type StageOptions } from '../stage/stage.ts';
import { cardsOf, cardText, clickOn, idIn, told, typed, untilAsked } from './acting.ts';

const NAMES = MEMBERS.slice(0, 4);
const COMMANDS = 20;
/** Seven people: nobody may have more than three changes waiting. */
const PEOPLE = Array.from({ length: 7 }, (_, index) => `U0OPER${index}`);

let stage: Stage;
afterEach(() => stage.stop());

async function opened(options: StageOptions) {
  stage = await openStage({
    names: NAMES,
    members: NAMES,
    minAvailable: '2',
    ...options,
    slack: {
      users: [...PEOPLE, APPROVER, SECOND_APPROVER].map((id) => ({ id, name: id.toLowerCase() })),
      userGroups: [{ id: OPERATORS, handle: 'operators', users: PEOPLE }],
    },
  });
}

/** How many servers of a node are administratively enabled, from its own words. */
async function enabledOn(socket: string): Promise<number> {
  const rows = (await ask(socket, `show servers state ${SERVICE}`)).split('\n');
  const servers = rows.map((row) => row.split(' ')).filter((columns) => columns[1] === SERVICE);
  if (servers.length !== NAMES.length) throw new Error(`A cut answer: ${rows.join('|')}`);
  return servers.filter((columns) => columns[6] === '0').length;
}

/** Looks at every node again and again; `fewest` is the worst that was ever seen. */
function watching() {
  let isOver = false;
  let looks = 0;
  let fewest = Number.POSITIVE_INFINITY;
  const look = async () => {
    while (!isOver) {
      for (const node of stage.nodes) fewest = Math.min(fewest, await enabledOn(node.socket));
      looks += 1;
    }
  };
  const looking = look();
  return {
    async end() {
      isOver = true;
      await looking;
      return { looks, fewest };
    },
  };
}

/** Twenty people's commands at once: each member again and again. */
async function twentyTyped(): Promise<readonly string[]> {
  const answers = await Promise.all(
    Array.from({ length: COMMANDS }, (_, index) =>
      typed(stage, `disable ${SERVICE} ${NAMES[index % NAMES.length]}`, {
        user: PEOPLE[index % PEOPLE.length] ?? '',
      }),
    ),
  );
  return answers.map(idIn);
}

const OVER = ['done', 'refused', 'failed', 'half-done', 'denied', 'cancelled', 'expired'];

async function allOver(ids: readonly string[]): Promise<readonly ChangeRecord[]> {
  let records: (ChangeRecord | undefined)[] = [];
  await expect
    .poll(
      async () => {
        records = await Promise.all(ids.map((id) => stage.records.changes.get(id)));
        return records.filter((record) => !OVER.includes(record?.state ?? '')).length;
      },
      { timeout: 15_000 },
    )
    .toBe(0);
  return records.flatMap((record) => record ?? []);
}

/** Two members are out, on both nodes the same two; nothing was ever put back or done twice. */
async function expectTwoOut(records: readonly ChangeRecord[]) {
  const out: string[][] = [];
  for (const [index, { socket }] of stage.nodes.entries()) {
    expect(await enabledOn(socket)).toBe(2);
    const names: string[] = [];
    for (const name of NAMES) if (await isOut(socket, name)) names.push(name);
    out.push(names);
    expect([...(stage.proxies[index]?.writes ?? [])].sort()).toEqual(
      names.map((name) => `disable server ${SERVICE}/${name}`),
    );
  }
  expect(out[0]).toEqual(out[1]);
  const sent = records.filter(({ state, outcome }) => state === 'done' && outcome?.steps.length);
  expect(sent.flatMap(({ plan }) => plan?.members ?? []).sort()).toEqual(out[0]);
}

const REASON = /at least 2 are needed|would be left to take clients|already, by somebody else/;

/** Whoever got nothing was told why: the pool is at its limit, or the member was out already. */
async function expectReasons(records: readonly ChangeRecord[]) {
  for (const record of records) {
    if (record.state === 'done') continue;
    expect(record.state).toBe('refused');
    expect(record.fault?.message).toMatch(REASON);
    await expect.poll(() => cardText(stage, record.id), { timeout: 8_000 }).toContain('Refused');
    expect(cardText(stage, record.id)).toMatch(REASON);
    expect(cardsOf(stage, record.id)).toHaveLength(1);
  }
}

describe('twenty disables at once on four members of which two must stay', () => {
  it('take exactly two out where nobody needs to agree; everybody else hears why', async () => {
    await opened({ approval: false });
    const watch = watching();
    const records = await allOver(await twentyTyped());
    const { looks, fewest } = await watch.end();
    expect(looks).toBeGreaterThan(10);
    expect(fewest).toBe(2);
    await expectTwoOut(records);
    await expectReasons(records);

    const [done] = records.filter(({ outcome }) => outcome?.steps.length);
    const late = await typed(stage, `deny ${done?.id}`, { user: APPROVER });
    expect(late).toContain('needed no approval');
  });

  it('take exactly two out when all are approved at once; everybody else hears why', async () => {
    await opened({});
    const ids = await twentyTyped();
    await Promise.all(ids.map((id) => untilAsked(stage, id)));
    const watch = watching();
    await Promise.all(
      ids.map((id, index) =>
        clickOn(stage, id, 'change.approve', index % 2 === 0 ? APPROVER : SECOND_APPROVER),
      ),
    );
    const records = await allOver(ids);
    const { fewest } = await watch.end();
    expect(fewest).toBe(2);
    expect([...told(stage, APPROVER), ...told(stage, SECOND_APPROVER)]).toEqual([]);
    await expectTwoOut(records);
    await expectReasons(records);
    expect(stage.slack.state.channel(CHANNEL).filter(({ thread_ts }) => !thread_ts)).toHaveLength(
      COMMANDS,
    );
  });
});
