import type { Statement } from './source.ts';
import { forHost, isOn, lastValue, named } from './statements.ts';
import { isInclude } from './whole.ts';

export interface VrrpConfig {
  readonly name: string;
  readonly line: number;
  readonly state?: string;
  readonly interface?: string;
  readonly vrid?: string;
  readonly priority?: string;
  readonly isNopreempt: boolean;
  readonly advertInt: string;
  readonly version: string;
  /** Type and password, for comparing only: it is shown nowhere. */
  readonly auth: string;
  /** In order, as written. */
  readonly vips: readonly string[];
  readonly excludedVips: readonly string[];
  readonly unicastPeers: readonly string[];
}

export interface RealServerConfig {
  /** `192.168.100.78 80`. */
  readonly name: string;
  /** 1 where none is said. */
  readonly weight: string;
  readonly forwarding?: string;
  readonly inhibits: boolean;
  /** `HTTP_GET`, `TCP_CHECK`, … */
  readonly checks: readonly string[];
  /** What sets its weight beside the configuration, for instance `misc_dynamic`. */
  readonly weightMoves?: string;
  readonly statement: Statement;
}

export interface VirtualServerConfig {
  /** `192.168.100.11 80`, `fwmark 7` or `group web`; several protocols may have the same. */
  readonly name: string;
  readonly line: number;
  readonly protocol?: string;
  readonly forwarding: string;
  /** What both nodes must have alike, by keyword. */
  readonly settings: ReadonlyMap<string, string>;
  readonly realServers: ReadonlyMap<string, RealServerConfig>;
  readonly isIpv6: boolean;
}

export interface KeepalivedConfig {
  readonly routerId?: string;
  /** Those whose text is not here. */
  readonly includes: readonly string[];
  readonly scriptSecurity: boolean;
  readonly scriptUser?: string;
  readonly fifos: readonly string[];
  readonly instances: readonly VrrpConfig[];
  readonly servers: readonly VirtualServerConfig[];
  /** Lines of each virtual_server_group. */
  readonly groups: ReadonlyMap<string, readonly (readonly string[])[]>;
}

const CHECK = /^(?:[A-Z]+_CHECK|HTTP_GET|SSL_GET)$/u;

/** Two words for one thing; the first is shown. */
const ALIKE: readonly (readonly [string, ...string[]])[] = [
  ['lb_algo', 'lvs_sched'],
  ['lb_kind', 'lvs_method'],
  ['protocol'],
  ['persistence_timeout'],
  ['persistence_granularity'],
  ['persistence_engine'],
  ['sorry_server'],
  ['quorum'],
  ['hysteresis'],
  ['ops'],
  ['sh-port'],
  ['sh-fallback'],
  ['mh-port'],
  ['mh-fallback'],
];

/** What is looked at of a file that parses; lines for another host than `host` are left out. */
export function modelOf(all: readonly Statement[], host?: string): KeepalivedConfig {
  const statements = forHost(all, host);
  const globals = named(statements, 'global_defs').flatMap(({ block = [] }) => block);
  const version = lastValue(globals, 'vrrp_version') ?? '2';
  const routerId = lastValue(globals, 'router_id');
  const scriptUser = lastValue(globals, 'script_user');
  return {
    ...(routerId === undefined ? {} : { routerId }),
    ...(scriptUser === undefined ? {} : { scriptUser }),
    scriptSecurity: named(globals, 'enable_script_security').length > 0,
    fifos: named(globals, 'notify_fifo', 'vrrp_notify_fifo', 'lvs_notify_fifo').map(
      ({ words }) => words[1] ?? '',
    ),
    includes: includesIn(statements),
    instances: named(statements, 'vrrp_instance').map((each) => instanceOf(each, version)),
    servers: named(statements, 'virtual_server').map(serverOf),
    groups: new Map(
      named(statements, 'virtual_server_group').map(({ words, block = [] }) => [
        words[1] ?? '',
        block.map((line) => line.words),
      ]),
    ),
  };
}

function includesIn(statements: readonly Statement[]): readonly string[] {
  return statements.flatMap((each) =>
    isInclude(each) ? [each.words.slice(1).join(' ')] : includesIn(each.block ?? []),
  );
}

function instanceOf({ words, line, block = [] }: Statement, version: string): VrrpConfig {
  const part = (keyword: string) => named(block, keyword).flatMap((each) => each.block ?? []);
  const firstWords = (keyword: string) => part(keyword).map((each) => each.words[0] ?? '');
  const authentication = part('authentication');
  const optional = (key: string, keyword: string) => {
    const found = lastValue(block, keyword);
    return found === undefined ? {} : { [key]: found };
  };
  return {
    name: words[1] ?? '',
    line,
    ...optional('state', 'state'),
    ...optional('interface', 'interface'),
    ...optional('vrid', 'virtual_router_id'),
    ...optional('priority', 'priority'),
    isNopreempt: named(block, 'nopreempt').length > 0,
    advertInt: lastValue(block, 'advert_int') ?? '1',
    version: lastValue(block, 'version') ?? version,
    auth: JSON.stringify([
      lastValue(authentication, 'auth_type') ?? '',
      lastValue(authentication, 'auth_pass') ?? '',
    ]),
    vips: firstWords('virtual_ipaddress'),
    excludedVips: firstWords('virtual_ipaddress_excluded'),
    unicastPeers: firstWords('unicast_peer'),
  };
}

function serverOf({ words, line, block = [] }: Statement): VirtualServerConfig {
  const settings = ALIKE.flatMap((names): [string, string][] => {
    const value = lastValue(block, ...names);
    return value === undefined ? [] : [[names[0], value]];
  });
  const protocol = lastValue(block, 'protocol');
  const inhibits = isOn(block, 'inhibit_on_failure');
  const realServers = named(block, 'real_server').map((each) => realServerOf(each, inhibits));
  return {
    name: words.slice(1).join(' '),
    line,
    ...(protocol === undefined ? {} : { protocol }),
    forwarding: lastValue(block, 'lb_kind', 'lvs_method') ?? 'NAT',
    settings: new Map(settings),
    realServers: new Map(realServers.map((each) => [each.name, each])),
    isIpv6:
      lastValue(block, 'ip_family') === 'inet6' ||
      realServers.some(({ name }) => name.includes(':')),
  };
}

function realServerOf(statement: Statement, inhibitsAll: boolean): RealServerConfig {
  const { words, block = [] } = statement;
  const forwarding = lastValue(block, 'lb_kind', 'lvs_method');
  const weightMoves = weightMovesIn(block);
  return {
    name: words.slice(1).join(' '),
    weight: lastValue(block, 'weight') ?? '1',
    ...(forwarding === undefined ? {} : { forwarding }),
    inhibits:
      named(block, 'inhibit_on_failure').length > 0
        ? isOn(block, 'inhibit_on_failure')
        : inhibitsAll,
    checks: block.map(({ words: [keyword = ''] }) => keyword).filter((each) => CHECK.test(each)),
    ...(weightMoves === undefined ? {} : { weightMoves }),
    statement,
  };
}

/** A check that may set the weight itself: then no weight in the configuration holds. */
function weightMovesIn(block: readonly Statement[]): string | undefined {
  for (const { words, block: inside = [] } of block) {
    if (words[0] === 'MISC_CHECK' && named(inside, 'misc_dynamic').length > 0)
      return 'misc_dynamic';
    if (words[0] === 'FILE_CHECK' && lastValue(inside, 'weight') !== undefined) {
      return 'FILE_CHECK with a weight';
    }
  }
  return undefined;
}
