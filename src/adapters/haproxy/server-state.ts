import type { OperationError } from '../../domain/errors.ts';
import type { AdminState, Cause, Health, MemberState } from '../../domain/member.ts';
import { countOf, type Row } from './parse.ts';

/** Bits of `srv_admin_state` (HAProxy `include/haproxy/server-t.h`, SRV_ADMF_*). */
const FORCED_MAINT = 0x01;
const INHERITED_MAINT = 0x02;
/**
 * `disabled` stands in the configuration. It stays set when the server is enabled at run time, so by
 * itself it says nothing about now.
 */
const CONFIGURED_MAINT = 0x04;
const FORCED_DRAIN = 0x08;
const INHERITED_DRAIN = 0x10;
const RESOLUTION_MAINT = 0x20;

const ANY_MAINT = FORCED_MAINT | INHERITED_MAINT | RESOLUTION_MAINT;
const ANY_DRAIN = FORCED_DRAIN | INHERITED_DRAIN;

/**
 * One server, from its line in `show servers state` (settings) and its line in `show stat` (what it does).
 * The weight is the one that was set (`srv_uweight`): the effective one moves by itself during a slow start.
 */
export function memberOf(
  state: Row,
  stat: Row,
  fault: (what: string) => OperationError,
): MemberState {
  const name = textOf(state, 'srv_name');
  const number = (row: Row, column: string): number => {
    const value = countOf(row.get(column));
    if (value === undefined) throw fault(`server ${name} has no number in column ${column}`);
    return value;
  };
  const bits = number(state, 'srv_admin_state');
  const admin = adminOf(bits);
  const status = textOf(stat, 'status');
  const health = healthOf(status, stat);
  const sessionsTotal = number(stat, 'stot');
  const balanced = countOf(stat.get('lbtot'));
  const address = textOf(state, 'srv_addr');
  return {
    name,
    address: address === '-' || address === '' ? textOf(state, 'srv_fqdn') : address,
    port: countOf(state.get('srv_port')) ?? 0,
    admin,
    health,
    status,
    causes: causesOf(bits, health),
    weight: number(state, 'srv_uweight'),
    configuredWeight: number(state, 'srv_iweight'),
    backup: textOf(stat, 'bck') === '1',
    sessions: number(stat, 'scur'),
    sessionsTotal,
    ...(hasCookie(stat) && balanced !== undefined
      ? { stickyTotal: Math.max(0, sessionsTotal - balanced) }
      : {}),
  };
}

export function hasCookie(stat: Row): boolean {
  return textOf(stat, 'cookie') !== '';
}

function adminOf(bits: number): AdminState {
  if ((bits & ANY_MAINT) !== 0) return 'disabled';
  return (bits & ANY_DRAIN) !== 0 ? 'drained' : 'enabled';
}

function causesOf(bits: number, health: Health): readonly Cause[] {
  const causes = new Set<Cause>();
  if ((bits & FORCED_MAINT) !== 0) {
    causes.add((bits & CONFIGURED_MAINT) !== 0 ? 'configuration' : 'command');
  }
  if ((bits & FORCED_DRAIN) !== 0) causes.add('command');
  if ((bits & (INHERITED_MAINT | INHERITED_DRAIN)) !== 0) causes.add('tracking');
  if ((bits & RESOLUTION_MAINT) !== 0) causes.add('resolution');
  if (health === 'down' || health === 'recovering' || health === 'stopping') {
    causes.add('health-check');
  }
  return [...causes];
}

/** The words of column `status`; a fraction counts checks still needed until the state changes. */
function healthOf(status: string, stat: Row): Health {
  const [word = '', detail = ''] = status.split(' ', 2);
  const changing = /^\d+\/\d+$/.test(detail);
  switch (word) {
    case 'UP':
      return changing ? 'failing' : 'up';
    case 'DOWN':
      return changing ? 'recovering' : 'down';
    case 'DRAIN':
      if (changing) return 'failing';
      return textOf(stat, 'check_status') === '' && textOf(stat, 'tracked') === ''
        ? 'unchecked'
        : 'up';
    case 'NOLB':
      return 'stopping';
    case 'MAINT':
      return 'suspended';
    case 'no':
      return 'unchecked';
    default:
      return 'unknown';
  }
}

function textOf(row: Row, column: string): string {
  return row.get(column) ?? '';
}
