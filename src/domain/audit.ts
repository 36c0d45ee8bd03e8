import { createHmac } from 'node:crypto';
import { digestOf } from './canonical.ts';
import type { Secret } from './secret.ts';

/** What an audit entry says happened. `about-to` is written before the device is touched. */
export type AuditKind =
  | 'requested'
  | 'planned'
  | 'refused'
  | 'approved'
  | 'denied'
  | 'cancelled'
  | 'expired'
  | 'about-to'
  | 'verified'
  | 'failed'
  | 'unknown'
  | 'put-back'
  | 'finished'
  | 'frozen'
  | 'unfrozen'
  | 'extended'
  | 'acknowledged'
  | 'voted'
  | 'drifted';

export interface AuditFact {
  readonly kind: AuditKind;
  readonly changeId: string;
  /** Slack user id of whoever caused it; `lb-chatops` for what the product does by itself. */
  readonly actor: string;
  /** Plain data, free of secrets: step, before, after, reason. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A fact in the chain: `hash` covers the fact, its place, its time and the hash before it. */
export interface AuditEntry extends AuditFact {
  readonly sequence: number;
  readonly at: number;
  readonly previous: string;
  readonly hash: string;
}

export const AUDIT_START = '0'.repeat(64);

export function chainEntry(
  fact: AuditFact,
  place: { sequence: number; at: number; previous: string },
): AuditEntry {
  const body = { ...fact, ...place };
  return { ...body, hash: digestOf(body) };
}

export function signHead(hash: string, sequence: number, key: Secret): string {
  return createHmac('sha256', key.reveal()).update(`audit:${sequence}:${hash}`).digest('hex');
}

/** The first entry that breaks the chain, with the reason in one sentence; undefined when all is whole. */
export function firstBreak(
  entries: readonly AuditEntry[],
): { sequence: number; reason: string } | undefined {
  let previous = AUDIT_START;
  let expected = 1;
  for (const entry of entries) {
    if (entry.sequence !== expected) {
      return {
        sequence: expected,
        reason: `entry ${expected} is missing; ${entry.sequence} stands in its place`,
      };
    }
    const { hash, ...body } = entry;
    if (entry.previous !== previous)
      return { sequence: expected, reason: `entry ${expected} does not follow the one before it` };
    if (hash !== digestOf(body))
      return { sequence: expected, reason: `entry ${expected} was altered` };
    previous = hash;
    expected += 1;
  }
  return undefined;
}
