import type { Redis } from 'ioredis';
import { REDIS_PREFIX } from '../domain/redis-url.ts';
import { type Processor, Queue } from './bullmq.ts';

/** How one queue stands at one moment. */
export interface QueueLook {
  readonly queue: string;
  /** Pair or balancer whose changes wait here; absent for the queues of all. */
  readonly lane?: string;
  readonly waiting: number;
  /** At work, in whichever process. */
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  /** At work in this process. */
  readonly busyHere: number;
  /** The job that is next. */
  readonly oldest?: {
    readonly id: string;
    /** When it was queued, ms since the epoch. */
    readonly at: number;
    /** How often it was begun so far. */
    readonly starts: number;
  };
}

/** The queues that this process works on. */
export interface WorkedQueues {
  open(name: string, lane?: string): Queue;
  /** The same work, counted while it runs. */
  counted(name: string, work: Processor): Processor;
  /** Throws when Redis does not answer. */
  look(): Promise<readonly QueueLook[]>;
  close(): Promise<void>;
}

export function workedQueues(connection: Redis): WorkedQueues {
  const queues: { readonly queue: Queue; readonly lane: string | undefined }[] = [];
  const busy = new Map<string, number>();
  const count = (name: string, by: number) => busy.set(name, (busy.get(name) ?? 0) + by);

  const lookAt = async (queue: Queue, lane: string | undefined): Promise<QueueLook> => {
    const [counts, [oldest]] = await Promise.all([
      queue.getJobCounts('waiting', 'active', 'delayed', 'failed'),
      queue.getJobs(['waiting'], 0, 0, true),
    ]);
    const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
    const next =
      oldest?.id === undefined
        ? {}
        : { oldest: { id: oldest.id, at: oldest.timestamp, starts: oldest.attemptsStarted } };
    return {
      queue: queue.name,
      ...(lane === undefined ? {} : { lane }),
      waiting,
      active,
      delayed,
      failed,
      busyHere: busy.get(queue.name) ?? 0,
      ...next,
    };
  };

  return {
    open(name, lane) {
      const queue = new Queue(name, { connection, prefix: REDIS_PREFIX });
      queue.on('error', () => undefined);
      queues.push({ queue, lane });
      return queue;
    },
    counted: (name, work) => async (job, token, signal) => {
      count(name, 1);
      try {
        return await work(job, token, signal);
      } finally {
        count(name, -1);
      }
    },
    look: () => Promise.all(queues.map(({ queue, lane }) => lookAt(queue, lane))),
    async close() {
      await Promise.all(queues.map(({ queue }) => queue.close().catch(() => undefined)));
    },
  };
}
