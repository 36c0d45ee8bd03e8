import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../domain/secret.ts';
import { signatureAgeMaxMs } from './limits.ts';

/** The two headers by which Slack signs a request, as they came. */
export interface SignedHeaders {
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/**
 * Why a request cannot be genuine, as far as its headers say, before anything of it is read; undefined when it may
 * be. A timestamp of the future is as wrong as a stale one: it could be kept and sent later.
 */
export function headersFault(headers: SignedHeaders, nowMs: number): string | undefined {
  const { timestamp, signature } = headers;
  if (timestamp === undefined || signature === undefined) return 'it is not signed';
  if (!/^\d{1,12}$/.test(timestamp)) return 'its timestamp is not a number';
  if (!/^v0=[0-9a-f]{64}$/.test(signature)) return 'its signature is not of version 0';
  const ageMs = nowMs - Number(timestamp) * 1000;
  if (ageMs > signatureAgeMaxMs) return 'it is stale';
  return ageMs < -signatureAgeMaxMs ? 'its timestamp lies in the future' : undefined;
}

/**
 * Whether somebody who holds the signing secret signed exactly these bytes with this timestamp. Takes as long for a
 * wrong signature as for a right one.
 */
export function isGenuine(headers: SignedHeaders, body: Buffer, secret: Secret): boolean {
  const expected = createHmac('sha256', secret.reveal())
    .update(`v0:${headers.timestamp ?? ''}:`)
    .update(body)
    .digest();
  const given = Buffer.from((headers.signature ?? '').replace(/^v0=/, ''), 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
