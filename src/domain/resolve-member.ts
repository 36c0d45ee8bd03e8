import { canonicalAddress, memberText, parseMemberName } from './address.ts';
import type { MemberState } from './member.ts';
import { nearestName } from './names.ts';

/** How many choices a problem lists before it says how many more there are. */
const choicesMax = 8;

/**
 * Finds the members somebody named, on one device: by the device's own name first, then by name:port or
 * address:port, then by the node in a name that is `node:port` itself, then by address. All or nothing: `problem` is one sentence about the first name that is
 * unknown (with the nearest) or ambiguous (with the choices). Two names of one member count once.
 */
export function resolveMembers(
  asked: readonly string[],
  members: readonly MemberState[],
): { readonly resolved: readonly MemberState[] } | { readonly problem: string } {
  const resolved = new Set<MemberState>();
  for (const text of asked) {
    const found = candidates(text, members);
    const [first] = found;
    if (first === undefined) return { problem: unknown(text, members) };
    if (found.length > 1) return { problem: ambiguous(text, found) };
    resolved.add(first);
  }
  return { resolved: [...resolved] };
}

function candidates(text: string, members: readonly MemberState[]): readonly MemberState[] {
  const named = members.filter((member) => member.name === text);
  if (named.length > 0) return named;
  const asked = parseMemberName(text);
  if (asked === undefined) return [];
  const { host, port } = asked;
  const fits = (member: MemberState): boolean => port === undefined || member.port === port;
  // An IPv6 name may be typed in another spelling than the device's.
  const byName = members.filter(
    (member) => fits(member) && (canonicalAddress(member.name) ?? member.name) === host,
  );
  if (byName.length > 0) return byName;
  const isAddress = canonicalAddress(host) !== undefined;
  const byNode = members.filter((member) => fits(member) && nodeOf(member.name) === host);
  if (byNode.length > 0 && !isAddress) return byNode;
  return members.filter(
    (member) => fits(member) && (canonicalAddress(member.address) ?? member.address) === host,
  );
}

/** `web-1` of the name `web-1:80`, and of `/Tenant_A/web-1:80` too: nobody types the partition. */
function nodeOf(name: string): string | undefined {
  const parsed = parseMemberName(name);
  return parsed?.port === undefined ? undefined : parsed.host.replace(/^.*\//, '');
}

function described(member: MemberState): string {
  const address = memberText({ host: member.address, port: member.port });
  return member.name === address ? member.name : `${member.name} (${address})`;
}

function listed(members: readonly MemberState[]): string {
  const shown = members.slice(0, choicesMax).map(described).join(', ');
  const more = members.length - choicesMax;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function ambiguous(text: string, found: readonly MemberState[]): string {
  return `Member "${text}" is ambiguous; it could be ${listed(found)}.`;
}

function unknown(text: string, members: readonly MemberState[]): string {
  if (members.length === 0) return `Member "${text}" is unknown: the pool has no members.`;
  const spellings = members.flatMap((member) => [
    member.name,
    member.address,
    memberText({ host: member.address, port: member.port }),
  ]);
  const nearest = nearestName(text, spellings);
  const hint = nearest === undefined ? `The pool has ${listed(members)}` : `Nearest: ${nearest}`;
  return `Member "${text}" is unknown. ${hint}.`;
}
