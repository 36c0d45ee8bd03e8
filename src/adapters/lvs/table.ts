import type { Facts, ListedPool, Side } from '../../domain/comparison.ts';
import { endpointWord, parseEndpoint, poolText } from '../../domain/virtual-service.ts';
import { type Options, optionsOf, parseSettings, serviceWordsOf } from './parse.ts';
import { assertDone } from './refusals.ts';
import { parseSections, sectionOf, unexpected } from './reply.ts';
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
export function sideOf(reply: string, balancer: string, doing: string): Side {
  const sections = parseSections(reply, doing);
  const rules = sectionOf(sections, 'rules', doing);
  const thresholds = sectionOf(sections, 'thresholds', doing);
  assertDone(rules, doing);
  assertDone(thresholds, doing);
  const settings = parseSettings(sectionOf(sections, 'settings', doing).text);
  const limits = limitsIn(thresholds.text, doing);
  return {
    side: balancer,
    facts: Object.fromEntries([...settings].map(([name, value]) => [name, String(value)])),
    pools: poolsIn(rules.text, limits, doing),
  };
}

type Limits = ReadonlyMap<string, Facts>;

function poolsIn(rules: string, limits: Limits, doing: string): readonly ListedPool[] {
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
      ...limits.get(keyOf(`${flag} ${value}`, endpointWord(server))),
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

const keyOf = (service: string, server: string) => `${service} ${server}`;

const PROTOCOLS: Readonly<Record<string, string>> = {
  TCP: '-t',
  UDP: '-u',
  SCTP: '--sctp-service',
  FWM: '-f',
};

/** The thresholds that are set, of `ipvsadm -Ln --thresholds`, where alone they are shown. */
function limitsIn(text: string, doing: string): Limits {
  const found = new Map<string, Facts>();
  let service: string | undefined;
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    const [first = '', second = '', upper = '', lower = ''] = words;
    const flag = PROTOCOLS[first];
    if (flag !== undefined) service = `${flag} ${second}`;
    if (first !== '->' || second === 'RemoteAddress:Port') continue;
    if (service === undefined || !/^\d+$/.test(upper) || !/^\d+$/.test(lower)) {
      throw unexpected(doing, line);
    }
    if (upper !== '0' || lower !== '0') {
      found.set(keyOf(service, second), { 'connections at most': upper, 'again from': lower });
    }
  }
  return found;
}
