import { expect, vi } from 'vitest';
import type { ChangeRecord, ChangeState } from '../../src/domain/change.ts';
import type { Acted } from '../../src/sandbox/slack/human.ts';
import type { ClickInput, CommandInput } from '../../src/sandbox/slack/human-schema.ts';
import { isObject, type SlackMessage } from '../../src/sandbox/slack/wire.ts';
import { APPROVER, CHANNEL, REQUESTER } from '../stage/inventory.ts';
import type { Stage } from '../stage/stage.ts';

/** What people do on a stage and what can be seen of it; more exact than `Stage.type` and `Stage.click`. */

export type Action = 'change.approve' | 'change.deny' | 'change.cancel';

/** Types a command; resolves with the words of the ephemeral answer. */
export async function typed(
  stage: Stage,
  text: string,
  more: Partial<CommandInput> = {},
): Promise<string> {
  return answerOf(
    await stage.slack.human.command({
      user: REQUESTER,
      channel: CHANNEL,
      command: '/lb',
      text,
      ...more,
    }),
  );
}

/** The words of an acknowledgement, which must be for the asker alone. */
export function answerOf(acted: Acted): string {
  expect(acted).toMatchObject({ ok: true, answer: { response_type: 'ephemeral' } });
  return String(acted.answer?.text);
}

function isCardOf(message: SlackMessage, changeId: string): boolean {
  const { metadata } = message;
  return metadata?.event_type === 'lb_change' && metadata.event_payload.id === changeId;
}

/** Every card of a change, wherever it stands, oldest first. */
export function cardsOf(stage: Stage, changeId: string): readonly SlackMessage[] {
  return stage.slack.state.messages.filter((message) => isCardOf(message, changeId));
}

/** Everything one card says now. */
export function cardText(stage: Stage, changeId: string): string {
  return JSON.stringify(cardsOf(stage, changeId).map(({ text, blocks }) => ({ text, blocks })));
}

/** Clicks on the newest card of a change. `stale` presses a button that an edit has removed. */
export function clickOn(
  stage: Stage,
  changeId: string,
  action: Action,
  user: string = APPROVER,
  more: Partial<ClickInput> = {},
): Promise<Acted> {
  const card = cardsOf(stage, changeId).at(-1);
  if (card === undefined) throw new Error(`There is no card of ${changeId}.`);
  const { channel, ts } = card;
  return stage.slack.human.click({ user, channel, ts, action_id: action, ...more });
}

/** Resolves when the card of this change has its buttons. */
export async function untilAsked(stage: Stage, changeId: string): Promise<void> {
  await vi.waitFor(() => expect(cardText(stage, changeId)).toContain('change.cancel'), {
    timeout: 30_000,
    interval: 20,
  });
}

/** Types a change that then waits for a decision on its card. */
export async function asked(
  stage: Stage,
  text: string,
  more: Partial<CommandInput> = {},
): Promise<ChangeRecord> {
  const id = idIn(await typed(stage, text, more));
  const record = await became(stage, id, 'waiting');
  await untilAsked(stage, id);
  return record;
}

/** The id of the change in an answer such as `⏳ Planning: … Change q7k2m9xt; …`. */
export function idIn(words: string): string {
  const id = /Change `([a-z0-9]{8})`/.exec(words)?.[1];
  if (id === undefined) throw new Error(`No change is named in: ${words}`);
  return id;
}

/** The record once it is in this state. */
export async function became(
  stage: Stage,
  changeId: string,
  state: ChangeState,
  withinMs = 30_000,
): Promise<ChangeRecord> {
  return vi.waitFor(
    async () => {
      const record = await stage.records.changes.get(changeId);
      if (record?.state === state) return record;
      const why = record?.fault ?? record?.outcome?.fault;
      throw new Error(`${changeId} is ${record?.state}, not ${state}: ${JSON.stringify(why)}`);
    },
    { timeout: withinMs, interval: 20 },
  );
}

/** What the product told this person alone, oldest first. */
export function told(stage: Stage, user: string): readonly string[] {
  return stage.slack.state.ephemerals(user).map(({ text }) => text);
}

/** How many requests were ever put in the queue of plans. */
export async function requestsQueued(stage: Stage): Promise<number> {
  return (await stage.redis.client.keys('{lb}:q-plan:plan.*')).length;
}

/** Nothing was queued, recorded or said in the channel. */
export async function expectNothingTaken(stage: Stage): Promise<void> {
  expect(await requestsQueued(stage)).toBe(0);
  expect(await stage.records.changes.recent(10)).toEqual([]);
  expect(stage.slack.state.channel(CHANNEL)).toEqual([]);
}

/** Who is named by the audit entries of one kind about a change. */
export async function auditedActors(
  stage: Stage,
  changeId: string,
  kind: 'approved' | 'refused' | 'denied' | 'cancelled' | 'expired',
): Promise<readonly string[]> {
  const { entries } = await stage.records.audit.readAll();
  return entries
    .filter((entry) => entry.changeId === changeId && entry.kind === kind)
    .map(({ actor }) => actor);
}

/** Every string under a value, with the type of the text object it stands in. */
export function textsIn(value: unknown, type?: unknown): { text: string; type: unknown }[] {
  if (typeof value === 'string') return [{ text: value, type }];
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, type));
  if (!isObject(value)) return [];
  return Object.values(value).flatMap((item) => textsIn(item, value.type));
}
