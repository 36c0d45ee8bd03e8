import type { KeepalivedConfig, VirtualServerConfig, VrrpConfig } from './model.ts';

/** One thing that is wrong, in a sentence. An `error` makes two masters or none, a `warning` something lesser. */
export interface LintFinding {
  readonly level: 'error' | 'warning';
  readonly text: string;
}

const error = (text: string): LintFinding => ({ level: 'error', text });
const warning = (text: string): LintFinding => ({ level: 'warning', text });

/** What is wrong in one file that `keepalived -t` lets pass, or says badly. `name` is for the sentences. */
export function lintFile(name: string, config: KeepalivedConfig): readonly LintFinding[] {
  const { instances, servers, fifos, scriptSecurity, scriptUser, includes } = config;
  const held = new Set(instances.flatMap(({ vips }) => vips.map((vip) => vip.split('/')[0] ?? '')));
  const vrids = new Map<string, string>();
  return [
    ...includes.map((file) =>
      warning(`${name} includes ${file}, which was not read: give the files it means as well.`),
    ),
    ...instances.flatMap((instance) => instanceFindings(name, instance)),
    ...instances.flatMap(({ name: instance, interface: nic = '', vrid = '' }) => {
      const key = `${nic} ${vrid}`;
      const other = vrids.get(key);
      vrids.set(key, instance);
      if (other === undefined || vrid === '') return [];
      return [
        error(`${name}: ${other} and ${instance} both have virtual_router_id ${vrid} on ${nic}.`),
      ];
    }),
    ...servers.flatMap((server) => serverFindings(name, server, held)),
    ...(fifos.length > 0 && scriptSecurity && scriptUser === undefined
      ? [
          warning(
            `${name}: enable_script_security without script_user: where there is no user keepalived_script, ${fifos.join(', ')} is silently not used.`,
          ),
        ]
      : []),
  ];
}

function instanceFindings(name: string, instance: VrrpConfig): readonly LintFinding[] {
  const { vrid, priority, state, vips } = instance;
  const where = `${name}: ${instance.name}`;
  const found: LintFinding[] = [];
  if (!isWithin(vrid, 1, 255)) {
    found.push(error(`${where} has virtual_router_id ${vrid ?? 'nowhere'}, not 1 to 255.`));
  }
  if (priority === undefined) {
    found.push(warning(`${where} has no priority: keepalived takes 100 without a word.`));
  } else if (!isWithin(priority, 1, 255)) {
    found.push(error(`${where} has priority ${priority}, not 1 to 255.`));
  } else if (priority === '255' && state !== 'MASTER') {
    found.push(warning(`${where} has priority 255, which only the owner of the address may have.`));
  }
  if (vips.length === 0) found.push(warning(`${where} has no virtual_ipaddress.`));
  return found;
}

function serverFindings(
  name: string,
  server: VirtualServerConfig,
  held: ReadonlySet<string>,
): readonly LintFinding[] {
  const [address = ''] = server.name.split(' ');
  const isAddress = /[.:]/.test(address);
  const found: LintFinding[] = [];
  if (isAddress && held.size > 0 && !held.has(address)) {
    found.push(warning(`${name}: no instance holds ${address}, the address of a virtual_server.`));
  }
  if (server.realServers.size === 0) {
    found.push(warning(`${name}: virtual_server ${server.name} has no real_server.`));
  }
  return found;
}

function isWithin(text: string | undefined, least: number, most: number): boolean {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return false;
  return Number(text) >= least && Number(text) <= most;
}

/** A node of a pair and its file. */
export interface NodeConfig {
  readonly name: string;
  readonly config: KeepalivedConfig;
}

/** What does not fit between the files of two nodes; each was measured to make two masters, or uneven directors. */
export function lintPair(a: NodeConfig, b: NodeConfig): readonly LintFinding[] {
  const found: LintFinding[] = [];
  const both = `${a.name} and ${b.name}`;
  if (a.config.routerId !== undefined && a.config.routerId === b.config.routerId) {
    found.push(warning(`${both} have the same router_id ${a.config.routerId}.`));
  }
  found.push(...named(a, b, 'vrrp_instance', ({ config }) => config.instances, pairedInstances));
  found.push(...named(a, b, 'virtual_server', ({ config }) => config.servers, pairedServers));
  return found;
}

/** Compares what has the same name on both; what only one has is an error. */
function named<Part extends { readonly name: string }>(
  a: NodeConfig,
  b: NodeConfig,
  what: string,
  partsOf: (node: NodeConfig) => readonly Part[],
  compare: (a: NodeConfig, b: NodeConfig, one: Part, other: Part) => readonly LintFinding[],
): readonly LintFinding[] {
  const others = new Map(partsOf(b).map((part) => [part.name, part]));
  const found = partsOf(a).flatMap((part) => {
    const other = others.get(part.name);
    others.delete(part.name);
    if (other !== undefined) return compare(a, b, part, other);
    return [error(`${what} ${part.name} is on ${a.name} and not on ${b.name}.`)];
  });
  const rest = [...others.keys()].map((name) =>
    error(`${what} ${name} is on ${b.name} and not on ${a.name}.`),
  );
  return [...found, ...rest];
}

function pairedInstances(
  a: NodeConfig,
  b: NodeConfig,
  one: VrrpConfig,
  other: VrrpConfig,
): readonly LintFinding[] {
  const differs = (what: string, left = 'none', right = 'none') =>
    left === right
      ? []
      : [
          error(
            `${one.name}: ${what} is ${left} on ${a.name} and ${right} on ${b.name}: two masters.`,
          ),
        ];
  const vips = ({ vips: list }: VrrpConfig) => [...list].sort().join(', ');
  return [
    ...differs('virtual_router_id', one.vrid, other.vrid),
    ...differs('the list of virtual_ipaddress', vips(one), vips(other)),
    ...differs('advert_int', one.advertInt, other.advertInt),
    ...differs('the VRRP version', one.version, other.version),
    ...(one.auth === other.auth
      ? []
      : [
          error(
            `${one.name}: the authentication differs between ${a.name} and ${b.name}: two masters.`,
          ),
        ]),
    ...((one.priority ?? '100') === (other.priority ?? '100')
      ? [error(`${one.name}: both have priority ${one.priority ?? '100'}; it must differ.`)]
      : []),
  ];
}

function pairedServers(
  a: NodeConfig,
  b: NodeConfig,
  one: VirtualServerConfig,
  other: VirtualServerConfig,
): readonly LintFinding[] {
  const lines = (
    left: ReadonlyMap<string, string>,
    right: ReadonlyMap<string, string>,
    word = '',
  ) =>
    [...new Set([...left.keys(), ...right.keys()])].flatMap((key) =>
      left.get(key) === right.get(key)
        ? []
        : [
            error(
              `virtual_server ${one.name}: ${key}${word} is ${left.get(key) ?? 'absent'} on ${a.name} and ${right.get(key) ?? 'absent'} on ${b.name}.`,
            ),
          ],
    );
  return [
    ...lines(one.settings, other.settings),
    ...lines(one.realServers, other.realServers, "'s weight"),
  ];
}
