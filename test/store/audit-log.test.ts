import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AuditEntry, chainEntry, firstBreak } from '../../src/domain/audit.ts';
import { Secret } from '../../src/domain/secret.ts';
import { redisAuditLog } from '../../src/store/audit-log.ts';
import { handClock } from '../fakes/hand-clock.ts';
import { KEY, NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

const ENTRIES = '{lb}:audit:entries';
const HEAD = '{lb}:audit:head';

let redis: StageRedis;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => redis.client.flushall());
afterAll(() => redis.stop());

const clock = handClock(NOW);
const open = (key = KEY) => redisAuditLog(redis.client, clock, key);
const fact = (n: number) => ({
  kind: 'about-to' as const,
  changeId: 'abcd2345',
  actor: 'U0OPERATE',
  detail: { n, word: 'näïve “quoted”', nothing: undefined },
});

async function written(count: number): Promise<AuditEntry[]> {
  const log = open();
  const entries: AuditEntry[] = [];
  for (let n = 1; n <= count; n += 1) entries.push(await log.append(fact(n)));
  return entries;
}

describe('the audit log', () => {
  it('is empty and whole before anything happened', async () => {
    expect(await open().readAll()).toEqual({ entries: [], headSigned: true });
  });

  it('reads back what was written, in order, with a signed head', async () => {
    const entries = await written(3);
    const read = await open().readAll();
    expect(read).toEqual({ entries: JSON.parse(JSON.stringify(entries)), headSigned: true });
    expect(read.entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(firstBreak(read.entries)).toBeUndefined();
  });

  it('stays one unbroken chain under fifty writers at once, from two processes', async () => {
    const logs = [open(), open()];
    await Promise.all(Array.from({ length: 50 }, (_, n) => logs[n % 2]?.append(fact(n))));
    const { entries, headSigned } = await open().readAll();
    expect(headSigned).toBe(true);
    expect(firstBreak(entries)).toBeUndefined();
    expect(entries.map(({ detail }) => Number(detail.n)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, n) => n),
    );
  });

  it('reads more entries than fit into one answer', async () => {
    const [first] = await written(1);
    const filler = Array.from({ length: 1_999 }, () => JSON.stringify(first));
    await redis.client.rpush(ENTRIES, ...filler);
    expect((await open().readAll()).entries).toHaveLength(2_000);
  });

  const damages: readonly [string, () => Promise<unknown>][] = [
    ['the tail is cut', () => redis.client.rpop(ENTRIES)],
    ['all entries are gone', () => redis.client.del(ENTRIES)],
    ['the head is gone', () => redis.client.del(HEAD)],
    ['the head is older', () => redis.client.hset(HEAD, 'sequence', '2')],
    ['the signature is another', () => redis.client.hset(HEAD, 'signature', 'a'.repeat(64))],
    ['the signature is gone', () => redis.client.hdel(HEAD, 'signature')],
  ];
  it.each(damages)('shows that %s', async (_what, damage) => {
    await written(3);
    await damage();
    expect((await open().readAll()).headSigned).toBe(false);
  });

  it('shows an entry put behind the others by somebody without the key', async () => {
    const [, , last] = await written(3);
    const forged = chainEntry(fact(4), { sequence: 4, at: NOW, previous: last?.hash ?? '' });
    await redis.client.rpush(ENTRIES, JSON.stringify(forged));
    await redis.client.hset(HEAD, 'hash', forged.hash, 'sequence', '4');
    const { entries, headSigned } = await open().readAll();
    expect(firstBreak(entries)).toBeUndefined();
    expect(headSigned).toBe(false);
  });

  it('shows an entry altered in its place, though the head still fits', async () => {
    await written(3);
    const text = (await redis.client.lindex(ENTRIES, 1)) ?? '';
    await redis.client.lset(ENTRIES, 1, text.replace('U0OPERATE', 'U0SOMEONE'));
    const { entries, headSigned } = await open().readAll();
    expect(headSigned).toBe(true);
    expect(firstBreak(entries)?.sequence).toBe(2);
  });

  it('is not vouched for by another key', async () => {
    await written(3);
    const other = open(new Secret('another-signing-key-0123456789abcdefgh'));
    expect((await other.readAll()).headSigned).toBe(false);
  });
});
