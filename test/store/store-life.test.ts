import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoreLife } from '../../src/ports/records.ts';
import { openStore } from '../../src/store/redis.ts';
import { redisStoreLife } from '../../src/store/store-life.ts';
import { DURABLE, type RedisProcess, startRedisProcess } from '../stage/redis-server.ts';

let server: RedisProcess;
let store: Redis;
let life: StoreLife;

const plain = ({ port }: { port: number }) => ['--port', String(port)];
const durable = (place: { port: number }) => [...plain(place), ...DURABLE];

async function open(args: typeof plain) {
  server = await startRedisProcess(args);
  store = await openStore(`redis://127.0.0.1:${server.port}`);
  life = redisStoreLife(store);
}

async function startAgain() {
  await server.end('SIGKILL');
  await server.start();
  await expect.poll(() => store.status).toBe('ready');
}

afterEach(async () => {
  store.disconnect();
  await server.stop();
});

describe('the life of a store', () => {
  beforeEach(() => open(durable));

  it('is the same for everybody who asks at once, the first time and later', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => life.current()));
    expect(new Set(all).size).toBe(1);
    expect(await life.current()).toBe(all[0]);
  });

  it('goes on when a durable server is started again', async () => {
    const first = await life.current();
    await startAgain();
    expect(await life.current()).toBe(first);
    expect(await life.current()).toBe(first);
  });

  it('is another when the store is empty', async () => {
    const first = await life.current();
    await store.flushall();
    expect(await life.current()).not.toBe(first);
  });

  it('is told to be unlooked until somebody has looked, once per life', async () => {
    const first = await life.unlooked();
    expect(first).toBe(await life.current());
    await life.noteLooked(first ?? '');
    expect(await life.unlooked()).toBeUndefined();
    await store.flushall();
    const second = await life.unlooked();
    expect(second).not.toBe(first);
    // Whoever looked in the life before has not looked in this one.
    await life.noteLooked(first ?? '');
    expect(await life.unlooked()).toBe(second);
  });
});

describe('the life of a store without an append-only file', () => {
  beforeEach(() => open(plain));

  it('ends when the server is started again, also with what it saved', async () => {
    const first = await life.current();
    await store.save();
    await startAgain();
    expect(await store.exists('{lb}:life')).toBe(1);
    expect(await life.current()).not.toBe(first);
  });
});

describe('the life of a store whose copy took over', () => {
  let copy: RedisProcess;
  beforeAll(async () => {
    copy = await startRedisProcess(durable);
  });
  afterAll(() => copy.stop());

  it('is another, though the copy is durable and has everything', async () => {
    await open(durable);
    const first = await life.current();
    const ofCopy = await openStore(`redis://127.0.0.1:${copy.port}`);
    await ofCopy.call('REPLICAOF', '127.0.0.1', String(server.port));
    await expect
      .poll(() => ofCopy.hget('{lb}:life', 'life').catch(() => undefined), { timeout: 10_000 })
      .toBe(first);
    await ofCopy.call('REPLICAOF', 'NO', 'ONE');
    const promoted = redisStoreLife(ofCopy);
    const second = await promoted.current();
    expect(second).not.toBe(first);
    expect(await promoted.current()).toBe(second);
    ofCopy.disconnect();
  });
});
