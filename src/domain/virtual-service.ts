import { canonicalAddress } from './address.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';

/** What a table of IPVS knows a service by. */
export type VirtualService =
  | {
      readonly kind: 'address';
      readonly protocol: Protocol;
      readonly address: string;
      /** 0: every port, which only a persistent service may have. */
      readonly port: number;
    }
  | { readonly kind: 'fwmark'; readonly mark: number; readonly family: 4 | 6 };

/** A real server as IPVS writes it; port 0 with a service of every port or of a mark. */
export interface RealServer {
  readonly address: string;
  readonly port: number;
}

const MARK_MAX = 0xffff_ffff;
const PORT_MAX = 65_535;
/** `192.168.100.11:80`, `[fd00::11]:80`; the address in its one spelling. */
export function parseEndpoint(text: string): RealServer | undefined {
  const parts = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:[\]]+)):(?<port>0|[1-9]\d{0,4})$/.exec(
    text,
  )?.groups;
  const port = Number(parts?.port);
  const address = canonicalAddress(parts?.six ?? parts?.four ?? '');
  if (address === undefined || !(port <= PORT_MAX)) return undefined;
  return address.includes(':') === (parts?.six !== undefined) ? { address, port } : undefined;
}

export function endpointWord({ address, port }: RealServer): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * A pool as the inventory writes it: `192.168.100.11:80`, `udp://192.168.100.11:53`, `sctp://…`, `fwmark:7`, or
 * `fwmark6:7` where the marked packets are IPv6. Undefined for anything else.
 */
export function parsePool(text: string): VirtualService | undefined {
  const marked = /^fwmark(?<six>6?):(?<mark>[1-9]\d{0,9})$/.exec(text)?.groups;
  if (marked !== undefined) return markOf(marked.mark ?? '', marked.six === '6' ? 6 : 4);
  const [, protocol = 'tcp', rest = ''] = /^(?:(tcp|udp|sctp):\/\/)?(.*)$/.exec(text) ?? [];
  const endpoint = parseEndpoint(rest);
  if (endpoint === undefined) return undefined;
  return { kind: 'address', protocol: protocol as Protocol, ...endpoint };
}

/** The service of packets that carry this mark of the firewall; undefined when it is no such number. */
export function markOf(text: string, family: 4 | 6): VirtualService | undefined {
  const mark = Number(text);
  return mark <= MARK_MAX ? { kind: 'fwmark', mark, family } : undefined;
}

/** The one spelling of a pool; the inverse of `parsePool`. */
export function poolText(service: VirtualService): string {
  if (service.kind === 'fwmark') return `fwmark${service.family === 6 ? '6' : ''}:${service.mark}`;
  const prefix = service.protocol === 'tcp' ? '' : `${service.protocol}://`;
  return `${prefix}${endpointWord(service)}`;
}
