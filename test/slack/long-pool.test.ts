import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import { refreshCard } from '../../src/operations/announce.ts';
import type { WorkerContext } from '../../src/operations/context.ts';
import type { Announcer } from '../../src/ports/announcer.ts';
import type { LocalSlack } from '../../src/sandbox/slack/local-slack.ts';
import { createAnnouncer } from '../../src/slack/announcer.ts';
import { redisStores } from '../../src/store/stores.ts';
import { fakeDirectory } from '../fakes/fake-people.ts';
import { fakeQueue } from '../fakes/fake-queue.ts';
import { KEY } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { botToken, inventory, keptLog, realClock, startSlack } from './running.ts';
import { member, outcome, plan, record } from './sample.ts';

const pool = Array.from({ length: 100 }, (_, index) => member(`web${index}`));
const of = plan({ pool, members: ['web70'] });
const waiting = record('waiting', { over: { plan: of } });
const done = record('done', { over: { plan: of, outcome: outcome(of, 'verified'), revision: 4 } });

let redis: StageRedis;
let slack: LocalSlack;
let context: WorkerContext;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  slack = await startSlack();
  const log = keptLog();
  const web = { botToken, apiUrl: slack.apiUrl, log };
  context = {
    inventory,
    stores: redisStores(redis.client, realClock, KEY),
    queue: fakeQueue(),
    directory: fakeDirectory(),
    clock: realClock,
    log,
    signingKey: KEY,
    announcer: createAnnouncer({ ...web, identity: async () => ({ botId: 'B0LBBOT' }) }),
    adapterOf: () => {
      throw new Error('No device is looked at here.');
    },
    check: { reach: async () => ({ reached: false, reason: 'not looked at' }) },
    roles: { of: async () => 'none' },
  };
});
afterEach(() => slack.close());
afterAll(() => redis.stop());

/** Puts a record in Redis as it would be read, whatever it was before. */
async function stored(one: typeof waiting) {
  await redis.client.set(`{lb}:change:${one.id}`, JSON.stringify(one));
  await refreshCard(context, one.id);
}

const rest = () =>
  slack.state
    .channel('C0OPS')
    .filter((message) => message.metadata?.event_type === 'lb_change_rest')
    .map((message) => String(message.metadata?.event_payload.part));

const textOf = () => JSON.stringify(slack.state.channel('C0OPS'));

const withAnnouncer = (over: Partial<Announcer>) => {
  context = { ...context, announcer: { ...context.announcer, ...over } };
};

describe('a change of a pool of a hundred members', () => {
  it('has the rest of its table in the thread of its card, once', async () => {
    await stored(waiting);
    const [card, ...replies] = slack.state.channel('C0OPS');
    expect(replies.length).toBeGreaterThan(0);
    expect(replies.length).toBeLessThanOrEqual(3);
    expect(replies.every((reply) => reply.thread_ts === card?.ts)).toBe(true);
    for (const { name } of pool) expect(textOf()).toContain(`${name} `);
    await refreshCard(context, waiting.id);
    await refreshCard(context, waiting.id);
    expect(slack.state.channel('C0OPS')).toHaveLength(1 + replies.length);
  });

  it('has it again for how it ended, before the closing word', async () => {
    await stored(waiting);
    const planned = rest().length;
    await stored(done);
    expect(rest().slice(planned)).toEqual(
      rest()
        .slice(0, planned)
        .map((part) => part.replace('plan', 'outcome')),
    );
    const last = slack.state.channel('C0OPS').at(-1);
    expect(last?.metadata?.event_type).toBe('lb_change_ending');
  });

  it.each([
    ['was taken and not answered', { drop: true, after: true }],
    ['was not taken', { status: 503 }],
    ['had to wait', { retryAfter: 1 }],
  ])('has each part once when a post of them %s', async (_what, fault) => {
    const post = context.announcer.postRest;
    let faulted = false;
    withAnnouncer({
      async postRest(...args) {
        if (!faulted) slack.human.fault({ method: 'chat.postMessage', ...fault });
        faulted = true;
        await post(...args);
      },
    });
    await expect(stored(waiting)).rejects.toMatchObject({ code: 'SLACK_UNAVAILABLE' });
    await refreshCard(context, waiting.id);
    expect(rest()).toEqual([...new Set(rest())]);
    expect(rest()[0]).toBe('plan.1');
    const shown = textOf();
    for (const { name } of pool) expect(shown).toContain(`${name} `);
  });

  it('ends with its word also where the thread takes nothing', async () => {
    await stored(waiting);
    withAnnouncer({
      postRest: async () => {
        throw new OperationError('CHANNEL_CLOSED', 'Posting: Slack said is_archived.');
      },
    });
    await stored(done);
    expect(slack.state.channel('C0OPS').at(-1)?.metadata?.event_type).toBe('lb_change_ending');
    expect(rest().some((part) => part.startsWith('outcome'))).toBe(false);
  });
});
