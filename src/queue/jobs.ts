import { z } from 'zod';
import type { ChangeRequest } from '../domain/change.ts';
import { OperationError } from '../domain/errors.ts';
import type { ApplyJob, NoticeJob, QuestionJob, WhisperJob } from '../ports/queue.ts';

/** Queue names; BullMQ puts them behind the hash-tagged prefix. No colon may be in them. */
export const QUEUES = {
  plan: 'q-plan',
  questions: 'q-questions',
  slack: 'q-slack',
  timers: 'q-timers',
} as const;

export function laneQueue(lane: string): string {
  return `q-lane-${lane}`;
}

const id = z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,99}$/);
const actor = z.object({
  id: z.string().min(1).max(64),
  via: z.enum(['slack', 'shell']),
  shellUser: z.string().max(64).optional(),
});
const origin = z.object({
  via: z.enum(['slack', 'shell']),
  channel: z.string().max(64).optional(),
});

const request = z.object({
  v: z.literal(1),
  request: z.object({
    id,
    command: z.object({
      verb: z.enum(['disable', 'enable', 'drain', 'offline', 'weight', 'failover', 'failback']),
      service: z.string().min(1).max(200),
      members: z.array(z.string().min(1).max(300)).min(1).max(200),
      on: z.string().max(200).optional(),
      reason: z.string().max(4_000).optional(),
      ifPairFails: z.enum(['put back', 'keep half']),
      weight: z
        .object({ unit: z.enum(['absolute', 'percent']), value: z.number().min(0).max(25_600) })
        .optional(),
      until: z
        .object({
          withinMs: z.number().positive().optional(),
          afterwards: z.enum(['disable', 'keep', 'go back']),
        })
        .optional(),
      forMs: z.number().positive().optional(),
      now: z.boolean().optional(),
      breakGlass: z.boolean().optional(),
    }),
    actor,
    origin,
    acceptedAt: z.number(),
    notAfter: z.number(),
    mac: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});

const question = z.object({
  v: z.literal(1),
  question: z.object({
    id,
    command: z.discriminatedUnion('verb', [
      z.object({ verb: z.literal('status'), service: z.string().max(200).optional() }),
      z.object({ verb: z.literal('pools') }),
      z.object({
        verb: z.literal('history'),
        service: z.string().max(200).optional(),
        pair: z.string().max(200).optional(),
      }),
      z.object({ verb: z.literal('whoami') }),
      z.object({
        verb: z.literal('compare'),
        service: z.string().max(200).optional(),
        pair: z.string().max(200).optional(),
      }),
    ]),
    actor,
    origin,
    acceptedAt: z.number(),
    notAfter: z.number(),
  }),
});

const apply = z.object({
  v: z.literal(1),
  changeId: id,
  lane: z.string().min(1).max(200),
  stage: z.number().int().min(0).max(20),
  approvalMac: z.string().regex(/^[0-9a-f]{64}$/),
});

const change = z.object({ v: z.literal(1), changeId: id });
const incident = z.object({ v: z.literal(1), incidentId: z.string().regex(/^i[0-9a-f]{1,63}$/) });
const home = z.object({ v: z.literal(1), userId: z.string().regex(/^[UW][A-Z0-9]{1,63}$/) });
const report = z.object({
  v: z.literal(1),
  changeId: id,
  stage: z.number().int().min(0).max(20),
  round: z.number().int().min(0).optional(),
});

// The answer inside was made by a worker of ours and is only shown, never acted on.
const whisper = z.object({
  v: z.literal(1),
  whisper: z.object({
    id,
    channel: z.string().min(1).max(64),
    user: z.string().min(1).max(64),
    whisper: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('text'), text: z.string().max(8_000) }),
      z.object({ kind: z.literal('answer'), answer: z.looseObject({ kind: z.string() }) }),
    ]),
    notAfter: z.number(),
  }),
});

/** Parses what stands in a job, on both sides: what is put in and what is taken out. */
function parsed<T>(schema: z.ZodType, data: unknown, what: string): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data as T;
  const issue = result.error.issues[0];
  throw new OperationError(
    'INTERNAL',
    `Reading a ${what} job: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}.`,
  );
}

export const planJob = (data: unknown) => parsed<{ request: ChangeRequest }>(request, data, 'plan');
export const questionJob = (data: unknown) =>
  parsed<{ question: QuestionJob }>(question, data, 'question');
export const applyJob = (data: unknown) => parsed<ApplyJob>(apply, data, 'apply');
export const changeJob = (data: unknown) => parsed<{ changeId: string }>(change, data, 'change');
export const reportJob = (data: unknown) =>
  parsed<{ changeId: string; stage: number; round?: number }>(report, data, 'report');
export const homeJob = (data: unknown) => parsed<{ userId: string }>(home, data, 'home');
export const incidentJob = (data: unknown) =>
  parsed<{ incidentId: string }>(incident, data, 'incident');
export const whisperJob = (data: unknown) =>
  parsed<{ whisper: WhisperJob }>(whisper, data, 'whisper');

/** True for a job of a version this process does not know: it stays for one that does. */
export function isUnknownVersion(data: unknown): boolean {
  const version = (data as { v?: unknown } | null)?.v;
  return typeof version === 'number' && version !== 1;
}

const notice = z.object({
  v: z.literal(1),
  notice: z.object({
    id,
    channel: z.string().min(1).max(64),
    text: z.string().max(8_000),
    mentions: z.array(z.string().max(64)).max(50),
    changeId: id.optional(),
  }),
});

export const noticeJob = (data: unknown) => parsed<{ notice: NoticeJob }>(notice, data, 'notice');
