import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
  type WebClientOptions,
} from '@slack/web-api';
import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Log } from '../ports/log.ts';
import { postTimeoutMs } from './limits.ts';
import { slackLogger } from './logger.ts';

export interface WebOptions {
  readonly botToken: Secret;
  /** Base address of the Web API, ending in a slash; default: the real Slack. */
  readonly apiUrl?: string | undefined;
  readonly log: Log;
}

/**
 * Options of a client, always a fresh object: Bolt writes into the one it is given. Nothing is repeated by the
 * library: a post that timed out may have arrived, and posted again it stands there twice.
 */
export function clientOptions(
  options: Pick<WebOptions, 'apiUrl' | 'log'>,
  timeoutMs = postTimeoutMs,
): WebClientOptions {
  return {
    ...(options.apiUrl === undefined ? {} : { slackApiUrl: options.apiUrl }),
    logger: slackLogger(options.log),
    timeout: timeoutMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
  };
}

export function webClient(options: WebOptions, timeoutMs = postTimeoutMs): WebClient {
  return new WebClient(options.botToken.reveal(), clientOptions(options, timeoutMs));
}

/** What a failed call of the Web API means, without any text of the library. */
export type SlackFailure =
  /** Slack answered and said no: `error` is its word, for instance `not_in_channel`. */
  | { readonly kind: 'refused'; readonly error: string; readonly needed?: string }
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  /** No answer, or none that tells what happened: the call may have been executed. */
  | { readonly kind: 'unreachable'; readonly reason: string };

export function failureOf(thrown: unknown): SlackFailure {
  if (thrown instanceof WebAPIPlatformError) {
    const needed: unknown = Reflect.get(thrown.data, 'needed');
    const { error } = thrown.data;
    return typeof needed === 'string'
      ? { kind: 'refused', error, needed }
      : { kind: 'refused', error };
  }
  if (thrown instanceof WebAPIRateLimitedError) {
    return { kind: 'limited', retryAfterMs: thrown.retryAfter * 1000 };
  }
  if (thrown instanceof WebAPIHTTPError) {
    return { kind: 'unreachable', reason: `Slack answered HTTP ${thrown.statusCode}` };
  }
  if (thrown instanceof WebAPIRequestError) {
    const timedOut = thrown.original.name === 'TimeoutError';
    return {
      kind: 'unreachable',
      reason: timedOut
        ? 'Slack did not answer in time'
        : `no connection to Slack${causeOf(thrown)}`,
    };
  }
  return {
    kind: 'unreachable',
    reason: thrown instanceof Error ? thrown.message : 'an unknown fault',
  };
}

function causeOf(thrown: WebAPIRequestError): string {
  const { cause } = thrown.original;
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  return typeof code === 'string' ? ` (${code})` : '';
}

/** The failure as one sentence: `Posting the card: Slack said not_in_channel.` */
export function failureWords(doing: string, failure: SlackFailure): string {
  switch (failure.kind) {
    case 'refused':
      return failure.needed === undefined
        ? `${doing}: Slack said ${failure.error}.`
        : `${doing}: Slack said ${failure.error}; the app needs the scope ${failure.needed}.`;
    case 'limited':
      return `${doing}: Slack asks to wait ${Math.ceil(failure.retryAfterMs / 1000)} s.`;
    case 'unreachable':
      return `${doing}: ${failure.reason}.`;
  }
}

export function unavailable(
  code: 'SLACK_UNAVAILABLE' | 'DIRECTORY_UNAVAILABLE',
  doing: string,
  thrown: unknown,
): OperationError {
  const failure = failureOf(thrown);
  return new OperationError(code, failureWords(doing, failure), {
    cause: thrown,
    ...(failure.kind === 'limited' ? { retryAfterMs: failure.retryAfterMs } : {}),
  });
}
