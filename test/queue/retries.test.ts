import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import { type OpenQueue, openWorkQueue } from '../../src/queue/producer.ts';
import { eventually } from '../fakes/eventually.ts';
import { changeRequest } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { approvedOn, openScene, question, type Scene, whisper } from './scene.ts';

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

/** Fails so many times, then works; and the times at which it was tried. */
function flaky(failures: number, thrown: () => unknown) {
  const at: number[] = [];
  return {
    at,
    work: async () => {
      at.push(performance.now());
      if (at.length <= failures) throw thrown();
    },
  };
}

const slackSays = (retryAfterMs?: number) => () =>
  new OperationError('SLACK_UNAVAILABLE', 'busy', {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

describe('a message', () => {
  it('is tried again, and not before the time that Slack named', async () => {
    const card = flaky(2, slackSays(300));
    await scene.process({ refreshCard: card.work });
    await queue.refreshCard('abcd2345', 1);
    await eventually(() => card.at, { timeout: 4_000 }).toHaveLength(3);
    const [first = 0, second = 0, third = 0] = card.at;
    expect(second - first).toBeGreaterThanOrEqual(295);
    expect(third - second).toBeGreaterThanOrEqual(295);
  });

  it('waits longer each time where Slack named none', async () => {
    const said = flaky(2, slackSays());
    await scene.process({ whisper: said.work });
    await queue.whisper(whisper('abcd2345'));
    await eventually(() => said.at, { timeout: 5_000 }).toHaveLength(3);
    const [first = 0, second = 0, third = 0] = said.at;
    expect(second - first).toBeGreaterThanOrEqual(490);
    expect(third - second).toBeGreaterThanOrEqual(990);
  });

  it('does not wait behind one that Slack does not take', async () => {
    await scene.process({
      refreshCard: (changeId) => {
        if (changeId === 'aaaa2222') throw slackSays(60_000)();
        return Promise.resolve();
      },
    });
    await queue.refreshCard('aaaa2222', 1);
    await queue.refreshCard('bbbb2222', 1);
    await queue.whisper(whisper('cccc2222'));
    await eventually(() => [...scene.happened].sort()).toEqual([
      'card aaaa2222',
      'card bbbb2222',
      'whisper cccc2222',
    ]);
  });

  it('is said once, however often it is queued', async () => {
    await scene.process();
    for (let n = 0; n < 3; n += 1) await queue.whisper(whisper('aaaa2222', `try ${n}`));
    await queue.whisper(whisper('bbbb2222'));
    await eventually(() => scene.happened).toEqual(['whisper aaaa2222', 'whisper bbbb2222']);
  });

  it('to a channel is posted once, however often it is queued', async () => {
    await scene.process();
    const notice = { id: 'aaaa2222', channel: 'C0OPS', text: 'frozen', mentions: ['S0OPS'] };
    for (let n = 0; n < 3; n += 1) await queue.notice(notice);
    await queue.whisper(whisper('zzzz2222'));
    await eventually(() => scene.happened).toContain('whisper zzzz2222');
    expect(scene.happened.filter((line) => line === 'notice aaaa2222')).toHaveLength(1);
  });

  it('is asked for again with each revision of the card', async () => {
    await scene.process();
    await queue.refreshCard('aaaa2222', 1);
    await queue.refreshCard('aaaa2222', 2);
    await queue.refreshCard('aaaa2222', 2);
    await queue.whisper(whisper('zzzz2222'));
    await eventually(() => scene.happened).toContain('whisper zzzz2222');
    expect(scene.happened.filter((line) => line === 'card aaaa2222')).toHaveLength(2);
  });

  it('about the end of a change is tried until Slack takes it', async () => {
    const report = flaky(2, slackSays(50));
    await scene.process({ report: report.work });
    await queue.submitApproved(approvedOn('aaaa2222', 'web'), 0);
    await eventually(() => report.at).toHaveLength(3);
    expect(scene.happened.filter((line) => line.startsWith('apply'))).toHaveLength(1);
  });

  it('that can never be delivered is given up and noted', async () => {
    const closed = flaky(9, () => new OperationError('CHANNEL_CLOSED', 'archived'));
    const { warnings } = await scene.process({ whisper: closed.work });
    await queue.whisper(whisper('aaaa2222'));
    await eventually(() => warnings).toContain('A job failed');
    expect(closed.at).toHaveLength(1);
  });
});

describe('a request', () => {
  it('is planned again when Redis was away, and once when all is well', async () => {
    const planning = flaky(1, () => new OperationError('STORE_UNAVAILABLE', 'away'));
    await scene.process({ plan: planning.work });
    const request = changeRequest('aaaa2222');
    await queue.submitPlan(request);
    await queue.submitPlan(request);
    await eventually(() => planning.at, { timeout: 3_000 }).toHaveLength(2);
    expect(scene.happened).toEqual(['plan aaaa2222', 'plan aaaa2222']);
  });

  it('reaches the worker as it was signed', async () => {
    const request = changeRequest('aaaa2222', { command: { reason: 'kernel', on: 'ha-1' } });
    const seen: unknown[] = [];
    await scene.process({ plan: async (given) => void seen.push(given) });
    await queue.submitPlan(request);
    await eventually(() => seen).toEqual([request]);
  });

  it('that is forged is given up at once', async () => {
    const forged = flaky(9, () => new OperationError('BAD_SIGNATURE', 'forged'));
    const { warnings } = await scene.process({ plan: forged.work });
    await queue.submitPlan(changeRequest('aaaa2222'));
    await eventually(() => warnings).toContain('A job failed');
    expect(forged.at).toHaveLength(1);
  });

  it('of a version nobody here knows stays for a worker that does', async () => {
    await queue.submitPlan(changeRequest('aaaa2222'));
    const job = '{lb}:q-plan:plan.aaaa2222';
    const data = (await redis.client.hget(job, 'data')) ?? '';
    await redis.client.hset(job, 'data', data.replace('"v":1', '"v":2'));
    const { warnings } = await scene.process();
    await eventually(() => warnings.join()).toContain('unknown version');
    expect(scene.happened).toEqual([]);
    expect(await redis.client.zcard('{lb}:q-plan:delayed')).toBe(1);
    expect(await redis.client.zcard('{lb}:q-plan:failed')).toBe(0);
  });

  it('that was damaged on its way is not planned', async () => {
    await queue.submitPlan(changeRequest('aaaa2222'));
    const job = '{lb}:q-plan:plan.aaaa2222';
    await redis.client.hset(job, 'data', '{"v":1,"request":{"id":"aaaa2222"}}');
    const { warnings } = await scene.process();
    await eventually(() => warnings).toContain('A job failed');
    expect(scene.happened).toEqual([]);
  });
});

describe('a timer', () => {
  it('rings at its time, once, however often it is set', async () => {
    await scene.process();
    const at = Date.now() + 400;
    for (let n = 0; n < 3; n += 1) await queue.scheduleExpiry('aaaa2222', at);
    await queue.scheduleExpiry('bbbb2222', Date.now() - 5_000);
    await eventually(() => scene.happened).toEqual(['expire bbbb2222']);
    await eventually(() => scene.happened).toEqual(['expire bbbb2222', 'expire aaaa2222']);
    expect(Date.now()).toBeGreaterThanOrEqual(at - 5);
  });

  it('sweeps as soon as a worker starts', async () => {
    let swept = 0;
    await scene.process({
      sweep: () => {
        swept += 1;
      },
    });
    await eventually(() => swept).toBe(1);
  });
});

describe('a question', () => {
  it('is not held up by a change that is being carried out', async () => {
    let letGo: () => void = () => undefined;
    await scene.process({
      apply: () =>
        new Promise<void>((resolve) => {
          letGo = resolve;
        }),
    });
    await queue.submitApproved(approvedOn('aaaa2222', 'web'), 0);
    await eventually(() => scene.happened).toEqual(['apply aaaa2222 web']);
    await queue.submitQuestion(question('bbbb2222'));
    await eventually(() => scene.happened).toContain('question bbbb2222');
    letGo();
  });
});
