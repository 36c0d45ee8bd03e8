import type { Redis } from 'ioredis';
import { OperationError } from '../domain/errors.ts';
import { REDIS_PREFIX, type RedisPlace } from '../domain/redis-url.ts';
import type { WorkQueue } from '../ports/queue.ts';
import { type FlowJob, FlowProducer, type JobsOptions, Queue } from './bullmq.ts';
import { producerConnection } from './connection.ts';
import {
  homeJob,
  incidentJob,
  laneQueue,
  noticeJob,
  planJob,
  QUEUES,
  questionJob,
  whisperJob,
} from './jobs.ts';

const PAYLOAD_BYTES_MAX = 64 * 1024;
const ADD_DEADLINE_MS = 1_700;

/** Jobs stay for a while after their end: their ids make a second delivery the same job. */
const KEEP: JobsOptions = {
  removeOnComplete: { age: 7 * 24 * 3_600, count: 5_000 },
  removeOnFail: { age: 30 * 24 * 3_600, count: 5_000 },
  attempts: 1,
  sizeLimit: PAYLOAD_BYTES_MAX,
};

/** A whisper or an answer carries a whole status; its size is bounded by what Slack shows. */
const WHISPER_BYTES_MAX = 512 * 1024;

/** A decision and its consequences come close together; the Home tab is drawn once for them. */
const HOME_DELAY_MS = 300;

export interface OpenQueue extends WorkQueue {
  close(): Promise<void>;
}

/**
 * The producing side. Every call is refused at once while Redis is away (`nothing was queued`), and ends in
 * OUTCOME_UNKNOWN when Redis took it and did not answer in time.
 */
export function openWorkQueue(url: RedisPlace): OpenQueue {
  const redis = producerConnection(url);
  const queues = new Map<string, Queue>();
  let flows: FlowProducer | undefined;
  const common = { connection: redis, prefix: REDIS_PREFIX };

  // Made on first use: BullMQ remembers a refused first connection for good.
  const queue = (name: string): Queue => {
    const known = queues.get(name);
    if (known !== undefined) return known;
    const made = new Queue(name, common);
    made.on('error', () => undefined);
    queues.set(name, made);
    return made;
  };
  const flow = (): FlowProducer => {
    if (flows === undefined) {
      flows = new FlowProducer(common);
      flows.on('error', () => undefined);
    }
    return flows;
  };

  const add = (name: string, kind: string, data: object, options: JobsOptions) => {
    assertFits(kind, data, options.sizeLimit ?? PAYLOAD_BYTES_MAX);
    return bounded(redis, async () => {
      await queue(name).add(kind, data, { ...KEEP, ...options });
    });
  };

  return {
    async submitPlan(request) {
      const data = { v: 1, request };
      planJob(data);
      await add(QUEUES.plan, 'plan', data, { jobId: `plan.${request.id}` });
    },

    async submitQuestion(question) {
      const data = { v: 1, question };
      questionJob(data);
      await add(QUEUES.questions, 'question', data, {
        jobId: `question.${question.id}`,
        removeOnComplete: { age: 600, count: 1_000 },
      });
    },

    async submitApproved({ changeId, plan, approval }, stage) {
      const steps = plan.steps.filter((step) => step.stage === stage);
      const lanes = [...new Set(steps.map((step) => step.lane))];
      // An approval that was asked again is another one: its jobs are not those of the first.
      const { round } = approval;
      const suffix = round === undefined ? '' : `.${round}`;
      let child: FlowJob | undefined;
      for (const lane of lanes) {
        child = {
          name: 'apply',
          queueName: laneQueue(lane),
          data: { v: 1, changeId, lane, stage, approvalMac: approval.mac },
          opts: {
            ...KEEP,
            jobId: `apply.${changeId}.${stage}.${lane}${suffix}`,
            ignoreDependencyOnFailure: true,
          },
          ...(child === undefined ? {} : { children: [child] }),
        };
      }
      const report: FlowJob = {
        name: 'report',
        queueName: QUEUES.slack,
        data: { v: 1, changeId, stage, ...(round === undefined ? {} : { round }) },
        opts: { ...KEEP, jobId: `report.${changeId}.${stage}${suffix}` },
        ...(child === undefined ? {} : { children: [child] }),
      };
      await bounded(redis, async () => {
        await flow().add(report);
      });
    },

    async waitingIn(lanes) {
      let most = 0;
      try {
        await bounded(redis, async () => {
          const names = lanes.map(laneQueue);
          const counts = await Promise.all(names.map((name) => queue(name).getWaitingCount()));
          most = Math.max(0, ...counts);
        });
      } catch (cause) {
        const message = 'The queue is unavailable: nothing was queued.';
        throw new OperationError('STORE_UNAVAILABLE', message, { cause });
      }
      return most;
    },

    async scheduleExpiry(changeId, at) {
      await add(
        QUEUES.timers,
        'expire',
        { v: 1, changeId },
        {
          jobId: `expire.${changeId}`,
          delay: Math.max(0, at - Date.now()),
        },
      );
    },

    async scheduleWake(changeId, at) {
      await add(
        QUEUES.timers,
        'wake',
        { v: 1, changeId },
        {
          jobId: `wake.${changeId}.${at}`,
          delay: Math.max(0, at - Date.now()),
          removeOnComplete: true,
        },
      );
    },

    async refreshCard(changeId, revision, afterMs = 0) {
      await add(
        QUEUES.slack,
        'card',
        { v: 1, changeId },
        {
          jobId: `card.${changeId}.${revision}`,
          // A job that failed for good must not keep a later one of the same name away.
          removeOnFail: true,
          ...(afterMs > 0 ? { delay: afterMs } : {}),
        },
      );
    },

    async whisper(job) {
      const data = { v: 1, whisper: job };
      whisperJob(data);
      await add(QUEUES.slack, 'whisper', data, {
        jobId: `whisper.${job.id}`,
        sizeLimit: WHISPER_BYTES_MAX,
      });
    },

    async notice(job) {
      const data = { v: 1, notice: job };
      noticeJob(data);
      await add(QUEUES.slack, 'notice', data, { jobId: `notice.${job.id}` });
    },

    async showIncident(incidentId, afterMs) {
      const data = { v: 1, incidentId };
      incidentJob(data);
      await add(QUEUES.slack, 'incident', data, {
        delay: afterMs,
        deduplication: { id: `incident.${incidentId}`, keepLastIfActive: true },
        removeOnComplete: true,
        removeOnFail: true,
      });
    },

    async publishHome(userId) {
      const data = { v: 1, userId };
      homeJob(data);
      await add(QUEUES.slack, 'home', data, {
        delay: HOME_DELAY_MS,
        // One that waits stands for all; one that is at work is followed by another, because it has read already.
        deduplication: { id: `home.${userId}`, keepLastIfActive: true },
        removeOnComplete: true,
      });
    },

    async close() {
      const closing = [...queues.values(), ...(flows === undefined ? [] : [flows])].map((part) =>
        part.close().catch(() => undefined),
      );
      // Closing hangs while Redis is away.
      await Promise.race([Promise.all(closing), pause(2_000)]);
      redis.disconnect();
    },
  };
}

/** BullMQ measures too, but its refusal could not be told from a Redis that is away. */
function assertFits(kind: string, data: object, bytesMax: number): void {
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes <= bytesMax) return;
  throw new OperationError(
    'USAGE',
    `A ${kind} job of ${bytes} bytes is too large, ${bytesMax} are allowed: nothing was queued.`,
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** Runs one addition: refused before it is sent when Redis is away, unknown when no answer came. */
async function bounded(redis: Redis, addition: () => Promise<void>): Promise<void> {
  if (redis.status !== 'ready') await firstReady(redis);
  const late = Symbol('late');
  try {
    const end = await Promise.race([addition(), pause(ADD_DEADLINE_MS).then(() => late)]);
    if (end !== late) return;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const unanswered = /timed out|Connection is closed|ECONNRESET/i.test(reason);
    throw new OperationError(
      unanswered ? 'OUTCOME_UNKNOWN' : 'STORE_UNAVAILABLE',
      unanswered
        ? `Redis did not answer (${reason}); it is not known whether the job is queued.`
        : `The queue is unavailable, nothing was queued (${reason}).`,
      { cause },
    );
  }
  throw new OperationError(
    'OUTCOME_UNKNOWN',
    'Redis did not answer; it is not known whether the job is queued.',
  );
}

const FIRST_READY_MS = 500;

/** A connection that is just being made gets a moment; one that is broken does not. */
async function firstReady(redis: Redis): Promise<void> {
  if (redis.status === 'connecting' || redis.status === 'connect') {
    await Promise.race([
      new Promise<void>((resolve) => {
        redis.once('ready', () => resolve());
      }),
      pause(FIRST_READY_MS),
    ]);
  }
  if (redis.status !== 'ready') {
    throw new OperationError('STORE_UNAVAILABLE', 'The queue is unavailable: nothing was queued.');
  }
}
