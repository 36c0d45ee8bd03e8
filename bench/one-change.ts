import { systemClock } from '../src/bin/system-clock.ts';
import { Secret } from '../src/domain/secret.ts';
import type { ApiCall } from '../src/sandbox/slack/wire.ts';
import { redisStores } from '../src/store/stores.ts';
import type { BenchBalancer } from './balancers.ts';
import { APPROVER, CHANNEL } from './inventory.ts';
import { changeIdIn, SIGNING_KEY, type Site, type } from './site.ts';
import { epochMs, setClock, until } from './time.ts';

/** One change from the command to the card, in ms since it was accepted (or since the approver's click). */
export interface ChangeSample {
  /** When it was accepted or clicked, in ms since the epoch. */
  readonly from: number;
  readonly ackMs: number;
  /** Until HAProxy itself said so, on the last of the nodes. */
  readonly changedMs: number;
  /** Until the edit of the card with the outcome reached Slack. */
  readonly postedMs: number;
}

export type Verb = 'disable' | 'enable';

const WITHIN_MS = 30_000;

/** The newest call of Slack's Web API that fits; nothing older than `since` is looked at. */
function callOf(
  site: Pick<Site, 'slack'>,
  since: number,
  fits: (call: ApiCall, text: string) => boolean,
): ApiCall | undefined {
  const { calls } = site.slack.state;
  for (let index = calls.length - 1; index >= 0; index -= 1) {
    const call = calls[index];
    if (call === undefined || call.at < since) return undefined;
    if (fits(call, String(call.args.text ?? ''))) return call;
  }
  return undefined;
}

const about = (call: ApiCall, id: string) => JSON.stringify(call.args.metadata ?? '').includes(id);

/** The edit that shows the outcome, and the closing word behind it, after which nothing more comes. */
async function settled(site: Site, id: string, verb: Verb, since: number): Promise<ApiCall> {
  const words = `is ${verb}d in`;
  const card = await until(`The outcome of ${id}`, WITHIN_MS, () =>
    callOf(
      site,
      since,
      (call, text) => call.args.thread_ts === undefined && about(call, id) && text.includes(words),
    ),
  );
  await until(`The closing word of ${id}`, WITHIN_MS, () =>
    callOf(
      site,
      since,
      (call) => call.args.thread_ts !== undefined && about(call, id) && call.result === 'ok',
    ),
  );
  return card;
}

/** Types a change of one member, sees it through, and returns when nothing more is under way. */
export async function oneChange(
  site: Site,
  nodes: readonly BenchBalancer[],
  change: { readonly verb: Verb; readonly service: string; readonly member: string },
): Promise<ChangeSample> {
  const { verb, service, member } = change;
  setClock();
  const typedAt = epochMs();
  const { ackMs, answer } = await type(site, `${verb} ${service} ${member}`);
  const id = changeIdIn(answer);
  const approvedAt = needsApproval(site) ? await approve(site, id, typedAt) : undefined;
  const state = verb === 'disable' ? 'out' : 'in';
  const words = await Promise.all(nodes.map((node) => node.heard(member, state, typedAt)));
  const card = await settled(site, id, verb, typedAt);
  const record = await redisStores(site.client, systemClock, new Secret(SIGNING_KEY)).changes.get(
    id,
  );
  if (record?.state !== 'done') throw new Error(`Change ${id} ended as ${record?.state}.`);
  // Whole milliseconds, cut: what is measured from here is at most one millisecond too long, never too short.
  const from = approvedAt ?? record.request.acceptedAt;
  return {
    from,
    ackMs,
    changedMs: Math.max(...words.map(({ at }) => at)) - from,
    postedMs: card.at - from,
  };
}

function needsApproval(site: Site): boolean {
  return [...site.inventory.environments.values()].some(({ approval }) => approval.required > 0);
}

/** Waits for the card with its buttons and clicks Approve; returns when that was (ms since the epoch). */
async function approve(site: Site, id: string, since: number): Promise<number> {
  await until(`The card of ${id}`, WITHIN_MS, () =>
    callOf(site, since, (call) => about(call, id) && call.result === 'ok'),
  );
  const card = site.slack.state.messages.findLast((message) =>
    JSON.stringify(message.metadata ?? '').includes(id),
  );
  if (card === undefined) throw new Error(`The card of ${id} is gone.`);
  const at = epochMs();
  await site.slack.human.click({
    user: APPROVER,
    channel: CHANNEL,
    ts: card.ts,
    action_id: 'change.approve',
  });
  return at;
}
