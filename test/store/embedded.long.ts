import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startEmbeddedStore } from '../../src/store/embedded/start.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lb-embedded-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('serves 12,000 connections in a row and 300 at once', async () => {
  const store = await startEmbeddedStore({ directory });
  for (let n = 0; n < 12_000; n += 1) {
    const client = new Redis(store.socketPath);
    await client.ping();
    client.disconnect();
  }
  const many = Array.from({ length: 300 }, () => new Redis(store.socketPath));
  expect(new Set(await Promise.all(many.map((client) => client.ping())))).toEqual(
    new Set(['PONG']),
  );
  for (const client of many) client.disconnect();
  await store.stop();
});

it('runs 50,000 jobs, and 2,000 delayed ones after a restart', async () => {
  const first = await startEmbeddedStore({ directory });
  const work = async (socketPath: string, until: (ran: number) => boolean) => {
    let ran = 0;
    const connection = { path: socketPath };
    const count = async () => {
      ran += 1;
    };
    const worker = new Worker('lane', count, { connection, concurrency: 50 });
    worker.on('error', () => {});
    await expect.poll(() => until(ran), { timeout: 200_000 }).toBe(true);
    await worker.close();
  };
  const queue = new Queue('lane', {
    connection: { path: first.socketPath },
    defaultJobOptions: { removeOnComplete: true },
  });
  queue.on('error', () => {});
  for (let batch = 0; batch < 50; batch += 1) {
    await queue.addBulk(Array.from({ length: 1_000 }, () => ({ name: 'apply', data: {} })));
  }
  await work(first.socketPath, (ran) => ran === 50_000);
  const delayed = { name: 'bring back', data: {}, opts: { delay: 2_000 } };
  await queue.addBulk(Array.from({ length: 2_000 }, () => delayed));
  await queue.close();
  await first.stop();

  const second = await startEmbeddedStore({ directory });
  await work(second.socketPath, (ran) => ran === 2_000);
  await second.stop();
});
