import { approvedPlan } from '../../src/domain/approval.ts';
import type { Log } from '../../src/ports/log.ts';
import type { ApplyJob, JobHandlers, QuestionJob, WhisperJob } from '../../src/ports/queue.ts';
import { type Consumers, startConsumers } from '../../src/queue/consumers.ts';
import { approval, changeRecord, KEY, NOW, plan, step } from '../fakes/samples.ts';
import type { StageRedis } from '../stage/redis.ts';

export const LOCK_MS = 600;

/** The plan of a change over these lanes, agreed to. */
export function approvedOn(changeId: string, ...lanes: readonly string[]) {
  const agreed = plan({ steps: lanes.map((lane, at) => step(at, { lane })) });
  return approvedPlan(
    changeRecord(changeId, { plan: agreed, approval: approval(changeId, agreed) }),
    KEY,
  );
}

export function question(id: string): QuestionJob {
  return {
    id,
    command: { verb: 'status' },
    actor: { id: 'U0A', via: 'slack' },
    origin: { via: 'slack', channel: 'C0OPS' },
    acceptedAt: NOW,
    notAfter: NOW + 60_000,
  };
}

export function whisper(id: string, text = 'hello'): WhisperJob {
  return {
    id,
    channel: 'C0OPS',
    user: 'U0A',
    whisper: { kind: 'text', text },
    notAfter: NOW + 60_000,
  };
}

/** Handlers as a test likes to write them: whatever they return is waited for. */
export type GivenHandlers = {
  readonly [Kind in keyof JobHandlers]?: (...job: Parameters<JobHandlers[Kind]>) => unknown;
};

/** Workers of one process, and what was done by them, in order. */
export interface Process {
  readonly consumers: Consumers;
  readonly warnings: readonly string[];
}

/** Several processes over one Redis that write down what they do. */
export interface Scene {
  /** For instance `apply aaaa2222 web` and, when the handler ended well, `done aaaa2222 web`. */
  readonly happened: string[];
  process(handlers?: GivenHandlers, options?: { closeMs?: number }): Promise<Process>;
  /** Ids of all jobs of a queue that BullMQ still knows, whatever their state. */
  jobIds(queue: string): Promise<readonly string[]>;
  /** Closes what is still open and forgets everything. */
  clear(): Promise<void>;
}

export function openScene(redis: StageRedis, lanes: readonly string[]): Scene {
  const happened: string[] = [];
  const open = new Set<Consumers>();

  const noting =
    <T>(
      kind: string,
      nameOf: (job: T) => string,
      work?: (job: T, signal: AbortSignal) => unknown,
    ) =>
    async (job: T, signal: AbortSignal) => {
      happened.push(`${kind} ${nameOf(job)}`);
      await work?.(job, signal);
      happened.push(`done ${nameOf(job)}`);
    };

  return {
    happened,
    async process(given = {}, options = {}) {
      const warnings: string[] = [];
      const log: Log = {
        debug() {},
        info() {},
        warn: (message) => void warnings.push(message),
        error: (message) => void warnings.push(message),
      };
      const apply = noting<ApplyJob>('apply', (job) => `${job.changeId} ${job.lane}`, given.apply);
      const handlers: JobHandlers = {
        plan: async (request) => {
          happened.push(`plan ${request.id}`);
          await given.plan?.(request);
        },
        question: async (asked) => {
          happened.push(`question ${asked.id}`);
          await given.question?.(asked);
        },
        apply,
        report: async (changeId, stage, round) => {
          happened.push(`report ${changeId}`);
          await given.report?.(changeId, stage, round);
        },
        showIncident: async (id) => {
          happened.push(`incident ${id}`);
          await given.showIncident?.(id);
        },
        refreshCard: async (changeId) => {
          happened.push(`card ${changeId}`);
          await given.refreshCard?.(changeId);
        },
        whisper: async (job) => {
          happened.push(`whisper ${job.id}`);
          await given.whisper?.(job);
        },
        notice: async (job) => {
          happened.push(`notice ${job.id}`);
          await given.notice?.(job);
        },
        publishHome: async (userId) => {
          happened.push(`home ${userId}`);
          await given.publishHome?.(userId);
        },
        expire: async (changeId) => {
          happened.push(`expire ${changeId}`);
          await given.expire?.(changeId);
        },
        wake: async (changeId) => {
          happened.push(`wake ${changeId}`);
          await given.wake?.(changeId);
        },
        sweep: async () => {
          await given.sweep?.();
        },
      };
      const consumers = await startConsumers({
        url: redis.url,
        lanes,
        handlers,
        log,
        lockMs: LOCK_MS,
        closeMs: options.closeMs ?? 3_000,
      });
      open.add(consumers);
      return { consumers, warnings };
    },
    async jobIds(queue) {
      const prefix = `{lb}:${queue}:`;
      const keys = await redis.client.keys(`${prefix}*`);
      return keys
        .map((key) => key.slice(prefix.length))
        .filter((id) => /^(plan|question|apply|report|card|whisper|expire|wake)\.[^:]+$/.test(id))
        .sort();
    },
    async clear() {
      await Promise.all([...open].map((consumers) => consumers.close()));
      open.clear();
      happened.length = 0;
      await redis.client.flushall();
    },
  };
}
