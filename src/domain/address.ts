/** Four decimal numbers without leading zeros, which some programs read as octal. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const IPV6_LETTERS = /^[0-9a-fA-F:.]{2,45}$/;
const PORT = /^[1-9]\d{0,4}$/;

/** A member as a person writes it, taken apart. `host` is a canonical address or a name. */
export interface MemberName {
  readonly host: string;
  readonly port?: number;
}

/** The one spelling of an IP address (IPv6 as in RFC 5952, mapped addresses in hex), or undefined for anything else. */
export function canonicalAddress(text: string): string | undefined {
  if (IPV4.test(text)) return text;
  if (!text.includes(':') || !IPV6_LETTERS.test(text)) return undefined;
  const url = `http://[${text}]/`;
  // The WHATWG URL parser is the canonical form, and it does no I/O.
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

function portOf(text: string): number | undefined {
  const port = PORT.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/**
 * Reads `name`, `name:port`, IPv4, `IPv4:port`, IPv6 or `[IPv6]:port`; undefined when a port is out of
 * range or brackets hold no IPv6. Without brackets, whatever is an IPv6 address is one as a whole.
 */
export function parseMemberName(text: string): MemberName | undefined {
  const bracketed = /^\[(?<host>[^\]]*)\](?::(?<port>.*))?$/.exec(text)?.groups;
  if (bracketed !== undefined) {
    const host = canonicalAddress(bracketed.host ?? '');
    if (!host?.includes(':')) return undefined;
    return withPort(host, bracketed.port);
  }
  const address = canonicalAddress(text);
  if (address !== undefined) return { host: address };
  const colon = text.lastIndexOf(':');
  if (colon < 0) return text === '' ? undefined : { host: text };
  const host = text.slice(0, colon);
  return host === '' ? undefined : withPort(host, text.slice(colon + 1));
}

function withPort(host: string, text: string | undefined): MemberName | undefined {
  if (text === undefined) return { host };
  const port = portOf(text);
  return port === undefined ? undefined : { host, port };
}

/** `host:port`, with brackets round IPv6; the inverse of `parseMemberName`. */
export function memberText(name: MemberName): string {
  if (name.port === undefined) return name.host;
  const host = canonicalAddress(name.host)?.includes(':') ? `[${name.host}]` : name.host;
  return `${host}:${name.port}`;
}
