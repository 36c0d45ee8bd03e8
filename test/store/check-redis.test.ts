import { connect, createServer, type Server } from 'node:net';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assertFit, inspectRedis } from '../../src/store/check-redis.ts';
import { openStore } from '../../src/store/redis.ts';
import { type RedisProcess, startRedisProcess } from '../stage/redis-server.ts';

let server: RedisProcess;
let store: Redis;
beforeAll(async () => {
  server = await startRedisProcess(({ port }) => ['--port', String(port), '--save', '']);
  store = await openStore(`redis://127.0.0.1:${server.port}`);
});
afterEach(async () => {
  await store.config('SET', 'maxmemory-policy', 'noeviction');
  await store.config('SET', 'maxmemory', '0');
  await store.config('SET', 'appendonly', 'no');
  await store.call('REPLICAOF', 'NO', 'ONE');
});
afterAll(async () => {
  store.disconnect();
  await server.stop();
});

const found = async (redis = store) =>
  (await inspectRedis(redis)).map(({ level, text }) => `${level} ${text}`);

/** Between client and server: one word in what the server says is another, of the same length. */
async function saying(word: string, instead: string): Promise<{ url: string; proxy: Server }> {
  const proxy = createServer((client) => {
    const upstream = connect(server.port, '127.0.0.1');
    client.pipe(upstream);
    upstream.on('data', (bytes) =>
      client.write(bytes.toString('latin1').replaceAll(word, instead), 'latin1'),
    );
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { url: `redis://127.0.0.1:${port}`, proxy };
}

describe('a Redis that evicts', () => {
  it.each(['allkeys-lru', 'volatile-lru', 'volatile-ttl'])(
    'by %s is refused, also before it has a limit',
    async (policy) => {
      await store.config('SET', 'maxmemory-policy', policy);
      await expect(assertFit(store)).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: `Redis evicts by ${policy}: jobs and approvals can vanish. Set maxmemory-policy noeviction.`,
      });
    },
  );

  it('is not one that only has a limit: it refuses writes, and keeps what it has', async () => {
    await store.config('SET', 'maxmemory', '100mb');
    await expect(assertFit(store)).resolves.toHaveLength(1);
  });
});

describe('a Redis without an append-only file', () => {
  it('is warned of, and taken', async () => {
    const [warning, ...more] = await assertFit(store);
    expect(more).toEqual([]);
    expect(warning).toMatchObject({ level: 'WARN', advice: expect.stringContaining('appendonly') });
  });

  it('is not warned of when it is the embedded store, which cannot have one', async () => {
    const { url, proxy } = await saying('os:Linux', 'os:wasi ');
    const redis = await openStore(url);
    expect(await assertFit(redis)).toEqual([]);
    redis.disconnect();
    proxy.close();
  });

  it('is warned of too when the file may lack the last second', async () => {
    await store.config('SET', 'appendonly', 'yes');
    expect(await found()).toContain(
      'WARN Redis keeps an append-only file, but with appendfsync everysec: the last second can be lost',
    );
    await store.config('SET', 'appendfsync', 'always');
    expect(await assertFit(store)).toEqual([]);
    await store.config('SET', 'appendfsync', 'everysec');
  });
});

describe('a Redis that cannot be used', () => {
  it('because it is a replica is refused', async () => {
    await store.call('REPLICAOF', '127.0.0.1', '1');
    await expect(assertFit(store)).rejects.toThrow(/is a replica .* REDIS_URL/);
  });

  it.each([
    [
      'redis_version:7.0.',
      'redis_version:6.2.',
      /^Redis 6\.2\.\d+ is too old\. Redis 7\.0 or newer/,
    ],
    ['redis_version:', 'other_version:', /^What answers is no Redis\./],
  ])('because it says %s -> %s is refused', async (word, instead, reason) => {
    const { url, proxy } = await saying(word, instead);
    const redis = await openStore(url);
    await expect(assertFit(redis)).rejects.toThrow(reason);
    redis.disconnect();
    proxy.close();
  });

  it('because INFO is not allowed is refused', async () => {
    await store.call('ACL', 'SETUSER', 'blind', 'on', '>pw', '~*', '+@all', '-info', '-@dangerous');
    const redis = await openStore(`redis://blind:pw@127.0.0.1:${server.port}`);
    await expect(assertFit(redis)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('Asking Redis about itself: NOPERM'),
    });
    redis.disconnect();
  });
});
