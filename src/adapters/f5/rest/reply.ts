import { z } from 'zod';
import type { ErrorCode } from '../../../domain/errors.ts';
import type { HttpsReply } from '../../../transports/https.ts';
import { deviceWords, pageFault, Refusal } from '../refusal.ts';

const refusal = z.looseObject({ message: z.string().catch('') });

/**
 * What a reply holds. Throws Refusal with the unit's message, UNEXPECTED_REPLY for what is no JSON object, and
 * OUTCOME_UNKNOWN when something in front of the unit answered a write in its place.
 */
export function replyData(reply: HttpsReply, doing: string, isWrite: boolean): unknown {
  const { status, body } = reply;
  const data = objectIn(body);
  if (data === undefined) throw pageFault(reply, 'JSON', doing, isWrite);
  if (status >= 200 && status < 300) return data;
  const said = deviceWords(refusal.parse(data).message) || `the unit answered ${status}`;
  throw new Refusal(codeOf(status), `${doing}: ${said}`, status);
}

function objectIn(body: string): object | undefined {
  try {
    const data: unknown = JSON.parse(body);
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(status: number): ErrorCode {
  switch (status) {
    case 401:
    case 403:
      return 'PERMISSION';
    case 404:
      // Who asked knows whether it was the pool that is missing.
      return 'NO_SUCH_POOL';
    case 429:
    case 503:
      return 'UNREACHABLE';
    default:
      return 'UNEXPECTED_REPLY';
  }
}
