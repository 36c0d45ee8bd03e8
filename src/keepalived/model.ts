import type { Statement } from './source.ts';

export interface VrrpConfig {
  readonly name: string;
  readonly line: number;
  readonly state?: string;
  readonly interface?: string;
  readonly vrid?: string;
  readonly priority?: string;
  readonly advertInt: string;
  readonly version: string;
  /** Type and password, for comparing only: it is shown nowhere. */
  readonly auth: string;
  /** In order, as written. */
  readonly vips: readonly string[];
}

export interface VirtualServerConfig {
  /** `192.168.100.11 80`, `fwmark 7` or `group web`. */
  readonly name: string;
  readonly line: number;
  /** What both nodes must have alike, by keyword. */
  readonly settings: ReadonlyMap<string, string>;
  /** Real server to its weight; 1 where none is said. */
  readonly realServers: ReadonlyMap<string, string>;
}

export interface KeepalivedConfig {
  readonly routerId?: string;
  readonly includes: readonly string[];
  readonly scriptSecurity: boolean;
  readonly scriptUser?: string;
  readonly fifos: readonly string[];
  readonly instances: readonly VrrpConfig[];
  readonly servers: readonly VirtualServerConfig[];
}

const ALIKE = ['lb_algo', 'lvs_sched', 'lb_kind', 'lvs_method', 'protocol', 'persistence_timeout'];

/** What the lint looks at, of a file that parses; lines for another host than `host` are left out. */
export function modelOf(all: readonly Statement[], host?: string): KeepalivedConfig {
  const statements = forHost(all, host);
  const globals = statements
    .filter(({ words }) => words[0] === 'global_defs')
    .flatMap(({ block = [] }) => block);
  const value = (keyword: string) => lastValue(globals, keyword);
  const version = value('vrrp_version') ?? '2';
  const fifos = globals
    .filter(({ words }) => /^(vrrp_|lvs_)?notify_fifo$/.test(words[0] ?? ''))
    .map(({ words }) => words[1] ?? '');
  const routerId = value('router_id');
  const scriptUser = value('script_user');
  return {
    ...(routerId === undefined ? {} : { routerId }),
    ...(scriptUser === undefined ? {} : { scriptUser }),
    scriptSecurity: globals.some(({ words }) => words[0] === 'enable_script_security'),
    fifos,
    includes: includesIn(statements),
    instances: statements
      .filter(({ words }) => words[0] === 'vrrp_instance')
      .map((each) => instanceOf(each, version)),
    servers: statements.filter(({ words }) => words[0] === 'virtual_server').map(serverOf),
  };
}

function forHost(statements: readonly Statement[], host?: string): readonly Statement[] {
  return statements
    .filter(({ onlyFor }) => {
      if (onlyFor === undefined || host === undefined) return true;
      return onlyFor.startsWith('^') ? onlyFor.slice(1) !== host : onlyFor === host;
    })
    .map((each) =>
      each.block === undefined ? each : { ...each, block: forHost(each.block, host) },
    );
}

function includesIn(statements: readonly Statement[]): readonly string[] {
  return statements.flatMap(({ words, block = [] }) => [
    ...(words[0] === 'include' ? [words.slice(1).join(' ')] : []),
    ...includesIn(block),
  ]);
}

/** The last one counts, as in keepalived. */
function lastValue(block: readonly Statement[], keyword: string): string | undefined {
  return block
    .findLast(({ words }) => words[0] === keyword)
    ?.words.slice(1)
    .join(' ');
}

function instanceOf({ words, line, block = [] }: Statement, version: string): VrrpConfig {
  const part = (keyword: string) => block.find((each) => each.words[0] === keyword)?.block ?? [];
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
    advertInt: lastValue(block, 'advert_int') ?? '1',
    version: lastValue(block, 'version') ?? version,
    auth: JSON.stringify([
      lastValue(authentication, 'auth_type') ?? '',
      lastValue(authentication, 'auth_pass') ?? '',
    ]),
    vips: part('virtual_ipaddress').map((each) => each.words[0] ?? ''),
  };
}

function serverOf({ words, line, block = [] }: Statement): VirtualServerConfig {
  const settings = ALIKE.map((keyword) => [keyword, lastValue(block, keyword)] as const).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const realServers = block
    .filter((each) => each.words[0] === 'real_server')
    .map((each): [string, string] => [
      each.words.slice(1).join(' '),
      lastValue(each.block ?? [], 'weight') ?? '1',
    ]);
  return {
    name: words.slice(1).join(' '),
    line,
    settings: new Map(settings),
    realServers: new Map(realServers),
  };
}
