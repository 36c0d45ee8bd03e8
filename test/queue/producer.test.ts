import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
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
  scene = openScene(redis, ['web', 'db']);
  queue = openWorkQueue(redis.url);
  // The first job of a connection takes longer: it has to be made.
  await queue.submitQuestion(question('first222'));
  await redis.client.flushall();
});
afterEach(() => redis.client.flushall());
afterAll(async () => {
  await queue.close();
  await redis.stop();
});

/** Every way to queue something, each with an id of its own. */
const submissions = (suffix: string): readonly [string, () => Promise<void>][] => [
  ['plan', () => queue.submitPlan(changeRequest(`plan${suffix}`))],
  ['question', () => queue.submitQuestion(question(`ques${suffix}`))],
  ['approved', () => queue.submitApproved(approvedOn(`appr${suffix}`, 'web'), 0)],
  ['expiry', () => queue.scheduleExpiry(`expi${suffix}`, Date.now() + 60_000)],
  ['wake', () => queue.scheduleWake(`wake${suffix}`, 1e13)],
  ['card', () => queue.refreshCard(`card${suffix}`, 1)],
  ['whisper', () => queue.whisper(whisper(`whis${suffix}`))],
];

const allIds = async () => {
  const queues = ['q-plan', 'q-questions', 'q-lane-web', 'q-slack', 'q-timers'];
  return (await Promise.all(queues.map((name) => scene.jobIds(name)))).flat();
};

async function ends(suffix: string) {
  return Promise.all(
    submissions(suffix).map(async ([name, submit]) => {
      const started = performance.now();
      const fault = await submit().then(
        () => ({ code: 'queued', message: '' }),
        (thrown: { code: string; message: string }) => thrown,
      );
      const { code, message } = fault;
      return { name, code, message, ms: performance.now() - started };
    }),
  );
}

describe('queueing', () => {
  it('puts each kind of job where its workers are', async () => {
    expect((await ends('2222')).map(({ code }) => code)).toEqual(Array(7).fill('queued'));
    expect(await scene.jobIds('q-plan')).toEqual(['plan.plan2222']);
    expect(await scene.jobIds('q-questions')).toEqual(['question.ques2222']);
    expect(await scene.jobIds('q-lane-web')).toEqual(['apply.appr2222.0.web']);
    expect(await scene.jobIds('q-timers')).toEqual([
      'expire.expi2222',
      'wake.wake2222.10000000000000',
    ]);
    expect(await scene.jobIds('q-slack')).toEqual([
      'card.card2222.1',
      'report.appr2222.0',
      'whisper.whis2222',
    ]);
  });

  it('takes two deliveries of one request for one job', async () => {
    const request = changeRequest('abcd2345');
    await Promise.all([queue.submitPlan(request), queue.submitPlan(request)]);
    await queue.submitPlan(changeRequest('abcd2345', { acceptedAt: 5 }));
    expect(await scene.jobIds('q-plan')).toEqual(['plan.abcd2345']);
    expect(await redis.client.llen('{lb}:q-plan:wait')).toBe(1);
  });

  it('takes requests with different ids for different jobs', async () => {
    await queue.submitPlan(changeRequest('abcd2345'));
    await queue.submitPlan(changeRequest('efgh2345'));
    expect(await redis.client.llen('{lb}:q-plan:wait')).toBe(2);
  });

  it('refuses what is larger than 64 KiB, in words that do not blame Redis', async () => {
    const members = Array.from({ length: 200 }, (_, n) => `m${n}`.padEnd(300, 'x'));
    const large = changeRequest('abcd2345', { command: { members, reason: '→'.repeat(4_000) } });
    await expect(queue.submitPlan(large)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/too large, 65536 are allowed: nothing was queued/),
    });
    expect(await allIds()).toEqual([]);
    await queue.submitPlan(changeRequest('abcd2345', { command: { members } }));
  });

  it.each([
    ['an id that is no id', changeRequest('ab:cd')],
    ['no member', changeRequest('abcd2345', { command: { members: [] } })],
    ['a signature that is none', { ...changeRequest('abcd2345'), mac: 'none' }],
  ])('refuses a request with %s before Redis sees it', async (_what, request) => {
    await expect(queue.submitPlan(request)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await allIds()).toEqual([]);
  });

  it('counts what waits in the fullest of some lanes', async () => {
    expect(await queue.waitingIn(['web', 'db'])).toBe(0);
    await queue.submitApproved(approvedOn('aaaa2222', 'web'), 0);
    await queue.submitApproved(approvedOn('bbbb2222', 'web'), 0);
    await queue.submitApproved(approvedOn('cccc2222', 'db'), 0);
    expect(await queue.waitingIn(['web', 'db'])).toBe(2);
    expect(await queue.waitingIn(['db'])).toBe(1);
    expect(await queue.waitingIn([])).toBe(0);
  });

  it('takes an approval that was asked again for another job', async () => {
    const first = approvedOn('aaaa2222', 'web');
    const again = { ...first, approval: { ...first.approval, round: 1 } };
    await queue.submitApproved(first, 0);
    await queue.submitApproved(again, 0);
    await queue.submitApproved(again, 0);
    expect(await scene.jobIds('q-lane-web')).toEqual([
      'apply.aaaa2222.0.web',
      'apply.aaaa2222.0.web.1',
    ]);
    expect(await scene.jobIds('q-slack')).toEqual(['report.aaaa2222.0', 'report.aaaa2222.0.1']);
  });

  it('puts everything of the site into one slot', async () => {
    await ends('2222');
    const keys = await redis.client.keys('*');
    expect(keys.length).toBeGreaterThan(6);
    expect(keys.filter((key) => !key.startsWith('{lb}:'))).toEqual([]);
  });
});

describe('queueing while Redis', () => {
  it('is away is refused at once, and nothing of it appears later', async () => {
    await redis.kill();
    await eventually(async () => (await ends('9999')).map(({ code }) => code)).toEqual(
      Array(7).fill('STORE_UNAVAILABLE'),
    );
    await expect(queue.waitingIn(['web'])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('nothing was queued'),
    });
    const refused = await ends('3333');
    for (const { name, code, message, ms } of refused) {
      expect([name, code]).toEqual([name, 'STORE_UNAVAILABLE']);
      expect(message).toContain('nothing was queued');
      expect(ms).toBeLessThan(600);
    }
    await redis.start();
    await eventually(
      () => queue.submitQuestion(question('after222')).then(() => 'queued', String),
      {
        timeout: 5_000,
      },
    ).toBe('queued');
    expect(await allIds()).toEqual(['question.after222']);
  });

  it('hangs is not known within two seconds, and a second try is the same job', async () => {
    redis.freeze();
    const unknown = await ends('4444');
    redis.thaw();
    for (const { name, code, message, ms } of unknown) {
      expect([name, code]).toEqual([name, 'OUTCOME_UNKNOWN']);
      expect(message).toContain('not known');
      expect(ms).toBeLessThan(2_000);
    }
    await eventually(async () => (await ends('4444')).map(({ code }) => code), {
      timeout: 5_000,
    }).toEqual(Array(7).fill('queued'));
    expect(await redis.client.llen('{lb}:q-plan:wait')).toBe(1);
    expect(await redis.client.llen('{lb}:q-lane-web:wait')).toBe(1);
  });

  it('was never there is refused, and works as soon as it comes', async () => {
    await redis.kill();
    const early = openWorkQueue(redis.url);
    await expect(early.submitPlan(changeRequest('abcd2345'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    await redis.start();
    await eventually(
      () => early.submitPlan(changeRequest('efgh2345')).then(() => 'queued', String),
      {
        timeout: 5_000,
      },
    ).toBe('queued');
    expect(await scene.jobIds('q-plan')).toEqual(['plan.efgh2345']);
    await early.close();
  });
});
