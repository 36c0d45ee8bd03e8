import { findPool, fullPath, type MemberConfig, nodeOf, type PoolConfig } from './config-model.ts';
import { accessDenied, requestedNotFound, SoapFault } from './soap-fault.ts';
import { fieldOf, list, type SoapContext, text } from './soap-operations.ts';
import type { SoapValue } from './soap-values.ts';
import type { Load } from './traffic-model.ts';

/** First parameter of nearly every operation. */
export const poolNames = ['pool_names', 'Common.StringSequence'] as const;

/** The pools of a sequence of names, which are relative to the session's folder. */
export const poolsOf = (context: SoapContext, names: SoapValue | undefined): PoolConfig[] =>
  list(names).map((name) => {
    const given = text(name);
    const path = given.startsWith('/') ? given : `${context.session.folder}/${given}`;
    const pool = findPool(context.unit.running, path);
    if (pool === undefined) throw requestedNotFound('pool', path);
    return pool;
  });

/** A member by address or node name, with or without partition, and port. */
export function memberOf(context: SoapContext, pool: PoolConfig, value: SoapValue): MemberConfig {
  const address = text(fieldOf(value, 'address'));
  const port = Number(fieldOf(value, 'port') ?? 0);
  const found = pool.members.find((member) => {
    if (member.port !== port) return false;
    const node = nodeOf(context.unit.running, member)?.name ?? member.address;
    return [member.address, node].some(
      (name) => address === name || address === `/${member.partition}/${name}`,
    );
  });
  if (found !== undefined) return found;
  const node = address.startsWith('/') ? address : `/${pool.partition}/${address}`;
  throw requestedNotFound('pool member', `${fullPath(pool)} ${node} ${port}`);
}

/** The n-th list belongs to the n-th pool. */
export function listPerPool(
  pools: readonly unknown[],
  value: SoapValue | undefined,
): readonly (readonly SoapValue[])[] {
  const lists = list(value).map(list);
  if (lists.length === pools.length) return lists;
  const message = `01020031:3: ${pools.length} pools, but ${lists.length} lists of members`;
  throw new SoapFault('Common::InvalidArgument', 16_907_281, message);
}

export interface Change {
  readonly member: MemberConfig;
  readonly apply: (member: MemberConfig) => void;
}

/** Applies changes that were all found to be possible before the first of them. */
export function applyAll(
  context: SoapContext,
  changes: readonly Change[],
  operatorMay: boolean,
): void {
  const { role } = context.account;
  if (role !== 'admin' && !(role === 'operator' && operatorMay)) throw accessDenied();
  const { running } = context.unit;
  for (const { member, apply } of changes) {
    running.generation += 1;
    apply(member);
    member.generation = running.generation;
  }
  if (changes.length > 0) context.group.changed(context.unit);
}

/** Of one member, or of all of a pool together. */
export function statistics(loads: readonly Load[]): SoapValue {
  const sum = (key: keyof Load) => loads.reduce((total, load) => total + load[key], 0);
  const numbers: Readonly<Record<string, number>> = {
    STATISTIC_SERVER_SIDE_BYTES_IN: sum('bitsIn') / 8,
    STATISTIC_SERVER_SIDE_BYTES_OUT: sum('bitsOut') / 8,
    STATISTIC_SERVER_SIDE_CURRENT_CONNECTIONS: sum('current'),
    STATISTIC_SERVER_SIDE_MAXIMUM_CONNECTIONS: sum('max'),
    STATISTIC_SERVER_SIDE_TOTAL_CONNECTIONS: sum('total'),
    STATISTIC_TOTAL_REQUESTS: sum('total'),
  };
  return Object.entries(numbers).map(([type, number]) => {
    const whole = Math.round(number);
    const value = { high: Math.floor(whole / 2 ** 32), low: whole % 2 ** 32 };
    return { type, value, time_stamp: 0 };
  });
}

export function timeStamp(ms: number): SoapValue {
  const date = new Date(ms);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}
