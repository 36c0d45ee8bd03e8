import { canonicalAddress } from '../../domain/address.ts';
import {
  endpointWord,
  markOf,
  parseEndpoint,
  type RealServer,
  type VirtualService,
} from '../../domain/virtual-service.ts';

const FLAGS = { '-t': 'tcp', '-u': 'udp', '--sctp-service': 'sctp' } as const;

function isFlag(word: string): word is keyof typeof FLAGS {
  return Object.hasOwn(FLAGS, word);
}

/** How ipvsadm is told which service: `-t 192.168.100.11:80`, `-f 8 -6`. */
export function serviceWords(service: VirtualService): readonly string[] {
  if (service.kind === 'fwmark') {
    return ['-f', String(service.mark), ...(service.family === 6 ? ['-6'] : [])];
  }
  const flag = { tcp: '-t', udp: '-u', sctp: '--sctp-service' }[service.protocol];
  return [flag, endpointWord(service)];
}

/** The service of ipvsadm's own words; undefined when they name none. */
export function serviceOf(
  flag: string,
  value: string,
  isIpv6: boolean,
): VirtualService | undefined {
  if (flag === '-f')
    return /^[1-9]\d{0,9}$/.test(value) ? markOf(value, isIpv6 ? 6 : 4) : undefined;
  if (!isFlag(flag)) return undefined;
  const endpoint = parseEndpoint(value);
  return endpoint && { kind: 'address', protocol: FLAGS[flag], ...endpoint };
}

/** What a member is called: `192.168.100.78:80`; without the port where it is the service's own business. */
export function memberName(server: RealServer): string {
  return server.port === 0 ? server.address : endpointWord(server);
}

/** The inverse of `memberName`. */
export function parseMember(name: string): RealServer | undefined {
  const address = canonicalAddress(name);
  return address === undefined ? parseEndpoint(name) : { address, port: 0 };
}
