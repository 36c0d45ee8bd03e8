import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  APPROVER,
  CHANNEL,
  MEMBERS,
  OTHER_SERVICE,
  REQUESTER,
  SERVICE,
} from '../stage/inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { asked, became, cardsOf, clickOn, idIn, told, typed } from './acting.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ separate: true });
});
afterEach(() => stage.stop());

const disable = (index: number, service = SERVICE) => `disable ${service} ${MEMBERS[index]}`;

describe('three changes of one person on one service that wait', () => {
  it('are the limit: the fourth is refused in private, with their ids', async () => {
    const waiting = [];
    for (const index of [0, 1, 2]) waiting.push((await asked(stage, disable(index))).id);
    const fourth = idIn(await typed(stage, disable(3)));
    expect((await became(stage, fourth, 'refused')).fault?.code).toBe('TOO_MANY_OPEN');
    await expect.poll(() => told(stage, REQUESTER).join('\n')).toContain('3 is the limit');
    for (const id of waiting) expect(told(stage, REQUESTER).at(-1)).toContain(id);
    expect(cardsOf(stage, fourth)).toEqual([]);

    // Another service and another person have their own three.
    await asked(stage, disable(3, OTHER_SERVICE));
    await asked(stage, disable(3), { user: APPROVER });
    // A decision makes room.
    await clickOn(stage, waiting[0] ?? '', 'change.cancel', REQUESTER);
    await became(stage, waiting[0] ?? '', 'cancelled');
    await asked(stage, disable(3));
    expect(stage.proxies.flatMap(({ writes }) => writes)).toEqual([]);
  });

  it('are the limit also for ten commands typed at the same moment', async () => {
    const ids = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => idIn(await typed(stage, disable(index % 5)))),
    );
    const states = async () =>
      (await Promise.all(ids.map((id) => stage.records.changes.get(id)))).map(
        (record) => record?.state,
      );
    await expect
      .poll(async () => (await states()).sort(), { timeout: 5_000 })
      .toEqual([...Array(7).fill('refused'), ...Array(3).fill('waiting')]);
    await expect.poll(() => stage.slack.state.channel(CHANNEL).length).toBe(3);
  });
});
