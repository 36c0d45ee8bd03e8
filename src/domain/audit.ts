import { createHmac, timingSafeEqual } from 'node:crypto';
import { digestOf } from './canonical.ts';
import type { Secret } from './secret.ts';
import { acceptedKeys } from './signing-keys.ts';

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
  | 'drifted'
  | 'accepted'
  | 'adopted'
  | 'pair-differs'
  | 'pair-alike'
  | 'asked-again';

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

/** A place in the chain: the entry of this number has this hash. */
export interface ChainPlace {
  readonly sequence: number;
  readonly hash: string;
}

/** Before the first entry. */
export const CHAIN_START: ChainPlace = { sequence: 0, hash: AUDIT_START };

/** What a signature about the chain says: where it ends, or that all before a place is kept elsewhere. */
type Claim = 'audit' | 'audit-base' | 'audit-segment';

function hmac(claim: Claim, text: string, key: Secret): string {
  return createHmac('sha256', key.reveal()).update(`${claim}:${text}`).digest('hex');
}

function isSigned(claim: Claim, text: string, signature: string, key: Secret): boolean {
  const given = Buffer.from(signature, 'hex');
  return acceptedKeys(key).some((candidate) => {
    const right = Buffer.from(hmac(claim, text, candidate), 'hex');
    return given.length === right.length && timingSafeEqual(given, right);
  });
}

export function signHead(hash: string, sequence: number, key: Secret): string {
  return hmac('audit', `${sequence}:${hash}`, key);
}

/** True when somebody with the key signed that the chain ends here. */
export function isHeadSigned(head: ChainPlace, signature: string, key: Secret): boolean {
  return isSigned('audit', `${head.sequence}:${head.hash}`, signature, key);
}

export function signBase(base: ChainPlace, key: Secret): string {
  return hmac('audit-base', `${base.sequence}:${base.hash}`, key);
}

/** True when somebody with the key signed that all up to here was moved out of the store. */
export function isBaseSigned(base: ChainPlace, signature: string, key: Secret): boolean {
  return isSigned('audit-base', `${base.sequence}:${base.hash}`, signature, key);
}

/** What the signed end of a file of entries covers. */
export interface SegmentSpan {
  readonly from: number;
  readonly to: number;
  /** Hash of the entry before the first. */
  readonly previous: string;
  /** Hash of the last entry. */
  readonly hash: string;
}

const spanText = ({ from, to, previous, hash }: SegmentSpan) => `${from}:${to}:${previous}:${hash}`;

export function signSpan(span: SegmentSpan, key: Secret): string {
  return hmac('audit-segment', spanText(span), key);
}

export function isSpanSigned(span: SegmentSpan, signature: string, key: Secret): boolean {
  return isSigned('audit-segment', spanText(span), signature, key);
}

/**
 * The first entry that breaks the chain behind `after`, with the reason in one sentence; undefined when all is whole.
 */
export function firstBreak(
  entries: readonly AuditEntry[],
  after: ChainPlace = CHAIN_START,
): { sequence: number; reason: string } | undefined {
  let previous = after.hash;
  let expected = after.sequence + 1;
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
