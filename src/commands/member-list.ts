import {
  canonicalAddress,
  type MemberName,
  memberText,
  parseMemberName,
} from '../domain/address.ts';
import type { Service } from '../domain/inventory.ts';
import { isMemberName, nearestName } from '../domain/names.ts';
import type { Word } from './chat-text.ts';
import { quoted, suggestion, UsageProblem } from './usage.ts';

const membersPerCommandMax = 50;

/**
 * Takes the comma list at the start of `words` (spaces round the commas tolerated), up to the first
 * clause or the first word that no comma joins.
 */
export function takeMemberWords(
  words: readonly Word[],
  isClause: (word: Word) => boolean,
): { readonly entries: readonly string[]; readonly wordCount: number } {
  let joined = '';
  let wordCount = 0;
  for (const word of words) {
    const goesOn = joined === '' || joined.endsWith(',') || word.text.startsWith(',');
    if (isClause(word) || !goesOn) break;
    joined += word.text;
    wordCount += 1;
  }
  return { entries: joined === '' ? [] : joined.split(','), wordCount };
}

/** The members in one spelling, each once. Throws UsageProblem for what no balancer may be told or the inventory does not list. */
export function readMembers(entries: readonly string[], service: Service): readonly string[] {
  if (entries.length === 0) throw new UsageProblem('The member is missing.');
  const members = new Set(entries.map((entry) => readMember(entry, service)));
  if (members.size > membersPerCommandMax) {
    throw new UsageProblem(
      `${members.size} members are too many for one command; at most ${membersPerCommandMax}.`,
    );
  }
  return [...members];
}

function readMember(entry: string, service: Service): string {
  if (entry === '')
    throw new UsageProblem('The list of members has a comma with nothing beside it.');
  if (service.members?.includes(entry)) return entry;
  const name = parseMemberName(entry);
  if (name === undefined) {
    throw new UsageProblem(
      `${quoted(entry)} is no member: a port is 1 to 65535, IPv6 with a port is [address]:port.`,
    );
  }
  if (canonicalAddress(name.host) === undefined && !isMemberName(name.host)) {
    throw new UsageProblem(
      `${quoted(entry)} is no name of a member: letters, digits and . _ : - only.`,
    );
  }
  assertListed(name, service);
  return memberText(name);
}

/**
 * Refuses what the inventory cannot mean, where it lists the members. An address may belong to a
 * listed name, which only the device knows: it is refused only when it looks like a slip in a listed one.
 */
function assertListed(name: MemberName, service: Service): void {
  const { members } = service;
  if (members === undefined) return;
  const isListed = members.some((member) => {
    const listed = parseMemberName(member);
    return member === name.host || listed?.host === name.host;
  });
  if (isListed) return;
  const isAddress = canonicalAddress(name.host) !== undefined;
  if (isAddress && nearestName(name.host, members) === undefined) return;
  const near = suggestion(
    name.host,
    members,
    `The members of ${service.name} are shown by "status ${service.name}".`,
  );
  throw new UsageProblem(`${service.name} has no member ${quoted(memberText(name))}.${near}`);
}
