import { canonicalAddress } from '../domain/address.ts';
import { OperationError } from '../domain/errors.ts';
import { includeFile } from '../domain/owned-file.ts';
import {
  endpointWord,
  parsePool,
  poolText,
  type VirtualService,
} from '../domain/virtual-service.ts';
import type { OwnedMember, OwnedPool, OwnerFiles } from '../ports/table-owner.ts';
import { matchesGlob } from './glob.ts';
import { modelOf, type RealServerConfig, type VirtualServerConfig } from './model.ts';
import { lastValue, named } from './statements.ts';
import { includedBy, isInclude, wholeConfig } from './whole.ts';

/** What keepalived has to say about a pool, see `TableOwner`. */
export function keepalivedOwner(files: OwnerFiles, pool: string): OwnedPool | undefined {
  const service = parsePool(pool);
  if (service === undefined) return undefined;
  const whole = wholeConfig({ ...files, expand: (pattern) => expandIn(files, pattern) });
  const [fault] = whole.faults;
  if (fault !== undefined) {
    throw unreadable(`${fault.file}:${fault.line} ${fault.problem}`);
  }
  const [unseen] = whole.notFollowed;
  if (unseen !== undefined) {
    throw unreadable(
      `${unseen.file}:${unseen.line} includes ${unseen.problem}, which was not read`,
    );
  }
  const { servers, groups } = modelOf(whole.statements, files.host);
  for (const server of servers) {
    const place = placeOf(server, groups, service);
    if (place === undefined) continue;
    const members = [...server.realServers.values()].flatMap((real) =>
      memberOf(real, server, service, place),
    );
    return { members };
  }
  return undefined;
}

function unreadable(problem: string): OperationError {
  return new OperationError(
    'UNEXPECTED_REPLY',
    `Reading the configuration of keepalived: ${problem}. It is left untouched.`,
  );
}

/** What was not given out and is no pattern for what was. */
export function expandIn(
  { texts, missing }: OwnerFiles,
  pattern: string,
): readonly string[] | undefined {
  if (missing.some((each) => each === pattern || matchesGlob(pattern, each))) return undefined;
  return [...texts.keys()].filter((path) => matchesGlob(pattern, path)).sort();
}

/** Where a virtual_server has this pool: as itself, or in a group; undefined where it has not. */
function placeOf(
  server: VirtualServerConfig,
  groups: ReadonlyMap<string, readonly (readonly string[])[]>,
  service: VirtualService,
): 'itself' | 'group' | undefined {
  const [kind = '', name = ''] = server.name.split(' ');
  if (kind !== 'group') {
    return isService(server.name.split(' '), server, service) ? 'itself' : undefined;
  }
  const lines = groups.get(name) ?? [];
  return lines.some((words) => isService(words, server, service)) ? 'group' : undefined;
}

function isService(
  words: readonly string[],
  { protocol = 'UDP', isIpv6 }: VirtualServerConfig,
  service: VirtualService,
): boolean {
  const [first = '', second = '0'] = words;
  if (first === 'fwmark') {
    if (service.kind !== 'fwmark' || Number(second) !== service.mark) return false;
    return (service.family === 6) === (words[2] === 'inet6' || isIpv6);
  }
  if (service.kind !== 'address') return false;
  if (protocol.toLowerCase() !== service.protocol || Number(second) !== service.port) return false;
  return inRange(first, service.address);
}

/** An address, `192.168.200.1-10`, `192.168.200.250-192.168.201.10` or `192.168.202.8/29`. */
function inRange(words: string, address: string): boolean {
  if (canonicalAddress(words) === address) return true;
  const number = numberOf(address);
  const [base = '', last = ''] = words.split(/[-/]/u);
  const from = numberOf(base);
  if (number === undefined || from === undefined || last === '') return false;
  if (words.includes('/')) {
    const size = 2 ** (32 - Number(last));
    return Math.floor(number / size) === Math.floor(from / size);
  }
  const to = last.includes('.') ? numberOf(last) : from - (from % 256) + Number(last);
  return to !== undefined && number >= from && number <= to;
}

function numberOf(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part))) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

const FORWARDING = { DR: 'Route', NAT: 'Masq', TUN: 'Tunnel' } as const;

function memberOf(
  real: RealServerConfig,
  server: VirtualServerConfig,
  service: VirtualService,
  place: 'itself' | 'group',
): readonly OwnedMember[] {
  const [host = '', portWord] = real.name.split(' ');
  const address = canonicalAddress(host);
  const port = Number(portWord ?? (service.kind === 'address' ? service.port : 0));
  const weight = Number(real.weight);
  if (address === undefined || !Number.isInteger(port) || !Number.isInteger(weight)) {
    throw unreadable(
      `real_server ${real.name} of ${server.name} is not an address, port and weight`,
    );
  }
  const kind = (real.forwarding ?? server.forwarding).split(' ')[0]?.toUpperCase() ?? '';
  const file = includeFile(poolText(service), { address, port });
  const own = (real.statement.block ?? []).filter((each) => each.file !== file);
  const whyNotKept = whyNot(real, file, place);
  return [
    {
      name: port === 0 ? address : endpointWord({ address, port }),
      address,
      port,
      ownWeight: Number(lastValue(own, 'weight') ?? '1'),
      weight,
      forwarding: FORWARDING[kind as keyof typeof FORWARDING] ?? 'Masq',
      isChecked: real.checks.length > 0,
      staysWhenSick: real.inhibits,
      ...(whyNotKept === undefined ? {} : { whyNotKept }),
    },
  ];
}

/** Our include decides only where it stands behind every other weight, in this very block. */
function whyNot(
  { statement, weightMoves }: RealServerConfig,
  file: string,
  place: 'itself' | 'group',
): string | undefined {
  if (place === 'group') {
    return 'it is in a virtual_server_group, whose real servers belong to all of its services';
  }
  if (weightMoves !== undefined) return `${weightMoves} sets its weight`;
  const block = statement.block ?? [];
  const includes = block.filter((each) => isInclude(each) && includedBy(each) === file);
  const last = block.lastIndexOf(includes.at(-1) ?? statement);
  if (last < 0) return `its real_server block has no line "include ${file}"`;
  if (includes.some(({ onlyFor }) => onlyFor !== undefined)) {
    return 'the line that includes our file has a condition, which keepalived does not follow';
  }
  const behind = block.slice(last + 1).filter((each) => each.file !== file);
  if (named(behind, 'weight').length === 0) return undefined;
  return `a weight stands behind the line "include ${file}"`;
}
