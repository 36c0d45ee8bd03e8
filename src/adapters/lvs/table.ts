import type { Facts, ListedPool, Side } from '../../domain/comparison.ts';
import { endpointWord, parseEndpoint, poolText } from '../../domain/virtual-service.ts';
import type { Answer } from './answer.ts';
import type { Counts, Listing } from './listing.ts';
import { type Options, optionsOf, serviceWordsOf } from './parse.ts';
import { assertDone } from './refusals.ts';
import { unexpected } from './reply.ts';
import { memberName, serviceOf } from './service-words.ts';

/** What an option of `ipvsadm -Sn` is called where people read it; those that are not here keep their own name. */
const OF_SERVICE: Readonly<Record<string, string>> = {
  '-s': 'scheduler',
  '-p': 'persistent seconds',
  '-M': 'persistence mask',
  '-b': 'scheduler flags',
  '--pe': 'persistence engine',
  '-o': 'one packet',
};
const OF_SERVER: Readonly<Record<string, string>> = {
  '-w': 'weight',
  '-g': 'Route',
  '-m': 'Masq',
  '-i': 'Tunnel',
  '--tun-type': 'tunnel type',
  '--tun-port': 'tunnel port',
};
/** They say which service or server it is, or whether it is one. */
const PLACE = new Set(['-A', '-a', '-t', '-u', '--sctp-service', '-f', '-6', '-r']);

/** The whole table of a director, for comparing it with its peer. Throws UNEXPECTED_REPLY. */
export function sideOf(answer: Answer, balancer: string, doing: string): Side {
  const rules = answer.section('rules');
  assertDone(rules, doing);
  return {
    side: balancer,
    facts: Object.fromEntries([...answer.settings()].map(([name, value]) => [name, String(value)])),
    pools: poolsIn(rules.text, answer.limits(), doing),
  };
}

function poolsIn(rules: string, limits: Listing, doing: string): readonly ListedPool[] {
  const pools = new Map<string, ListedPool & { members: ListedPool['members'][number][] }>();
  for (const line of rules.split('\n')) {
    if (line === '') continue;
    const options = optionsOf(line, doing);
    const [flag, value] = serviceWordsOf(options);
    const service = serviceOf(flag, value, options.has('-6'));
    if (service === undefined) throw unexpected(doing, line);
    const pool = poolText(service);
    if (options.has('-A')) {
      pools.set(pool, { pool, facts: factsOf(options, OF_SERVICE), members: [] });
      continue;
    }
    const server = parseEndpoint(options.get('-r') ?? '');
    const own = pools.get(pool);
    if (!options.has('-a') || server === undefined || own === undefined) {
      throw unexpected(doing, line);
    }
    const facts = {
      ...factsOf(options, OF_SERVER),
      ...thresholdsOf(limits.get(placeOf(flag, value, options))?.get(endpointWord(server))),
    };
    own.members.push({ member: memberName(server), facts });
  }
  return [...pools.values()];
}

function factsOf(options: Options, names: Readonly<Record<string, string>>): Facts {
  const rows = [...options]
    .filter(([option]) => !PLACE.has(option))
    .map(([option, value]): [string, string] => {
      const name = names[option] ?? option;
      if (value !== '') return [name, value];
      return names === OF_SERVER && names[option] !== undefined
        ? ['forwarding', name]
        : [name, 'yes'];
    });
  return Object.fromEntries(rows);
}

function placeOf(flag: string, value: string, options: Options): string {
  return `${flag} ${value}${options.has('-6') ? ' -6' : ''}`;
}

/** The thresholds that are set; the rules do not have them. */
function thresholdsOf([upper = 0, lower = 0]: Counts = []): Facts {
  if (upper === 0 && lower === 0) return {};
  return { 'connections at most': String(upper), 'again from': String(lower) };
}
