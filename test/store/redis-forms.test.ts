import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { producerConnection, workerConnection } from '../../src/queue/connection.ts';
import { assertFit, inspectRedis } from '../../src/store/check-redis.ts';
import { openStore } from '../../src/store/redis.ts';
import { redisStores } from '../../src/store/stores.ts';
import { handClock } from '../fakes/hand-clock.ts';
import { KEY, NOW } from '../fakes/samples.ts';
import {
  type SecureRedis,
  type SentinelRedis,
  startClusterRedis,
  startSecureRedis,
  startSentinelRedis,
} from '../stage/redis-forms.ts';

const fact = { kind: 'planned', changeId: 'abcd2345', actor: 'U0A', detail: {} } as const;

describe('Redis by TLS', () => {
  let redis: SecureRedis;
  beforeAll(async () => {
    redis = await startSecureRedis();
  });
  afterAll(() => redis.stop());

  it('is not trusted unless the authority that was named vouches for it', async () => {
    await expect(openStore(redis.url)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(
        /Connecting to Redis: .*(self-signed|unable to verify|issuer)/,
      ),
    });
    const plain = redis.url.replace('rediss:', 'redis:');
    await expect(openStore(plain)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('takes store and queue connections of a user with the least rights', async () => {
    const place = { url: redis.url, ca: redis.ca.text };
    const store = await openStore(place);
    const stores = redisStores(store, handClock(NOW), KEY);
    await stores.audit.append(fact);
    expect((await stores.audit.readAll()).headSigned).toBe(true);
    expect(await stores.life.current()).toMatch(/^[0-9a-f-]{36}$/);
    await expect(store.set('elsewhere', '1')).rejects.toThrow(/NOPERM/);
    await expect(store.flushall()).rejects.toThrow(/NOPERM/);
    for (const connection of [producerConnection(place), workerConnection(place)]) {
      await expect.poll(() => connection.status).toBe('ready');
      expect(await connection.ping()).toBe('PONG');
      connection.disconnect();
    }
    store.disconnect();
  });

  it('is looked at by INFO where the user may not ask for settings', async () => {
    const store = await openStore({ url: redis.url, ca: redis.ca.text });
    expect((await inspectRedis(store)).map(({ level, text }) => `${level} ${text}`)).toEqual([
      expect.stringMatching(/^OK Redis \d+\.\d+\.\d+ answers$/),
      'OK Redis takes writes',
      'OK Redis evicts nothing (maxmemory-policy noeviction)',
      'OK Redis keeps an append-only file',
    ]);
    store.disconnect();
  });

  it('shows the password in no fault', async () => {
    const wrong = redis.url.replace('lb:', 'lb:hunter2');
    const thrown = await openStore({ url: wrong, ca: redis.ca.text }).catch(
      (error: Error) => error,
    );
    expect(thrown).toMatchObject({ message: expect.stringContaining('WRONGPASS') });
    expect(String(thrown)).not.toContain('hunter2');
  });
});

describe('Redis behind Sentinel', () => {
  let redis: SentinelRedis;
  beforeAll(async () => {
    redis = await startSentinelRedis(1);
  });
  afterAll(() => redis.stop());

  it('is found by the name of its master', async () => {
    const store = await openStore(redis.url);
    const { audit } = redisStores(store, handClock(NOW), KEY);
    await audit.append(fact);
    expect(await redis.client.llen('{lb}:audit:entries')).toBe(1);
    store.disconnect();
  });

  it('of another name is not taken for it, and that is said at once', async () => {
    const began = performance.now();
    await expect(openStore(redis.url.replace('/main', '/other'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('Connecting to Redis: All sentinels are unreachable'),
    });
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('Redis Cluster', () => {
  it('keeps every record in one slot, on one of its servers', async () => {
    const redis = await startClusterRedis();
    try {
      const store = await openStore(redis.url);
      const stores = redisStores(store, handClock(NOW), KEY);
      await stores.audit.append(fact);
      await stores.journal.takeLane('web');
      await stores.seen.note('ha-1', 'shop', ['w1'], NOW);
      await stores.life.current();
      const held = await Promise.all(redis.servers.map((server) => server.dbsize()));
      expect(held.filter((keys) => keys > 0)).toEqual([5]);
      expect(await assertFit(store)).toEqual([]);
      store.disconnect();
    } finally {
      await redis.stop();
    }
  });
});
