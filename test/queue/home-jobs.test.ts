import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import { type OpenQueue, openWorkQueue } from '../../src/queue/producer.ts';
import { gateway } from '../slack/running.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openScene, type Scene } from './scene.ts';

let redis: StageRedis;
let queue: OpenQueue;
let scene: Scene;
beforeAll(async () => {
  redis = await startRedis();
  queue = openWorkQueue(redis.url);
  scene = openScene(redis, ['web']);
});
afterEach(() => scene.clear());
afterAll(async () => {
  await queue.close();
  await redis.stop();
});

const homes = () => scene.happened.filter((line) => line.startsWith('home '));

it('a Home tab asked for many times at once is drawn once, for each person', async () => {
  await scene.process();
  await Promise.all(['U0A', 'U0A', 'U0B', 'U0A'].map((user) => queue.publishHome(user)));
  await expect.poll(homes, { timeout: 5_000 }).toHaveLength(2);
  expect([...homes()].sort()).toEqual(['home U0A', 'home U0B']);
  // It can be asked for again: the first job left nothing behind.
  await queue.publishHome('U0A');
  await expect.poll(homes, { timeout: 5_000 }).toHaveLength(3);
});

it('a Home tab asked for while it is drawn is drawn again: it may have been read before', async () => {
  const drawing = gateway();
  await scene.process({ publishHome: () => drawing.opened });
  await queue.publishHome('U0A');
  await expect.poll(homes, { timeout: 5_000 }).toHaveLength(1);
  await queue.publishHome('U0A');
  await queue.publishHome('U0A');
  drawing.open();
  await expect.poll(homes, { timeout: 5_000 }).toHaveLength(2);
});

it('a Home tab that Slack does not take is tried again', async () => {
  let tries = 0;
  await scene.process({
    publishHome: () => {
      tries += 1;
      if (tries === 1) throw new OperationError('SLACK_UNAVAILABLE', 'no', { retryAfterMs: 50 });
    },
  });
  await queue.publishHome('U0A');
  await expect.poll(() => tries, { timeout: 5_000 }).toBe(2);
});

it('a user id that is none is not queued', async () => {
  await expect(queue.publishHome('no id')).rejects.toMatchObject({ code: 'INTERNAL' });
});
