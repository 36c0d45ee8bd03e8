import { parseSshTarget } from '../domain/endpoint.ts';
import { isOwnName } from '../domain/names.ts';
import { parsePool, poolText } from '../domain/virtual-service.ts';
import { wayFaults } from './balancer-ways.ts';
import { f5PoolPath } from './f5-schema.ts';
import { f5Faults } from './f5-ways.ts';
import type { PathPart } from './fault.ts';
import { shown } from './fault.ts';
import type { Outline } from './outline.ts';
import { firstUse, oneOf, pairFaults } from './pair-faults.ts';

/** A fault whose path is still in parts, so that its line can be found. */
export interface Finding {
  readonly path: readonly PathPart[];
  readonly expected: string;
  readonly got: string;
}

/** Everything that is wrong between the parts of an inventory: names, references, things that are there twice. */
export function crossCheck(outline: Outline): readonly Finding[] {
  return [
    ...unsafeNames(outline),
    ...approversMissing(outline),
    ...pathsTwice(outline),
    ...wayFaults(outline),
    ...f5Faults(outline),
    ...pairFaults(outline),
    ...serviceNamesTwice(outline),
    ...serviceFaults(outline),
    ...poolKeys(outline),
    ...poolsTwice(outline),
  ];
}

const NAME_EXPECTED = 'a name of letters, digits and . _ - that begins with a letter or digit';

function unsafeNames(outline: Outline): readonly Finding[] {
  const sections = ['environments', 'balancers', 'pairs', 'services', 'shell'] as const;
  const keys = sections.flatMap((section) =>
    [...outline[section].keys()]
      .filter((name) => !isOwnName(name))
      .map((name) => ({ path: [section, name], expected: NAME_EXPECTED, got: shown(name) })),
  );
  const aliases = [...outline.services].flatMap(([service, { aliases: names }]) =>
    names.flatMap((name, index) =>
      name === undefined || isOwnName(name)
        ? []
        : [
            {
              path: ['services', service, 'aliases', index],
              expected: NAME_EXPECTED,
              got: shown(name),
            },
          ],
    ),
  );
  return [...keys, ...aliases];
}

/** With fewer people than must approve nothing could ever be; how many a group has only Slack knows. */
function approversMissing({ environments }: Outline): readonly Finding[] {
  return [...environments].flatMap(([name, { approval, roles }]) => {
    const { required } = approval;
    const approvers: unknown = roles.approvers ?? [];
    if (typeof required !== 'number' || !Array.isArray(approvers)) return [];
    const people = new Set(approvers).size;
    const hasGroup = approvers.some((id) => typeof id === 'string' && id.startsWith('S'));
    if (hasGroup || people >= required) return [];
    const expected =
      required === 1
        ? 'at least one approver, because approval.required is 1'
        : `at least ${required} approvers or a group, because approval.required is ${required}`;
    const got = people === 0 ? 'nobody' : people === 1 ? 'one person' : `${people} people`;
    return [{ path: ['environments', name, 'roles', 'approvers'], expected, got }];
  });
}

const OWN_PATHS = [
  ['socket', 'socket'],
  ['master_socket', 'socket'],
  ['server_state_file', 'file'],
] as const;

function pathsTwice({ balancers }: Outline): readonly Finding[] {
  const use = firstUse();
  return [...balancers].flatMap(([name, given]) => {
    const host = given.ssh === undefined ? undefined : parseSshTarget(given.ssh);
    return OWN_PATHS.flatMap(([key, what]) => {
      if (given[key] === undefined) return [];
      // Behind different hosts, the same private address may be two machines.
      const earlier = use(JSON.stringify([given.jump, host?.host, host?.port, given[key]]), name);
      if (earlier === undefined) return [];
      const expected = `a ${what} of its own (${earlier} has this one)`;
      return [{ path: ['balancers', name, key], expected, got: shown(given[key]) }];
    });
  });
}

function serviceNamesTwice({ services }: Outline): readonly Finding[] {
  const use = firstUse();
  const found: Finding[] = [];
  const note = (name: string, owner: string, path: readonly PathPart[]) => {
    const earlier = use(name.toLowerCase(), owner);
    if (earlier !== undefined) {
      const expected = `a name that no other service has (it belongs to ${earlier})`;
      found.push({ path, expected, got: shown(name) });
    }
  };
  for (const name of services.keys()) note(name, name, ['services', name]);
  for (const [service, { aliases }] of services) {
    for (const [index, alias] of aliases.entries()) {
      if (alias !== undefined) note(alias, service, ['services', service, 'aliases', index]);
    }
  }
  return found;
}

function serviceFaults({ services, environments, balancers, pairs }: Outline): readonly Finding[] {
  const homes = [...balancers.keys(), ...pairs.keys()];
  return [...services].flatMap(([name, { environment, members, guard, pools }]) => {
    const found: Finding[] = [];
    if (environment !== undefined && !environments.has(environment)) {
      const expected = oneOf(environments.keys(), 'an environment of this file', environment);
      found.push({ path: ['services', name, 'environment'], expected, got: shown(environment) });
    }
    for (const [index, { on }] of pools.entries()) {
      if (on === undefined || homes.includes(on)) continue;
      const expected = oneOf(homes, 'a balancer or pair of this file', on);
      found.push({ path: ['services', name, 'pools', index, 'on'], expected, got: shown(on) });
    }
    const use = firstUse();
    for (const [index, member] of (members ?? []).entries()) {
      if (member === undefined || use(member, member) === undefined) continue;
      const expected = 'each member once';
      found.push({ path: ['services', name, 'members', index], expected, got: shown(member) });
    }
    const least = guard.min_available;
    if (members !== undefined && typeof least === 'number' && least > members.length) {
      const path = ['services', name, 'guard', 'min_available'];
      const expected = `at most ${members.length}, the number of its members`;
      found.push({ path, expected, got: shown(least) });
    }
    return found;
  });
}

/** What a pool is called by, on each kind of balancer. */
const POOL_KEYS = ['backend', 'pool', 'vip'] as const;
const POOL_KEY: Readonly<Record<string, (typeof POOL_KEYS)[number]>> = {
  haproxy: 'backend',
  f5: 'pool',
  lvs: 'vip',
};

const MISSING_POOL = {
  backend: 'the name of the backend',
  pool: 'the name of the pool',
  vip: 'the virtual service, as 192.168.100.11:80',
} as const;

function poolKeys({ services, balancers, pairs }: Outline): readonly Finding[] {
  return [...services].flatMap(([name, { pools }]) =>
    pools.flatMap((target, index) => {
      const kind = balancers.get(pairs.get(target.on ?? '')?.nodes[0] ?? target.on ?? '')?.kind;
      const key = POOL_KEY[kind ?? ''];
      if (key === undefined) return [];
      const path = (last: string) => ['services', name, 'pools', index, last];
      const missing = { path: path(key), expected: MISSING_POOL[key], got: 'nothing' };
      const expected = `nothing: ${target.on} is ${kind}, where it is the ${key}`;
      return [
        ...(target[key] === undefined ? [missing] : []),
        ...POOL_KEYS.filter((other) => other !== key && target[other] !== undefined).map(
          (other) => ({ path: path(other), expected, got: shown(target[other]) }),
        ),
      ];
    }),
  );
}

function oneSpelling(vip: string | undefined): string | undefined {
  const service = parsePool(vip ?? '');
  return service === undefined ? vip : poolText(service);
}

/** A pool belongs to exactly one service, else two guards would count the same members. */
function poolsTwice({ services, pairs }: Outline): readonly Finding[] {
  const use = firstUse();
  return [...services].flatMap(([name, { pools }]) =>
    pools.flatMap(({ on, backend, pool, vip }, index) => {
      const known =
        backend ?? (pool === undefined ? undefined : f5PoolPath(pool)) ?? oneSpelling(vip);
      if (on === undefined || known === undefined) return [];
      const nodes = pairs.get(on)?.nodes ?? [on];
      const earlier = nodes
        .map((node) => use(JSON.stringify([node, known]), name))
        .find((user) => user !== undefined);
      if (earlier === undefined) return [];
      const expected = `a pool that is listed once (service ${earlier} has it)`;
      return [
        {
          path: ['services', name, 'pools', index],
          expected,
          got: `${backend !== undefined ? 'backend' : pool !== undefined ? 'pool' : 'vip'} ${backend ?? pool ?? vip} on ${on}`,
        },
      ];
    }),
  );
}
