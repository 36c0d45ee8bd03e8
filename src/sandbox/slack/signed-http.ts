import { createHmac } from 'node:crypto';
import type { DeliveryType, JsonObject } from './wire.ts';

/** How the app answered: `undefined` status when it did not. */
export interface AppReply {
  readonly acknowledged: boolean;
  readonly body?: JsonObject;
  readonly status?: number;
  readonly error?: string;
}

export interface HttpRequest {
  readonly url: string;
  readonly type: DeliveryType;
  readonly payload: JsonObject;
  readonly signingSecret: string;
  readonly timeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signature: 'good' | 'wrong' | 'stale';
  /** How often it was sent before. */
  readonly retry: number;
}

const STALE_BY_SECONDS = 10 * 60;

/** `v0=…` over timestamp (seconds) and raw body, as docs.slack.dev describes it. */
export function signatureOf(secret: string, timestamp: number, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

/** Posts one delivery, signed as Slack signs. Never throws for what the app does. */
export async function postSigned(request: HttpRequest): Promise<AppReply> {
  const body = bodyOf(request.type, request.payload);
  const seconds = Math.floor(request.now / 1000);
  const timestamp = request.signature === 'stale' ? seconds - STALE_BY_SECONDS : seconds;
  const secret = request.signature === 'wrong' ? 'another-secret' : request.signingSecret;
  try {
    const response = await fetch(request.url, {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(request.timeoutMs),
      redirect: 'error',
      headers: {
        'content-type':
          request.type === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': String(timestamp),
        'x-slack-signature': signatureOf(secret, timestamp, body),
        ...(request.retry > 0 && {
          'x-slack-retry-num': String(request.retry),
          'x-slack-retry-reason': 'http_timeout',
        }),
      },
    });
    const text = await response.text();
    const answer = response.ok ? answerOf(text) : undefined;
    return {
      acknowledged: response.status === 200,
      status: response.status,
      ...(answer && { body: answer }),
    };
  } catch (thrown) {
    const timedOut = thrown instanceof Error && thrown.name === 'TimeoutError';
    return { acknowledged: false, error: timedOut ? 'timeout' : 'unreachable' };
  }
}

function bodyOf(type: DeliveryType, payload: JsonObject): string {
  if (type === 'events_api') return JSON.stringify(payload);
  if (type === 'interactive') {
    return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  }
  const fields = Object.entries(payload).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return new URLSearchParams(fields).toString();
}

/** An empty body is only an acknowledgement; text that is no JSON is the answer's text. */
function answerOf(text: string): JsonObject | undefined {
  if (text === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : { text: String(parsed) };
  } catch {
    return { text };
  }
}
