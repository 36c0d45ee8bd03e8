import type { Account } from './accounts.ts';
import type { DeviceGroup } from './device-group.ts';
import { badRequest, RestError } from './rest-errors.ts';
import type { Unit } from './unit.ts';

/** One authenticated request to the REST interface. */
export interface RestCall {
  readonly unit: Unit;
  readonly group: DeviceGroup;
  readonly transactions: Transactions;
  readonly account: Account;
  readonly method: string;
  /** Without a trailing slash and not decoded. */
  readonly path: string;
  /** What the route's `:name` segments stand for, decoded. */
  readonly names: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly remoteAddress: string;
  /** Value of X-F5-Auth-Token, if the request had one. */
  readonly token: string | undefined;
}

export interface RestReply {
  readonly status: number;
  readonly body: unknown;
  readonly html?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly statusText?: string;
}

/** Writes that are collected and then done all or not at all. */
export interface Transactions {
  start(call: RestCall): RestReply;
  read(call: RestCall): RestReply;
  list(call: RestCall): RestReply;
  commands(call: RestCall): RestReply;
  commit(call: RestCall): RestReply;
  discard(call: RestCall): RestReply;
  /** Puts a write aside instead of doing it now. */
  queue(id: string, call: RestCall, run: () => RestReply): RestReply;
}

export type RestHandler = (call: RestCall) => RestReply;

export const ok = (body: object): RestReply => ({ status: 200, body });
export const nothing: RestReply = { status: 200, body: undefined };

export const ORIGIN = 'https://localhost';

/** `?ver=` is how clients learn the version. */
export const selfLink = (unit: Unit, path: string): string =>
  `${ORIGIN}${path}?ver=${unit.world.version}`;

/** The body as an object. Throws 400 for what is not one. */
export function objectOf(call: RestCall): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(call.body.trim() === '' ? '{}' : call.body);
  } catch {
    throw new RestError(400, 'Found invalid JSON body in the request.', 1);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RestError(400, 'Found invalid JSON body in the request.', 1);
  }
  return { ...value };
}

const tagLike = /<\/?[a-z!][^<>]*>/i;

/** The device takes nothing that looks like a tag, in the address or the body. */
export function refuseTags(path: string, body: string): void {
  if (tagLike.test(path) || tagLike.test(body)) {
    throw badRequest('HTML Tag-like Content in the Request URL/Body');
  }
}
