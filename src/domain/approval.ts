import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import type { Approval, ChangeRecord, ChangeRequest, Vote } from './change.ts';
import { OperationError } from './errors.ts';
import { type Plan, planDigest } from './plan.ts';
import type { Secret } from './secret.ts';
import { acceptedKeys } from './signing-keys.ts';

function macOf(
  purpose: 'request' | 'vote' | 'approval' | 'hold',
  value: unknown,
  key: Secret,
): string {
  return createHmac('sha256', key.reveal())
    .update(`${purpose}:${canonicalJson(value)}`)
    .digest('hex');
}

/** True when the signature was made with one of the keys that count. */
function isGenuine(
  purpose: Parameters<typeof macOf>[0],
  unsigned: unknown,
  mac: string,
  key: Secret,
): boolean {
  return acceptedKeys(key).some((candidate) => sameMac(mac, macOf(purpose, unsigned, candidate)));
}

function sameMac(a: unknown, b: string): boolean {
  // What lies in Redis may have anything in its place.
  if (typeof a !== 'string') return false;
  const left = Buffer.from(a, 'hex');
  const right = Buffer.from(b, 'hex');
  return left.length === right.length && left.length > 0 && timingSafeEqual(left, right);
}

export function signRequest(unsigned: Omit<ChangeRequest, 'mac'>, key: Secret): ChangeRequest {
  return { ...unsigned, mac: macOf('request', unsigned, key) };
}

/** Throws BAD_SIGNATURE when the request was not made by a process that holds the key. */
export function assertGenuineRequest(request: ChangeRequest, key: Secret): void {
  const { mac, ...unsigned } = request;
  if (!isGenuine('request', unsigned, mac, key)) {
    throw new OperationError(
      'BAD_SIGNATURE',
      `Reading request ${request.id}: its signature does not match.`,
    );
  }
}

/**
 * Throws BAD_SIGNATURE unless the record carries the very request it was made for: a genuine request of another
 * change would otherwise lend its requester to this one.
 */
export function assertGenuineRecord(record: ChangeRecord, key: Secret): void {
  assertGenuineRequest(record.request, key);
  if (record.request.id === record.id) return;
  throw new OperationError(
    'BAD_SIGNATURE',
    `Change ${record.id} carries the request of ${record.request.id}.`,
  );
}

export function signApproval(unsigned: Omit<Approval, 'mac'>, key: Secret): Approval {
  return { ...unsigned, mac: macOf('approval', unsigned, key) };
}

export function signVote(unsigned: Omit<Vote, 'mac'>, key: Secret): Vote {
  return { ...unsigned, mac: macOf('vote', unsigned, key) };
}

/** The genuine votes for this very plan, one per person; anything else is left out. */
export function genuineVotes(record: ChangeRecord, key: Secret): readonly Vote[] {
  const seen = new Map<string, Vote>();
  for (const vote of record.votes ?? []) {
    const { mac, ...unsigned } = vote;
    const fits = vote.changeId === record.id && vote.digest === record.plan?.digest;
    if (fits && isGenuine('vote', unsigned, mac, key)) seen.set(vote.by, vote);
  }
  return [...seen.values()];
}

declare const approved: unique symbol;

/** A plan that somebody with the right agreed to. Only `approvedPlan` makes one, so nothing else can be applied. */
export interface ApprovedPlan {
  readonly [approved]: true;
  readonly changeId: string;
  readonly plan: Plan;
  readonly approval: Approval;
}

/**
 * The approved plan of a record, or BAD_SIGNATURE: the approval must carry a genuine HMAC, name this
 * change, and its digest must be the digest of the stored steps (recomputed, not trusted).
 */
export function approvedPlan(record: ChangeRecord, key: Secret): ApprovedPlan {
  const { approval, plan } = record;
  if (approval === undefined || plan === undefined) {
    throw new OperationError('BAD_SIGNATURE', `Change ${record.id} has no approval.`);
  }
  const { mac, ...unsigned } = approval;
  const genuine =
    isGenuine('approval', unsigned, mac, key) &&
    approval.changeId === record.id &&
    approval.digest === plan.digest &&
    plan.digest === planDigest(plan);
  if (!genuine) {
    throw new OperationError(
      'BAD_SIGNATURE',
      `Change ${record.id}: the approval does not belong to this plan.`,
    );
  }
  return { changeId: record.id, plan, approval } as ApprovedPlan;
}

/** Signs what must be restored later, long after the change itself is forgotten. */
export function signHold(unsigned: unknown, key: Secret): string {
  return macOf('hold', unsigned, key);
}

export function isGenuineHold(unsigned: unknown, mac: string, key: Secret): boolean {
  return isGenuine('hold', unsigned, mac, key);
}
