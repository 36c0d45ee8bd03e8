import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CardStore } from '../../src/ports/records.ts';
import { redisAnswers } from '../../src/store/answers.ts';
import { redisCards } from '../../src/store/cards.ts';
import { eventually } from '../fakes/eventually.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

const WRITER = '{lb}:card:abcd2345:writer';
const BUSY = expect.objectContaining({
  code: 'SLACK_UNAVAILABLE',
  retryAfterMs: expect.any(Number),
});

let redis: StageRedis;
let cards: CardStore;
beforeAll(async () => {
  redis = await startRedis();
  cards = redisCards(redis.client);
});
beforeEach(() => redis.client.flushall());
afterAll(() => redis.stop());

/** Somebody who writes the card until they are told to end. */
async function writer(store = cards) {
  let end: (value: string) => void = () => undefined;
  let begun: () => void = () => undefined;
  const isAtWork = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const done = store.alone('abcd2345', () => {
    begun();
    return new Promise<string>((resolve) => {
      end = resolve;
    });
  });
  await isAtWork;
  return { done, end: () => end('written') };
}

describe('where a card stands', () => {
  it('is nowhere before the first post, and then where it was put', async () => {
    expect(await cards.get('abcd2345')).toEqual({ revisionShown: -1, ending: 'none' });
    const shown = {
      place: { channel: 'C0OPS', ts: '1.2' },
      revisionShown: 3,
      ending: 'begun' as const,
    };
    await cards.put('abcd2345', shown);
    expect(await cards.get('abcd2345')).toEqual(shown);
    expect(await cards.get('zzzz2345')).toEqual({ revisionShown: -1, ending: 'none' });
  });
});

describe('writing a card alone', () => {
  it('keeps everybody else out, who shall come back a little later', async () => {
    const first = await writer();
    let entered = false;
    const second = cards.alone('abcd2345', async () => {
      entered = true;
    });
    await expect(second).rejects.toEqual(BUSY);
    expect(entered).toBe(false);
    expect(await cards.alone('zzzz2345', async () => 'another card')).toBe('another card');
    first.end();
    expect(await first.done).toBe('written');
    expect(await cards.alone('abcd2345', async () => 'now')).toBe('now');
  });

  it('is over when the work fails', async () => {
    const failing = cards.alone('abcd2345', () => Promise.reject(new Error('Slack said no')));
    await expect(failing).rejects.toThrow('Slack said no');
    expect(await redis.client.exists(WRITER)).toBe(0);
  });

  it('is over within five seconds when the writer died', async () => {
    const left = await cards.alone('abcd2345', () => redis.client.pttl(WRITER));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5_000);
  });

  it('goes on for as long as the work takes', async () => {
    const slow = await writer();
    await redis.client.pexpire(WRITER, 2_000);
    await eventually(() => redis.client.pttl(WRITER), { timeout: 3_000 }).toBeGreaterThan(2_500);
    slow.end();
    await slow.done;
  });

  it('does not end the turn of whoever came after a writer that was too slow', async () => {
    const slow = await writer();
    await redis.client.del(WRITER);
    const next = await writer();
    slow.end();
    await slow.done;
    await expect(cards.alone('abcd2345', async () => 'third')).rejects.toEqual(BUSY);
    next.end();
    await next.done;
  });
});

describe('answers for the shell', () => {
  it('are there for ten minutes', async () => {
    const answers = redisAnswers(redis.client);
    const answer = { kind: 'fault', fault: { code: 'USAGE', message: 'no' } } as const;
    await answers.put('abcd2345', answer);
    expect(await answers.get('abcd2345')).toEqual(answer);
    expect(await answers.get('zzzz2345')).toBeUndefined();
    const left = await redis.client.pttl('{lb}:answer:abcd2345');
    expect(left).toBeGreaterThan(590_000);
    expect(left).toBeLessThanOrEqual(600_000);
  });
});
