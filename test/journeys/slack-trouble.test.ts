import { afterEach, describe, expect, it } from 'vitest';
import type { FaultInput } from '../../src/sandbox/slack/human-schema.ts';
import { APPROVER, CHANNEL, REQUESTER, SERVICE } from '../stage/inventory.ts';
import { openStage, type Stage, type StageOptions } from '../stage/stage.ts';
import {
  asked,
  became,
  cardsOf,
  cardText,
  clickOn,
  idIn,
  told,
  typed,
  untilAsked,
} from './acting.ts';

const TARGET = '192.168.100.78';
const COMMAND = `disable ${SERVICE} ${TARGET}`;

let stage: Stage;
const opened = async (slack: StageOptions['slack'] = {}) => {
  stage = await openStage({ nodes: 1, slack });
};
afterEach(() => stage.stop());

const callsOf = (method: string) =>
  stage.slack.state.calls.filter((call) => call.method === method);

const endings = () =>
  stage.slack.state.messages.filter(({ metadata }) => metadata?.event_type === 'lb_change_ending');

/** The outcome stands in the newest card, and one closing word was said. */
async function expectOutcome(id: string, cards: number) {
  await became(stage, id, 'done');
  await expect.poll(() => cardText(stage, id), { timeout: 6_000 }).toContain('is disabled in');
  await expect.poll(() => endings().length, { timeout: 6_000 }).toBe(1);
  expect(cardsOf(stage, id)).toHaveLength(cards);
}

describe('the post of a card', () => {
  const faults: [what: string, fault: Omit<Exclude<FaultInput, { clear: true }>, 'method'>][] = [
    ['the rate limit', { retryAfter: 1 }],
    ['an outage of Slack', { status: 503 }],
    ['a connection cut before it arrived', { drop: true }],
    ['a connection cut after it arrived', { drop: true, after: true }],
    ['an error 500 after it arrived', { status: 500, after: true }],
  ];

  it.each(faults)(
    'that met %s is delivered later, and one card stands in the channel',
    async (_what, fault) => {
      await opened();
      stage.slack.human.fault({ method: 'chat.postMessage', ...fault });
      const { id } = await asked(stage, COMMAND);
      const arrived = fault.after === true ? 1 : 1 + (fault.times ?? 1);
      expect(callsOf('chat.postMessage')).toHaveLength(arrived);
      expect(cardsOf(stage, id)).toHaveLength(1);
      const [first, second] = callsOf('chat.postMessage');
      if (fault.retryAfter !== undefined) {
        expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(
          fault.retryAfter * 1_000,
        );
        expect(callsOf('conversations.history')).toEqual([]);
      } else {
        await expect.poll(() => callsOf('conversations.history').length).toBeGreaterThan(0);
      }
      await expect.poll(async () => (await stage.records.cards.get(id)).place).toBeDefined();
      await clickOn(stage, id, 'change.approve');
      await expectOutcome(id, 1);
      expect(cardText(stage, id)).not.toContain('may be a copy');
    },
  );

  it('that cannot be looked for says in the second card that it may be a copy; only that one decides', async () => {
    await opened({
      scopes: [
        'commands',
        'chat:write',
        'channels:read',
        'users:read',
        'usergroups:read',
        'im:write',
      ],
    });
    stage.slack.human.fault({ method: 'chat.postMessage', drop: true, after: true });
    const id = idIn(await typed(stage, COMMAND));
    await expect.poll(() => cardsOf(stage, id).length, { timeout: 5_000 }).toBe(2);
    await expect.poll(async () => (await stage.records.cards.get(id)).place).toBeDefined();
    const [first, second] = cardsOf(stage, id);
    expect(JSON.stringify(first?.blocks)).not.toContain('may be a copy');
    expect(JSON.stringify(second?.blocks)).toContain('may be a copy');

    await clickOn(stage, id, 'change.approve', APPROVER, { ts: first?.ts ?? '' });
    await expect.poll(() => told(stage, APPROVER).join('\n')).toContain('old card');
    expect((await stage.records.changes.get(id))?.state).toBe('waiting');
    await clickOn(stage, id, 'change.approve');
    await expectOutcome(id, 2);
  });
});

describe('a channel that takes no message from the bot', () => {
  it('from the beginning: the card goes to whoever asked, as a direct message', async () => {
    await opened();
    stage.slack.human.admin({ channel: CHANNEL, remove: ['U0LBBOT'] });
    const { id, plan } = await asked(stage, COMMAND);
    const [card] = cardsOf(stage, id);
    expect(card?.channel).toBe(`D${REQUESTER.slice(1)}`);
    await typed(stage, `approve ${id} ${plan?.digest.slice(0, 4)}`, { user: APPROVER });
    await expectOutcome(id, 1);
    expect(stage.slack.state.channel(CHANNEL)).toEqual([]);
  });

  it('when its post was cut off as well: the second direct message says that it may be a copy', async () => {
    await opened();
    stage.slack.human.admin({ channel: CHANNEL, remove: ['U0LBBOT'] });
    const channel = `D${REQUESTER.slice(1)}`;
    stage.slack.human.fault({ method: 'chat.postMessage', channel, drop: true, after: true });
    const id = idIn(await typed(stage, COMMAND));
    await expect.poll(() => cardsOf(stage, id).length, { timeout: 5_000 }).toBe(2);
    const [first, second] = cardsOf(stage, id);
    expect(JSON.stringify(first?.blocks)).not.toContain('may be a copy');
    expect(JSON.stringify(second?.blocks)).toContain('may be a copy');
  });

  it('since the outcome was edited in: whoever asked gets the outcome instead of the closing word', async () => {
    await opened();
    const { id } = await asked(stage, COMMAND);
    stage.slack.human.fault({ method: 'chat.postMessage', channel: CHANNEL, error: 'is_archived' });
    await clickOn(stage, id, 'change.deny');
    await expect.poll(() => cardsOf(stage, id).length, { timeout: 5_000 }).toBe(2);
    const [, direct] = cardsOf(stage, id);
    expect(direct?.channel).toBe(`D${REQUESTER.slice(1)}`);
    expect(JSON.stringify(direct?.blocks)).toContain('Denied by');
    await expect.poll(async () => (await stage.records.cards.get(id)).ending).toBe('posted');
  });

  it.each([
    ['the bot was removed', { channel: CHANNEL, remove: ['U0LBBOT'] }],
    ['the channel was archived', { channel: CHANNEL, archived: true }],
  ])('since %s: the outcome goes to whoever asked, as a direct message', async (_what, act) => {
    await opened();
    const { id, plan } = await asked(stage, COMMAND);
    stage.slack.human.admin(act);
    const words = `approve ${id} ${plan?.digest.slice(0, 4)}`;
    await typed(stage, words, { user: APPROVER, force: true });
    await expectOutcome(id, 2);
    const [old, now] = cardsOf(stage, id);
    expect(old?.channel).toBe(CHANNEL);
    expect(now?.channel).toBe(`D${REQUESTER.slice(1)}`);
    expect(JSON.stringify(now?.blocks)).toContain('is disabled in');
  });
});

describe('the edit of a card', () => {
  const faults: [what: string, fault: Omit<Exclude<FaultInput, { clear: true }>, 'method'>][] = [
    ['the rate limit', { retryAfter: 1 }],
    ['an outage of Slack', { status: 502 }],
    ['a cut connection', { drop: true }],
    ['a connection cut after it arrived', { drop: true, after: true }],
  ];

  it.each(faults)('that met %s is made later, in the same message', async (_what, fault) => {
    await opened();
    const { id } = await asked(stage, COMMAND);
    stage.slack.human.fault({ method: 'chat.update', ...fault });
    await clickOn(stage, id, 'change.deny');
    await expect.poll(() => cardText(stage, id), { timeout: 6_000 }).toContain('Denied by');
    await expect.poll(() => endings().length, { timeout: 6_000 }).toBe(1);
    expect(cardsOf(stage, id)).toHaveLength(1);
    expect(callsOf('chat.update')).toHaveLength(1 + (fault.times ?? 1));
  });

  it('that comes after the edit window is a new message, and the old one decides nothing', async () => {
    await opened();
    const { id } = await asked(stage, COMMAND);
    const writes = () => stage.proxies.flatMap((proxy) => proxy.writes);
    stage.slack.human.fault({ method: 'chat.update', error: 'edit_window_closed' });
    await clickOn(stage, id, 'change.approve');
    await expectOutcome(id, 2);
    const [old, now] = cardsOf(stage, id);
    expect(JSON.stringify(now?.blocks)).toContain('is disabled in');
    expect(writes()).toHaveLength(1);
    await clickOn(stage, id, 'change.approve', APPROVER, { ts: old?.ts ?? '' });
    await expect.poll(() => told(stage, APPROVER).join('\n')).toContain('is over');
    expect(writes()).toHaveLength(1);
  });

  it('that comes after the edit window is one new message, also when its post is cut off', async () => {
    await opened();
    const { id } = await asked(stage, COMMAND);
    stage.slack.human.fault({ method: 'chat.update', error: 'edit_window_closed', times: 2 });
    stage.slack.human.fault({ method: 'chat.postMessage', drop: true });
    await clickOn(stage, id, 'change.deny');
    await became(stage, id, 'denied');
    await expect.poll(() => cardText(stage, id), { timeout: 6_000 }).toContain('Denied by');
    expect(cardsOf(stage, id)).toHaveLength(2);
  });
});

describe('words beside the card', () => {
  it('the closing word is said once, also when its post was cut off after it arrived', async () => {
    await opened();
    const { id } = await asked(stage, COMMAND);
    stage.slack.human.fault({ method: 'chat.postMessage', drop: true, after: true });
    await clickOn(stage, id, 'change.approve');
    await expectOutcome(id, 1);
    await expect.poll(async () => (await stage.records.cards.get(id)).ending).toBe('posted');
    expect(endings()).toHaveLength(1);
  });

  it('an answer that met the rate limit comes later', async () => {
    await opened();
    stage.slack.human.fault({ method: 'chat.postEphemeral', retryAfter: 1 });
    await typed(stage, `status ${SERVICE}`);
    await expect
      .poll(() => told(stage, REQUESTER).join('\n'), { timeout: 4_000 })
      .toContain('5 of 5 available');
    expect(callsOf('chat.postEphemeral')).toHaveLength(2);
  });

  it('a command typed while posts fail is planned all the same', async () => {
    await opened();
    stage.slack.human.fault({ method: 'chat.postMessage', status: 503, times: 1_000 });
    const id = idIn(await typed(stage, COMMAND));
    await became(stage, id, 'waiting');
    await expect.poll(() => callsOf('chat.postMessage').length).toBeGreaterThan(0);
    expect(cardsOf(stage, id)).toEqual([]);
    stage.slack.human.fault({ clear: true });
    await untilAsked(stage, id);
    expect(cardsOf(stage, id)).toHaveLength(1);
  });
});
