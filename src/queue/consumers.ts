import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { faultOf, OperationError } from '../domain/errors.ts';
import { REDIS_PREFIX, type RedisPlace } from '../domain/redis-url.ts';
import type { Log } from '../ports/log.ts';
import type { JobHandlers } from '../ports/queue.ts';
import {
  DelayedError,
  type Job,
  type Processor,
  UnrecoverableError,
  WaitingError,
  Worker,
  type WorkerOptions,
} from './bullmq.ts';
import { workerConnection } from './connection.ts';
import {
  applyJob,
  changeJob,
  homeJob,
  incidentJob,
  isUnknownVersion,
  laneQueue,
  noticeJob,
  planJob,
  QUEUES,
  questionJob,
  reportJob,
  whisperJob,
} from './jobs.ts';
import { type QueueLook, workedQueues } from './look.ts';

/** A worker that died is noticed after its lock ran out; every worker of a site must use the same time. */
export const LOCK_MS = 15_000;
const PLAN_CONCURRENCY = 10;
/** Waiting changes are looked at here; a silent device holds a place for as long as one read may take. */
const TIMER_CONCURRENCY = 20;
const SLACK_CONCURRENCY = 5;
/** What Redis lost or a dead process left is found again within this time; time boxes count on it. */
const SWEEP_EVERY_MS = 4_000;
const CLOSE_MS = 20_000;
const AWAY_MS = 3_000;
const START_MS = 5_000;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;
const UNKNOWN_VERSION_RETRY_MS = 60_000;
const LANE_RETRY_MS = 500;
const LANE_UNKNOWN_VERSION_RETRY_MS = 5_000;
/** Lane jobs end by their own count of starts (`half-done`); BullMQ's limit is only the last net behind it. */
const LANE_STALLS_MAX = 3;

export interface ConsumerOptions {
  readonly url: RedisPlace;
  readonly lanes: readonly string[];
  readonly handlers: JobHandlers;
  readonly log: Log;
  readonly lockMs?: number;
  /** How long `close` waits for what is at work, in ms; 20 s. */
  readonly closeMs?: number;
}

export interface Consumers {
  /** How the queues stand now. Throws when Redis does not answer. */
  look(): Promise<readonly QueueLook[]>;
  /** Takes no new job, lets lanes hand back what they hold, waits at most `closeMs`. */
  close(): Promise<void>;
}

/** Puts the job aside for `ms` without counting it as a failed try. */
async function later(job: Job, token: string | undefined, ms: number): Promise<never> {
  await job.moveToDelayed(Date.now() + ms, token);
  throw new DelayedError();
}

function backoff(job: Job): number {
  return Math.min(RETRY_FIRST_MS * 2 ** Math.max(0, job.attemptsStarted - 1), RETRY_MAX_MS);
}

/** Reads, planning and messages may be repeated at will: whatever may work later is tried later. */
function patient(log: Log, work: (job: Job) => Promise<void>): Processor {
  return async (job, token) => {
    if (isUnknownVersion(job.data)) {
      log.warn('A job of an unknown version waits for a worker that knows it', { job: job.id });
      return later(job, token, UNKNOWN_VERSION_RETRY_MS);
    }
    try {
      await work(job);
    } catch (thrown) {
      const fault = faultOf(thrown);
      if (thrown instanceof OperationError && thrown.retryable) {
        return later(job, token, thrown.retryAfterMs ?? backoff(job));
      }
      log.error('A job failed', { job: job.id, name: job.name, fault });
      throw new UnrecoverableError(`${fault.code}: ${fault.message}`);
    }
  };
}

/**
 * A lane's job is never overtaken: handed back, it stands at the head of its lane again. It holds its place
 * while it waits for a silent device, because nothing else may be written there meanwhile.
 */
function laneProcessor(options: ConsumerOptions, signal: AbortSignal): Processor {
  const { handlers, log } = options;
  const handBack = async (job: Job, token: string | undefined, ms: number): Promise<never> => {
    // Ends early when this worker stops.
    await pause(ms, undefined, { signal }).catch(() => undefined);
    await job.moveToWait(token);
    throw new WaitingError();
  };
  return async (job, token) => {
    if (isUnknownVersion(job.data)) {
      log.warn('A lane job of an unknown version waits for a worker that knows it', {
        job: job.id,
      });
      return handBack(job, token, LANE_UNKNOWN_VERSION_RETRY_MS);
    }
    try {
      await handlers.apply(applyJob(job.data), signal);
    } catch (thrown) {
      const fault = faultOf(thrown);
      if (fault.code === 'HANDED_BACK' || fault.code === 'STORE_UNAVAILABLE') {
        return handBack(job, token, LANE_RETRY_MS);
      }
      log.error('A lane job failed', { job: job.id, fault });
      throw new UnrecoverableError(`${fault.code}: ${fault.message}`);
    }
  };
}

function slackProcessor({ handlers, log }: ConsumerOptions): Processor {
  return patient(log, async (job) => {
    switch (job.name) {
      case 'card':
        return handlers.refreshCard(changeJob(job.data).changeId);
      case 'report': {
        const { changeId, stage, round } = reportJob(job.data);
        return handlers.report(changeId, stage, round ?? 0);
      }
      case 'notice':
        return handlers.notice(noticeJob(job.data).notice);
      case 'incident':
        return handlers.showIncident(incidentJob(job.data).incidentId);
      case 'whisper':
        return handlers.whisper(whisperJob(job.data).whisper);
      case 'home':
        return handlers.publishHome(homeJob(job.data).userId);
      default:
        throw new OperationError('INTERNAL', `There is no message job ${job.name}.`);
    }
  });
}

function timerProcessor({ handlers, log }: ConsumerOptions): Processor {
  return patient(log, (job) => {
    switch (job.name) {
      case 'sweep':
        return handlers.sweep();
      case 'expire':
        return handlers.expire(changeJob(job.data).changeId);
      case 'wake':
        return handlers.wake(changeJob(job.data).changeId);
      default:
        throw new OperationError('INTERNAL', `There is no timer job ${job.name}.`);
    }
  });
}

/** Later on workers wait for Redis as long as it takes; but a process that starts without it shall say so. */
async function assertThere(connection: Redis): Promise<void> {
  if (connection.status === 'ready') return;
  const failure = await new Promise<string | undefined>((resolve) => {
    connection.once('ready', () => resolve(undefined));
    connection.once('error', (error) => resolve(error.message));
    setTimeout(() => resolve(`no answer within ${START_MS / 1_000} s`), START_MS).unref();
  });
  if (failure === undefined) return;
  connection.disconnect();
  throw new OperationError('STORE_UNAVAILABLE', `Connecting the workers to Redis: ${failure}`);
}

/** Starts every worker of this process. Throws STORE_UNAVAILABLE when Redis is not there. */
export async function startConsumers(options: ConsumerOptions): Promise<Consumers> {
  const { url, lanes, handlers, log } = options;
  const connection = workerConnection(url);
  await assertThere(connection);
  const stopping = new AbortController();
  // Each lane listens to it, and there may be many.
  setMaxListeners(0, stopping.signal);
  const lockDuration = options.lockMs ?? LOCK_MS;
  const common: WorkerOptions = {
    connection,
    prefix: REDIS_PREFIX,
    lockDuration,
    stalledInterval: Math.ceil(lockDuration / 3),
    maxStalledCount: LANE_STALLS_MAX,
  };
  const workers: Worker[] = [];
  const queues = workedQueues(connection);

  const work = (name: string, concurrency: number, processor: Processor) => {
    const worker = new Worker(name, queues.counted(name, processor), { ...common, concurrency });
    worker.on('error', (error) => log.warn('A queue worker met an error', { queue: name, error }));
    workers.push(worker);
  };

  // One at a time over all workers of the site, and in order also after a crash: known before anybody works.
  await Promise.all(
    lanes.map((lane) => queues.open(laneQueue(lane), lane).setGlobalConcurrency(1)),
  );
  for (const lane of lanes) work(laneQueue(lane), 1, laneProcessor(options, stopping.signal));
  for (const name of [QUEUES.plan, QUEUES.questions, QUEUES.slack]) queues.open(name);
  work(
    QUEUES.plan,
    PLAN_CONCURRENCY,
    patient(log, (job) => handlers.plan(planJob(job.data).request)),
  );
  work(
    QUEUES.questions,
    PLAN_CONCURRENCY,
    patient(log, (job) => handlers.question(questionJob(job.data).question)),
  );
  work(QUEUES.slack, SLACK_CONCURRENCY, slackProcessor(options));
  work(QUEUES.timers, TIMER_CONCURRENCY, timerProcessor(options));
  await queues.open(QUEUES.timers).upsertJobScheduler(
    'sweep',
    { every: SWEEP_EVERY_MS },
    {
      name: 'sweep',
      data: { v: 1 },
      opts: { removeOnComplete: true, removeOnFail: { count: 100 } },
    },
  );
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));

  return {
    look: () => queues.look(),
    async close() {
      stopping.abort();
      const closing = Promise.all(
        [...workers, queues].map((part) => part.close().catch(() => undefined)),
      );
      const patienceMs = options.closeMs ?? CLOSE_MS;
      // Without Redis nothing can be handed back or noted as done: other workers find it when it is there again.
      const waitMs = connection.status === 'ready' ? patienceMs : Math.min(patienceMs, AWAY_MS);
      await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, waitMs).unref())]);
      connection.disconnect();
    },
  };
}
