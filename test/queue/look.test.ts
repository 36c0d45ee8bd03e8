import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type OpenQueue, openWorkQueue } from '../../src/queue/producer.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { approvedOn, openScene, question, type Scene } from './scene.ts';

let redis: StageRedis;
let queue: OpenQueue;
let scene: Scene;
beforeAll(async () => {
  redis = await startRedis();
  scene = openScene(redis, ['web']);
  queue = openWorkQueue(redis.url);
});
afterEach(() => scene.clear());
afterAll(async () => {
  await queue.close();
  await redis.stop();
});

const approved = (changeId: string) => queue.submitApproved(approvedOn(changeId, 'web'), 0);

describe('a look at the queues', () => {
  it('says what waits, what is next and since when, and what is at work here', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { consumers } = await scene.process({ apply: () => held });
    const looker = await scene.process();
    await approved('aaaa2222');
    await expect.poll(() => scene.happened).toContain('apply aaaa2222 web');
    const before = Date.now();
    await approved('bbbb2222');
    await approved('cccc2222');
    const lookHere = async () => (await consumers.look()).find(({ lane }) => lane === 'web');
    const lookThere = async () =>
      (await looker.consumers.look()).find(({ lane }) => lane === 'web');
    const both = [await lookHere(), await lookThere()];
    expect(both).toEqual([
      expect.objectContaining({ waiting: 2, active: 1, lane: 'web' }),
      expect.objectContaining({ waiting: 2, active: 1, lane: 'web' }),
    ]);
    expect(both.map((look) => look?.busyHere).sort()).toEqual([0, 1]);
    const [here] = both;
    expect(here?.oldest).toMatchObject({ id: 'apply.bbbb2222.0.web', starts: 0 });
    expect(here?.oldest?.at).toBeGreaterThanOrEqual(before - 5);
    expect(here?.oldest?.at).toBeLessThanOrEqual(Date.now());
    release();
    await expect.poll(async () => (await lookHere())?.waiting).toBe(0);
    await expect.poll(lookHere).toMatchObject({ active: 0, busyHere: 0 });
    expect(await lookHere()).not.toHaveProperty('oldest');
  });

  it('names every queue once', async () => {
    const { consumers } = await scene.process();
    await queue.submitQuestion(question('first222'));
    const looks = await consumers.look();
    expect(looks.map((look) => look.queue).sort()).toEqual([
      'q-lane-web',
      'q-plan',
      'q-questions',
      'q-slack',
      'q-timers',
    ]);
  });
});
