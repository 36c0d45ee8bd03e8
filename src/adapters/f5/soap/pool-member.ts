import { OperationError } from '../../../domain/errors.ts';
import type { F5Command } from '../commands.ts';
import { fullPool, type NodeAndPort } from '../names.ts';
import type { F5Configured, F5Counters } from '../parse.ts';
import { childAt, textAt, type XmlElement, xmlText } from './xml.ts';

/** The interface of the time before 11.0, which later versions still answer. */
export const POOL_MEMBER = 'LocalLB.PoolMember';

/** The parameter that nearly every operation has: one pool. */
export function poolNames(pool: string): string {
  return `<pool_names s:type="A:Array" A:arrayType="y:string[1]"><item s:type="y:string">${xmlText(fullPool(pool))}</item></pool_names>`;
}

const SETTERS = {
  set_session_enabled_state: {
    parameter: 'session_states',
    struct: 'MemberSessionState',
    field: 'session_state',
    type: 'iControl:Common.EnabledState',
  },
  set_monitor_state: {
    parameter: 'monitor_states',
    struct: 'MemberMonitorState',
    field: 'monitor_state',
    type: 'iControl:Common.EnabledState',
  },
  set_ratio: { parameter: 'ratios', struct: 'MemberRatio', field: 'ratio', type: 'y:long' },
} as const;

/** The parameters of a write to one member of one pool. */
export function setterParameters(command: Extract<F5Command, { api: 'soap' }>): string {
  const { parameter, struct, field, type } = SETTERS[command.operation];
  const { node, port } = command.member;
  const name = `iControl:${POOL_MEMBER}.${struct}`;
  const member = `<member s:type="iControl:Common.IPPortDefinition"><address s:type="y:string">${xmlText(node)}</address><port s:type="y:long">${port}</port></member>`;
  const value = `<${field} s:type="${type}">${xmlText(command.value)}</${field}>`;
  return `${poolNames(command.pool)}<${parameter} s:type="A:Array" A:arrayType="${name}[][1]"><item s:type="A:Array" A:arrayType="${name}[1]"><item s:type="${name}">${member}${value}</item></item></${parameter}>`;
}

/** What one operation says of each member of the one pool asked about, by `address:port`. */
export function byMember<Value>(
  returned: XmlElement | undefined,
  doing: string,
  take: (entry: XmlElement) => Value,
): ReadonlyMap<string, Value> {
  const entries = returned?.children[0]?.children ?? [];
  return new Map(entries.map((entry) => [memberKey(entry, doing), take(entry)]));
}

function memberKey(entry: XmlElement, doing: string): string {
  const address = textAt(entry, 'member', 'address');
  const port = textAt(entry, 'member', 'port');
  if (address !== '' && /^\d{1,5}$/.test(port)) return `${address} ${port}`;
  throw new OperationError('UNEXPECTED_REPLY', `${doing}: a member has no address and port.`);
}

export interface Statistics {
  readonly current: number;
  readonly total: number;
}

/** Of `get_all_statistics`: one block for the pool, in it one entry for each member. */
export function statisticsOf(
  returned: XmlElement | undefined,
  doing: string,
): ReadonlyMap<string, Statistics> {
  const entries = childAt(returned?.children[0], 'statistics')?.children ?? [];
  return new Map(
    entries.map((entry) => {
      const figures = new Map(
        (childAt(entry, 'statistics')?.children ?? []).map((each) => [
          textAt(each, 'type'),
          longOf(childAt(each, 'value')),
        ]),
      );
      const figure = (type: string): number => {
        const value = figures.get(`STATISTIC_SERVER_SIDE_${type}_CONNECTIONS`);
        if (value !== undefined) return value;
        throw new OperationError('UNEXPECTED_REPLY', `${doing}: a member has no statistics.`);
      };
      return [
        memberKey(entry, doing),
        { current: figure('CURRENT'), total: figure('TOTAL') },
      ] as const;
    }),
  );
}

/** 64 bits in two signed halves; beyond 2^53 nobody counts connections. */
function longOf(value: XmlElement | undefined): number | undefined {
  if (value === undefined) return undefined;
  const high = Number(textAt(value, 'high'));
  const low = Number(textAt(value, 'low'));
  if (!Number.isInteger(high) || !Number.isInteger(low)) return undefined;
  return (high >>> 0) * 2 ** 32 + (low >>> 0);
}

const STATE: Readonly<Record<string, string>> = {
  MONITOR_STATUS_UP: 'up',
  MONITOR_STATUS_DOWN: 'down',
  MONITOR_STATUS_ADDRESS_DOWN: 'down',
  MONITOR_STATUS_FORCED_DOWN: 'user-down',
  MONITOR_STATUS_UNCHECKED: 'unchecked',
  MONITOR_STATUS_CHECKING: 'checking',
};

/** The words of REST for a member's two states. */
export function wordsOf(
  session: string,
  monitor: string,
): Pick<F5Configured, 'session' | 'state'> & Pick<F5Counters, 'byParent'> {
  const isDisabled =
    session === 'SESSION_STATUS_DISABLED' || session === 'SESSION_STATUS_FORCED_DISABLED';
  return {
    session: isDisabled ? 'user-disabled' : 'user-enabled',
    state: STATE[monitor] ?? 'unknown',
    byParent:
      session === 'SESSION_STATUS_ADDRESS_DISABLED' || monitor === 'MONITOR_STATUS_ADDRESS_DOWN',
  };
}

/** The path by which a member is known to people, of the address and port that SOAP knows it by. */
export function pathOf(pool: string, { node, port }: NodeAndPort): string {
  const folder = fullPool(pool).slice(0, fullPool(pool).lastIndexOf('/'));
  return `${folder}/${node}${node.includes(':') ? '.' : ':'}${port}`;
}
