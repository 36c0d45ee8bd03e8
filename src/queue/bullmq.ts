import { createRequire } from 'node:module';
import type * as BullMQ from 'bullmq';

// Node reads every file of a CommonJS package that is imported twice, the first time for the names in it. BullMQ has
// 250 files, and whoever types a command waits for them.
const bullmq: typeof BullMQ = createRequire(import.meta.url)('bullmq');

export const { DelayedError, FlowProducer, Queue, UnrecoverableError, WaitingError, Worker } =
  bullmq;
export type FlowProducer = BullMQ.FlowProducer;
export type Queue = BullMQ.Queue;
export type Worker = BullMQ.Worker;
export type { FlowJob, Job, JobsOptions, Processor, WorkerOptions } from 'bullmq';
