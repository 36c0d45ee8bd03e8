import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeState } from '../../src/domain/change.ts';
import { APPROVER, OUTSIDER, REQUESTER, SECOND_APPROVER, SERVICE } from '../stage/inventory.ts';
import { isOut } from '../stage/second-reader.ts';
import type { Passing } from '../stage/socket-proxy.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import {
  type Action,
  asked,
  auditedActors,
  became,
  cardsOf,
  cardText,
  clickOn,
  told,
  typed,
} from './acting.ts';

const TARGET = '192.168.100.78';
const COMMAND = `disable ${SERVICE} ${TARGET}`;
/** The words for a decision that comes too late; the device and the plan have nothing to do with it. */
const NOTHING_LEFT = 'There is nothing to decide any more';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ nodes: 1 });
});
afterAll(() => stage.stop());

const node = () => {
  const [first] = stage.nodes;
  const [proxy] = stage.proxies;
  if (first === undefined || proxy === undefined) throw new Error('The stage has no node.');
  return { socket: first.socket, proxy };
};

const stateOf = async (id: string) => (await stage.records.changes.get(id))?.state;

/** Acts, and resolves with what this person alone is told because of it. */
async function answerTo(user: string, act: () => Promise<unknown>): Promise<string> {
  const before = told(stage, user).length;
  await act();
  await expect.poll(() => told(stage, user).length).toBe(before + 1);
  return told(stage, user).at(-1) ?? '';
}

const clicked = (id: string, action: Action, user: string, stale = false) =>
  answerTo(user, () => clickOn(stage, id, action, user, { stale }));

/** Everything is as before the command, for the next test. */
async function broughtBack() {
  const { id } = await asked(stage, `enable ${SERVICE} ${TARGET}`);
  await clickOn(stage, id, 'change.approve');
  await became(stage, id, 'done');
}

describe('a click on Approve', () => {
  it('by whoever asked is refused with the reason and audited', async () => {
    const { id } = await asked(stage, COMMAND);
    expect(await clicked(id, 'change.approve', REQUESTER)).toContain('somebody else must approve');
    expect(await stateOf(id)).toBe('waiting');
    expect(await auditedActors(stage, id, 'refused')).toEqual([REQUESTER]);
    await typed(stage, `cancel ${id}`);
  });

  it('by an outsider is refused with the role that is missing', async () => {
    const { id } = await asked(stage, COMMAND);
    expect(await clicked(id, 'change.approve', OUTSIDER)).toContain('role approver');
    expect(await clicked(id, 'change.deny', OUTSIDER)).toContain('role approver');
    expect(await clicked(id, 'change.cancel', OUTSIDER)).toContain('Only the person who asked');
    expect(await stateOf(id)).toBe('waiting');
    await typed(stage, `cancel ${id}`);
  });

  it('whose value names another change than its card is not taken', async () => {
    const first = await asked(stage, COMMAND);
    const second = await asked(stage, `disable ${SERVICE} 192.168.100.77`);
    const words = await answerTo(APPROVER, () =>
      clickOn(stage, first.id, 'change.approve', APPROVER, { value: second.id }),
    );
    expect(words).toContain('Nothing was changed');
    expect([await stateOf(first.id), await stateOf(second.id)]).toEqual(['waiting', 'waiting']);
    await typed(stage, `cancel ${first.id}`);
    await typed(stage, `cancel ${second.id}`);
  });

  it('twice by one person carries it out once and tells the second click so', async () => {
    const { id } = await asked(stage, COMMAND);
    const words = await answerTo(APPROVER, () =>
      Promise.all([
        clickOn(stage, id, 'change.approve'),
        clickOn(stage, id, 'change.approve', APPROVER, { stale: true }),
      ]),
    );
    expect(words).toContain('approved already');
    expect(words).toContain(NOTHING_LEFT);
    await became(stage, id, 'done');
    expect(await auditedActors(stage, id, 'approved')).toEqual([APPROVER]);
    expect(node().proxy.writes).toEqual([`disable server ${SERVICE}/${TARGET}`]);
    await broughtBack();
  });
});

describe('approve, typed', () => {
  it('is refused with other characters than those of the plan, and does not tell the right ones', async () => {
    const { id, plan } = await asked(stage, COMMAND);
    const right = plan?.digest.slice(0, 4) ?? '';
    const wrong = right === '0000' ? '1111' : '0000';
    const words = await typed(stage, `approve ${id} ${wrong}`, { user: APPROVER });
    expect(words).toContain('not the plan that waits');
    expect(words).toContain('look at the card');
    expect(words).not.toContain(right);
    expect(await stateOf(id)).toBe('waiting');
    await typed(stage, `cancel ${id}`);
  });

  it('counts with the four characters of the card', async () => {
    const { id, plan } = await asked(stage, COMMAND);
    const right = plan?.digest.slice(0, 4) ?? '';
    expect(cardText(stage, id)).toContain(right);
    const own = await typed(stage, `approve ${id} ${right}`);
    expect(own).toContain('somebody else must approve');
    expect(await typed(stage, `approve ${id} ${right}`, { user: APPROVER })).toContain('Approved');
    await became(stage, id, 'done');
    expect(await isOut(node().socket, TARGET)).toBe(true);
    await broughtBack();
  });

  it('of an id that nobody knows says so', async () => {
    const words = await typed(stage, 'approve zzzzzzzz 0000', { user: APPROVER });
    expect(words).toContain('There is no change zzzzzzzz');
  });
});

describe('a change that is over', () => {
  const ends: [ChangeState, (id: string) => Promise<unknown>, string][] = [
    ['denied', (id) => clickOn(stage, id, 'change.deny', SECOND_APPROVER), 'was denied by'],
    ['cancelled', (id) => clickOn(stage, id, 'change.cancel', REQUESTER), 'was cancelled by'],
    ['done', (id) => clickOn(stage, id, 'change.approve', SECOND_APPROVER), 'is over'],
  ];

  it.each(ends)(
    'because it was %s has no buttons, and a late click hears the truth',
    async (state, end, truth) => {
      const { id } = await asked(stage, COMMAND);
      const writes = node().proxy.writes.length;
      await end(id);
      await became(stage, id, state);
      await expect.poll(() => cardText(stage, id)).not.toContain('change.approve');
      for (const action of ['change.approve', 'change.deny'] as const) {
        const words = await clicked(id, action, APPROVER, true);
        expect(words).toContain(truth);
        expect(words).toContain(NOTHING_LEFT);
      }
      expect(await clicked(id, 'change.cancel', REQUESTER, true)).toContain(truth);
      expect(await stateOf(id)).toBe(state);
      expect(await isOut(node().socket, TARGET)).toBe(state === 'done');
      expect(node().proxy.writes).toHaveLength(writes + (state === 'done' ? 1 : 0));
      if (state === 'done') await broughtBack();
    },
  );

  it('because it was denied names who did, in the card and in the audit log', async () => {
    const { id } = await asked(stage, COMMAND);
    await clickOn(stage, id, 'change.deny', SECOND_APPROVER);
    await expect.poll(() => cardText(stage, id)).toContain(`Denied by <@${SECOND_APPROVER}>`);
    expect(await auditedActors(stage, id, 'denied')).toEqual([SECOND_APPROVER]);
  });
});

describe('a change that is approved and not begun', () => {
  it('can be cancelled by whoever asked, and by nobody else', async () => {
    const first = await asked(stage, `disable ${SERVICE} 192.168.100.77`);
    const { id } = await asked(stage, COMMAND);
    // The lane is busy: the first change waits for an answer to its write.
    let let_go: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      let_go = resolve;
    });
    node().proxy.hook = async (passing: Passing) => {
      const reply = await passing.forward();
      if (passing.command.startsWith('disable')) await held;
      passing.answer(reply);
    };
    const writes = node().proxy.writes.length;
    await clickOn(stage, first.id, 'change.approve');
    await expect.poll(() => node().proxy.writes.length).toBe(writes + 1);
    await clickOn(stage, id, 'change.approve');
    await became(stage, id, 'approved');
    expect(await typed(stage, `cancel ${id}`, { user: APPROVER })).toContain(
      'Only the person who asked',
    );
    expect(await typed(stage, `cancel ${id}`)).toContain('Cancelled');
    node().proxy.hook = undefined;
    let_go?.();
    await became(stage, first.id, 'done');
    await expect.poll(() => cardText(stage, id)).toContain(`Cancelled by <@${REQUESTER}>`);
    expect(await stateOf(id)).toBe('cancelled');
    expect(await isOut(node().socket, TARGET)).toBe(false);
    expect(await auditedActors(stage, id, 'cancelled')).toEqual([REQUESTER]);
    expect(cardsOf(stage, id)).toHaveLength(1);
  });
});
