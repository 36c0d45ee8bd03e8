import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SecureRedis, startSecureRedis } from '../stage/redis-forms.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { startWorker } from '../stage/worker-process.ts';
import { playMainStory } from './redis-story.ts';

let redis: SecureRedis;
let stage: Stage;
beforeAll(async () => {
  redis = await startSecureRedis();
  stage = await openStage({ redis });
});
afterAll(() => stage.stop());

describe('Redis by TLS, as a user with the least rights', () => {
  it('is all that the main story needs', async () => {
    await playMainStory(stage);
    // One thing was tried that this user may not do, and the product goes on without the answer.
    const log = (await redis.client.call('ACL', 'LOG')) as readonly (readonly unknown[])[];
    const denied = log.map((entry) => entry[entry.indexOf('object') + 1]);
    expect(new Set(denied)).toEqual(new Set(['config|get']));
  });

  it('is found by a worker process from its environment', async () => {
    expect(stage.environment.REDIS_URL).toMatch(/^rediss:\/\/lb:/);
    const worker = await startWorker(stage.environment);
    worker.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
    expect(worker.output()).not.toContain(new URL(redis.url).password);
  });
});
