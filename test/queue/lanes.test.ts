import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import type { ApplyJob } from '../../src/ports/queue.ts';
import { type OpenQueue, openWorkQueue } from '../../src/queue/producer.ts';
import { eventually } from '../fakes/eventually.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { approvedOn, LOCK_MS, openScene, type Scene } from './scene.ts';

let redis: StageRedis;
let queue: OpenQueue;
let scene: Scene;
beforeAll(async () => {
  redis = await startRedis();
  queue = openWorkQueue(redis.url);
  scene = openScene(redis, ['web', 'db']);
});
afterEach(() => scene.clear());
afterAll(async () => {
  await queue.close();
  await redis.stop();
});

const submit = async (...changes: readonly string[]) => {
  for (const id of changes) await queue.submitApproved(approvedOn(id, 'web'), 0);
};
const applied = () => scene.happened.filter((line) => line.startsWith('apply'));
const reported = () => scene.happened.filter((line) => line.startsWith('report'));
const tick = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a lane', () => {
  it('runs one change at a time, in the order in which they were approved, over two processes', async () => {
    const ids = ['aaaa2222', 'bbbb2222', 'cccc2222', 'dddd2222', 'eeee2222'];
    const slow = { apply: () => tick(20) };
    await Promise.all([scene.process(slow), scene.process(slow)]);
    await submit(...ids);
    await eventually(reported).toHaveLength(5);
    const onLane = scene.happened.filter((line) => line.endsWith('web'));
    expect(onLane).toEqual(ids.flatMap((id) => [`apply ${id} web`, `done ${id} web`]));
  });

  it('goes on with the same change first when its worker stops in the middle', async () => {
    const first = await scene.process({
      apply: (_job, signal) =>
        new Promise((_resolve, reject) => {
          const handBack = () => reject(new OperationError('HANDED_BACK', 'stopping'));
          signal.addEventListener('abort', handBack, { once: true });
        }),
    });
    await submit('aaaa2222', 'bbbb2222', 'cccc2222');
    await eventually(applied).toEqual(['apply aaaa2222 web']);
    await first.consumers.close();
    expect(await redis.client.lrange('{lb}:q-lane-web:active', 0, -1)).toEqual([]);
    await scene.process();
    await eventually(reported).toHaveLength(3);
    expect(applied()).toEqual([
      'apply aaaa2222 web',
      'apply aaaa2222 web',
      'apply bbbb2222 web',
      'apply cccc2222 web',
    ]);
  });

  it.each(['HANDED_BACK', 'STORE_UNAVAILABLE'] as const)(
    'keeps a change at its head that ended in %s',
    async (code) => {
      let tries = 0;
      const flaky = {
        apply: (job: ApplyJob) => {
          tries += job.changeId === 'aaaa2222' ? 1 : 0;
          if (tries === 1) throw new OperationError(code, 'for now');
        },
      };
      await Promise.all([scene.process(flaky), scene.process(flaky)]);
      await submit('aaaa2222', 'bbbb2222');
      await eventually(reported, { timeout: 4_000 }).toHaveLength(2);
      expect(applied()).toEqual(['apply aaaa2222 web', 'apply aaaa2222 web', 'apply bbbb2222 web']);
    },
  );

  it('does not hold up another lane', async () => {
    let letGo: () => void = () => undefined;
    const stuck = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await scene.process({ apply: (job) => (job.lane === 'web' ? stuck : undefined) });
    await submit('aaaa2222');
    await eventually(applied).toEqual(['apply aaaa2222 web']);
    await queue.submitApproved(approvedOn('bbbb2222', 'db'), 0);
    await eventually(reported).toEqual(['report bbbb2222']);
    expect(scene.happened).not.toContain('done aaaa2222 web');
    letGo();
    await eventually(reported).toHaveLength(2);
  });

  it('leaves a change of a version it does not know where it is', async () => {
    const { warnings, consumers } = await scene.process();
    await consumers.close();
    await submit('aaaa2222', 'bbbb2222');
    const job = '{lb}:q-lane-web:apply.aaaa2222.0.web';
    const data = (await redis.client.hget(job, 'data')) ?? '';
    await redis.client.hset(job, 'data', data.replace('"v":1', '"v":2'));
    const old = await scene.process();
    await eventually(() => old.warnings.join()).toContain('unknown version');
    await old.consumers.close();
    expect(applied()).toEqual([]);
    await redis.client.hset(job, 'data', data);
    await scene.process();
    await eventually(applied).toEqual(['apply aaaa2222 web', 'apply bbbb2222 web']);
    expect(warnings).toEqual([]);
  });
});

describe('a change that is approved', () => {
  it('is carried out once and reported once, however often it is queued', async () => {
    await Promise.all([submit('aaaa2222'), submit('aaaa2222')]);
    await scene.process();
    await eventually(reported).toEqual(['report aaaa2222']);
    await submit('aaaa2222');
    await submit('bbbb2222');
    await eventually(reported).toEqual(['report aaaa2222', 'report bbbb2222']);
    expect(applied()).toEqual(['apply aaaa2222 web', 'apply bbbb2222 web']);
  });

  it('is not carried out twice when it is queued again in the middle', async () => {
    await scene.process({ apply: () => submit('aaaa2222') });
    await submit('aaaa2222');
    await eventually(reported).toEqual(['report aaaa2222']);
    await submit('bbbb2222');
    await eventually(reported).toHaveLength(2);
    expect(applied()).toEqual(['apply aaaa2222 web', 'apply bbbb2222 web']);
  });

  it('goes through its lanes one after the other, then is reported', async () => {
    await scene.process({ apply: () => tick(30) });
    await queue.submitApproved(approvedOn('aaaa2222', 'db', 'web', 'db'), 0);
    await eventually(reported).toHaveLength(1);
    expect(scene.happened).toEqual([
      'apply aaaa2222 db',
      'done aaaa2222 db',
      'apply aaaa2222 web',
      'done aaaa2222 web',
      'report aaaa2222',
    ]);
  });

  it('is reported also when its lane failed for good, and the next change runs', async () => {
    const { warnings } = await scene.process({
      apply: (job) => {
        if (job.changeId === 'aaaa2222') throw new TypeError('a bug');
      },
    });
    await submit('aaaa2222', 'bbbb2222');
    await eventually(() => reported().sort()).toEqual(['report aaaa2222', 'report bbbb2222']);
    expect(applied()).toEqual(['apply aaaa2222 web', 'apply bbbb2222 web']);
    expect(warnings).toContain('A lane job failed');
  });

  it('carries the signature of its approval to the worker', async () => {
    const approved = approvedOn('aaaa2222', 'web');
    const jobs: ApplyJob[] = [];
    await scene.process({ apply: (job) => void jobs.push(job) });
    await queue.submitApproved(approved, 0);
    await eventually(() => jobs).toHaveLength(1);
    expect(jobs[0]).toMatchObject({
      changeId: 'aaaa2222',
      lane: 'web',
      approvalMac: approved.approval.mac,
    });
  });

  it('is not begun by a job that is not as we write it', async () => {
    const { consumers } = await scene.process();
    await consumers.close();
    await submit('aaaa2222');
    const job = '{lb}:q-lane-web:apply.aaaa2222.0.web';
    await redis.client.hset(job, 'data', JSON.stringify({ v: 1, changeId: 'aaaa2222; rm -rf' }));
    await scene.process();
    await eventually(reported).toEqual(['report aaaa2222']);
    expect(applied()).toEqual([]);
  });
});

describe('closing a worker', () => {
  it('ends within its bound while Redis hangs', async () => {
    const { consumers } = await scene.process({}, { closeMs: 700 });
    redis.freeze();
    const started = performance.now();
    await consumers.close();
    const ms = performance.now() - started;
    redis.thaw();
    expect(ms).toBeGreaterThan(600);
    expect(ms).toBeLessThan(1_200);
    expect(LOCK_MS).toBeLessThan(700);
  });
});

describe('starting a worker', () => {
  it('fails with the reason where there is no Redis', async () => {
    await redis.kill();
    await expect(scene.process()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/^Connecting the workers to Redis: .*ENOENT/),
    });
    await redis.start();
  });
});
