import { z } from 'zod';
import type { ChangeRecord } from '../domain/change.ts';
import { OperationError } from '../domain/errors.ts';

/**
 * The fields of a stored change that the product decides by. The rest is carried along as it is: plan and
 * outcome are covered by the digest and its HMAC, which `approvedPlan` checks before anything is written.
 */
const record = z.looseObject({
  v: z.literal(1),
  id: z.string().min(1).max(64),
  revision: z.number().int().nonnegative(),
  state: z.enum([
    'planning',
    'waiting',
    'approved',
    'running',
    'unknown',
    'draining',
    'holding',
    'done',
    'failed',
    'refused',
    'half-done',
    'denied',
    'cancelled',
    'expired',
  ]),
  request: z.looseObject({
    id: z.string(),
    mac: z.string(),
    command: z.looseObject({
      verb: z.enum(['disable', 'enable', 'drain', 'offline', 'weight', 'failover', 'failback']),
      service: z.string(),
      members: z.array(z.string()).min(1),
    }),
    actor: z.looseObject({ id: z.string(), via: z.enum(['slack', 'shell']) }),
    origin: z.looseObject({ via: z.enum(['slack', 'shell']) }),
    acceptedAt: z.number(),
    notAfter: z.number(),
  }),
  plan: z.looseObject({ digest: z.string(), steps: z.array(z.looseObject({})) }).optional(),
  approval: z
    .looseObject({
      changeId: z.string(),
      digest: z.string(),
      notAfter: z.number(),
      mac: z.string(),
    })
    .optional(),
  votes: z.array(z.looseObject({ by: z.string(), mac: z.string() })).optional(),
  // Version 0.1 knew no stages: its changes have one.
  stage: z.number().int().nonnegative().default(0),
  runs: z.number().int().nonnegative(),
  updatedAt: z.number(),
});

/** Parses what Redis holds. An unknown version or shape is refused, never guessed at. */
export function parseRecord(text: string, changeId: string): ChangeRecord {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new OperationError('INTERNAL', `Reading change ${changeId}: it is not JSON.`, { cause });
  }
  const parsed = record.safeParse(raw);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new OperationError(
      'INTERNAL',
      `Reading change ${changeId}: ${where} is not as this version writes it; left untouched.`,
    );
  }
  return parsed.data as unknown as ChangeRecord;
}
