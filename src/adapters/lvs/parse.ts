import { canonicalAddress } from '../../domain/address.ts';
import {
  parseEndpoint,
  type RealServer,
  type VirtualService,
} from '../../domain/virtual-service.ts';
import { unexpected } from './reply.ts';
import { serviceOf } from './service-words.ts';

export type Forwarding = 'Route' | 'Masq' | 'Tunnel';

const PORT_MAX = 65_535;
/** Nearly every line of a large table; all others take the slow way. */
const PLAIN_DESTINATION =
  /^-a ((?:-t|-u|--sctp-service|-f) \S+) -r ([0-9.]+):(0|[1-9]\d{0,4}) (-[gm]) -w (\d{1,10})$/;

export interface Destination {
  readonly server: RealServer;
  readonly forwarding: Forwarding;
  readonly weight: number;
  /** Of a tunnel; anything but `ipip` has settings that the listing does not show. */
  readonly tunnelType?: string;
}

/** A service as `ipvsadm -Sn` saves it. */
export interface Service {
  readonly service: VirtualService;
  readonly scheduler: string;
  readonly persistSeconds?: number;
  /** Every packet on its own (UDP). */
  readonly onePacket: boolean;
  readonly destinations: readonly Destination[];
}

const FORWARDING: Readonly<Record<string, Forwarding>> = {
  '-g': 'Route',
  '-m': 'Masq',
  '-i': 'Tunnel',
};
/** Options of `-Sn` that are followed by a value. */
const WITH_VALUE = new Set([
  ...['-t', '-u', '--sctp-service', '-f', '-s', '-p', '-M', '-b', '--pe'],
  ...['-r', '-w', '--tun-type', '--tun-port'],
]);
const ALONE = new Set([
  '-A',
  '-a',
  '-6',
  '-o',
  '-g',
  '-m',
  '-i',
  '--tun-nocsum',
  '--tun-csum',
  '--tun-remcsum',
]);

/** The whole table, from `ipvsadm -Sn`. Throws UNEXPECTED_REPLY for a line that is not of it. */
export function parseRules(text: string, doing: string): readonly Service[] {
  const services: (Service & { destinations: Destination[] })[] = [];
  const byName = new Map<string, Destination[]>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const plain = PLAIN_DESTINATION.exec(line);
    if (plain !== null) {
      const [, place = '', address = '', port = '', flag = '', weight = ''] = plain;
      const destinations = byName.get(place);
      const forwarding = FORWARDING[flag];
      const isAddress = canonicalAddress(address) === address && Number(port) <= PORT_MAX;
      if (destinations !== undefined && forwarding !== undefined && isAddress) {
        const server = { address, port: Number(port) };
        destinations.push({ server, forwarding, weight: Number(weight) });
        continue;
      }
    }
    const options = optionsOf(line, doing);
    const [flag, value] = serviceWordsOf(options);
    const service = serviceOf(flag, value, options.has('-6'));
    if (service === undefined) throw unexpected(doing, line);
    const key = `${flag} ${value}${options.has('-6') ? ' -6' : ''}`;
    if (options.has('-A')) {
      const seconds = options.get('-p');
      const added = {
        service,
        scheduler: options.get('-s') ?? '',
        ...(seconds === undefined ? {} : { persistSeconds: wholeNumber(seconds, doing, line) }),
        onePacket: options.has('-o'),
        destinations: [],
      };
      services.push(added);
      byName.set(key, added.destinations);
      continue;
    }
    const destinations = byName.get(key);
    if (!options.has('-a') || destinations === undefined) throw unexpected(doing, line);
    destinations.push(destinationOf(options, doing, line));
  }
  return services;
}

export type Options = ReadonlyMap<string, string>;

/** The words of a line of `-Sn`: option to value, or to nothing where it stands alone. */
export function optionsOf(line: string, doing: string): Options {
  const options = new Map<string, string>();
  const words = line.trimEnd().split(' ');
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (ALONE.has(word)) {
      options.set(word, '');
      continue;
    }
    const value = words[index + 1];
    if (!WITH_VALUE.has(word) || value === undefined) throw unexpected(doing, line);
    options.set(word, value);
    index += 1;
  }
  return options;
}

export function serviceWordsOf(options: Options): readonly [flag: string, value: string] {
  for (const flag of ['-t', '-u', '--sctp-service', '-f']) {
    const value = options.get(flag);
    if (value !== undefined) return [flag, value];
  }
  return ['', ''];
}

function destinationOf(options: Options, doing: string, line: string): Destination {
  const server = parseEndpoint(options.get('-r') ?? '');
  const flag = Object.keys(FORWARDING).find((candidate) => options.has(candidate));
  const forwarding = FORWARDING[flag ?? ''];
  if (server === undefined || forwarding === undefined) throw unexpected(doing, line);
  const tunnelType = options.get('--tun-type');
  return {
    server,
    forwarding,
    weight: wholeNumber(options.get('-w') ?? '', doing, line),
    ...(tunnelType === undefined ? {} : { tunnelType }),
  };
}

function wholeNumber(text: string, doing: string, line: string): number {
  if (!/^\d{1,16}$/.test(text)) throw unexpected(doing, line);
  return Number(text);
}

export interface Identity {
  readonly bootId: string;
  readonly uptimeSeconds: number;
  readonly kernel: string;
}

/** Boot id, `/proc/uptime` and release of the kernel, a line each. */
export function parseIdentity(text: string, doing: string): Identity {
  const [bootId = '', uptime = '', kernel = ''] = text.split('\n');
  const seconds = /^(\d+)\.\d+ /.exec(uptime)?.[1];
  if (!/^[0-9a-f-]{36}$/.test(bootId) || seconds === undefined || kernel === '') {
    throw unexpected(doing, text);
  }
  return { bootId, uptimeSeconds: Number(seconds), kernel };
}

/** `name value` a line; what is missing or no number is not there. */
export function parseSettings(text: string): ReadonlyMap<string, number> {
  const rows = text.split('\n').map((line): [string, number] => {
    const [name = '', value = ''] = line.trim().split(' ');
    return [name, /^\d+$/.test(value) ? Number(value) : Number.NaN];
  });
  return new Map(rows.filter(([, value]) => !Number.isNaN(value)));
}
