import { error, type LintFinding, warning } from './lint.ts';
import type { KeepalivedConfig, VirtualServerConfig, VrrpConfig } from './model.ts';

/** A node of a pair and its configuration. */
export interface NodeConfig {
  readonly name: string;
  readonly config: KeepalivedConfig;
}

/** What does not fit between two nodes; each was measured to make two masters, or uneven directors. */
export function lintPair(a: NodeConfig, b: NodeConfig): readonly LintFinding[] {
  const both = `${a.name} and ${b.name}`;
  const { routerId } = a.config;
  return [
    ...(routerId !== undefined && routerId === b.config.routerId
      ? [warning(`${both} have the same router_id ${routerId}.`)]
      : []),
    ...paired(
      a,
      b,
      'vrrp_instance',
      ({ config }) => config.instances,
      ({ name }) => name,
      instances,
    ),
    ...paired(a, b, 'virtual_server', ({ config }) => config.servers, serverKey, servers),
    ...paired(a, b, 'virtual_server_group', groupsOf, ({ name }) => name, groups),
  ];
}

function serverKey({ name, protocol }: VirtualServerConfig): string {
  return protocol === undefined || /^tcp$/iu.test(protocol) ? name : `${name} ${protocol}`;
}

/** Compares what has the same name on both; what only one has is an error. */
function paired<Part>(
  a: NodeConfig,
  b: NodeConfig,
  what: string,
  partsOf: (node: NodeConfig) => readonly Part[],
  nameOf: (part: Part) => string,
  compare: (a: NodeConfig, b: NodeConfig, one: Part, other: Part) => readonly LintFinding[],
): readonly LintFinding[] {
  const others = new Map(partsOf(b).map((part) => [nameOf(part), part]));
  const found = partsOf(a).flatMap((part) => {
    const other = others.get(nameOf(part));
    others.delete(nameOf(part));
    if (other !== undefined) return compare(a, b, part, other);
    return [error(`${what} ${nameOf(part)} is on ${a.name} and not on ${b.name}.`)];
  });
  const rest = [...others.keys()].map((name) =>
    error(`${what} ${name} is on ${b.name} and not on ${a.name}.`),
  );
  return [...found, ...rest];
}

function instances(
  a: NodeConfig,
  b: NodeConfig,
  one: VrrpConfig,
  other: VrrpConfig,
): readonly LintFinding[] {
  const found: LintFinding[] = [];
  const masters = (what: string, left = 'none', right = 'none') => {
    if (left === right) return;
    found.push(
      error(`${one.name}: ${what} is ${left} on ${a.name} and ${right} on ${b.name}: two masters.`),
    );
  };
  const list = (each: readonly string[]) => [...each].sort().join(', ');
  masters('virtual_router_id', one.vrid, other.vrid);
  masters('the list of virtual_ipaddress', list(one.vips), list(other.vips));
  masters('advert_int', one.advertInt, other.advertInt);
  masters('the VRRP version', one.version, other.version);
  if (one.auth !== other.auth) {
    const words = `the authentication differs between ${a.name} and ${b.name}`;
    found.push(error(`${one.name}: ${words}: two masters.`));
  }
  if (one.unicastPeers.length > 0 !== other.unicastPeers.length > 0) {
    const words = 'one node speaks to its peers by unicast and the other by multicast';
    found.push(error(`${one.name}: ${words}: two masters.`));
  }
  if (list(one.excludedVips) !== list(other.excludedVips)) {
    found.push(error(`${one.name}: the list of virtual_ipaddress_excluded differs.`));
  }
  const priority = one.priority ?? '100';
  if (priority === (other.priority ?? '100')) {
    found.push(error(`${one.name}: both have priority ${priority}; it must differ.`));
  }
  return found;
}

function servers(
  a: NodeConfig,
  b: NodeConfig,
  one: VirtualServerConfig,
  other: VirtualServerConfig,
): readonly LintFinding[] {
  const where = `virtual_server ${one.name}`;
  const lines = (
    left: ReadonlyMap<string, string>,
    right: ReadonlyMap<string, string>,
    word: string,
  ) =>
    [...new Set([...left.keys(), ...right.keys()])].flatMap((key) => {
      const [mine = 'absent', theirs = 'absent'] = [left.get(key), right.get(key)];
      if (mine === theirs) return [];
      return [error(`${where}: ${key}${word} is ${mine} on ${a.name} and ${theirs} on ${b.name}.`)];
    });
  const part = (server: VirtualServerConfig, what: 'weight' | 'forwarding') =>
    new Map([...server.realServers].map(([name, each]) => [name, each[what] ?? server.forwarding]));
  const common = (server: VirtualServerConfig, peer: VirtualServerConfig) =>
    new Map([...part(server, 'forwarding')].filter(([name]) => peer.realServers.has(name)));
  const sameKind = one.forwarding === other.forwarding;
  return [
    ...lines(withCase(one.settings), withCase(other.settings), ''),
    ...lines(part(one, 'weight'), part(other, 'weight'), "'s weight"),
    ...(sameKind ? lines(common(one, other), common(other, one), "'s lvs_method") : []),
  ];
}

/** `tcp` and `TCP` are one. */
function withCase(settings: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const isWord = (key: string) => key === 'protocol' || key === 'lb_kind';
  return new Map(
    [...settings].map(([key, value]) => [key, isWord(key) ? value.toUpperCase() : value]),
  );
}

interface Group {
  readonly name: string;
  readonly lines: string;
}

function groupsOf({ config }: NodeConfig): readonly Group[] {
  return [...config.groups].map(([name, lines]) => ({
    name,
    lines: lines
      .map((words) => words.join(' '))
      .sort()
      .join(', '),
  }));
}

function groups(a: NodeConfig, b: NodeConfig, one: Group, other: Group): readonly LintFinding[] {
  if (one.lines === other.lines) return [];
  const words = `is ${one.lines} on ${a.name} and ${other.lines} on ${b.name}`;
  return [error(`virtual_server_group ${one.name} ${words}.`)];
}
