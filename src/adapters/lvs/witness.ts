import { canonicalAddress } from '../../domain/address.ts';
import { assertDone } from './refusals.ts';
import { type Section, sectionOf, unexpected } from './reply.ts';

/** What keepalived says of one VRRP instance. */
export interface VrrpInstance {
  readonly name: string;
  /** keepalived's own number: 0 starting, 1 BACKUP, 2 MASTER, 3 FAULT. */
  readonly state: number;
  readonly priority: number;
  /** Seconds since the epoch. */
  readonly lastTransition: number;
}

/** What a director says about who it is at this moment. */
export interface Testimony {
  readonly bootId: string;
  /** Every address that its interfaces have. */
  readonly addresses: ReadonlySet<string>;
  /** Absent where this user may not ask keepalived, or none runs. */
  readonly vrrp?: readonly VrrpInstance[];
}

/** From the answer to `roles`, or to any question that has these sections. Throws UNEXPECTED_REPLY. */
export function testimonyOf(sections: ReadonlyMap<string, Section>, doing: string): Testimony {
  const identity = sectionOf(sections, 'identity', doing).text;
  const found = sectionOf(sections, 'addresses', doing);
  assertDone(found, doing);
  const addresses = new Set<string>();
  for (const [, text = ''] of found.text.matchAll(/^\d+: \S+\s+inet6? ([0-9a-fA-F.:]+)[/ ]/gm)) {
    const address = canonicalAddress(text);
    if (address !== undefined) addresses.add(address);
  }
  if (addresses.size === 0) throw unexpected(doing, found.text);
  const vrrp = sections.get('vrrp');
  return {
    bootId: identity.split('\n', 1)[0] ?? '',
    addresses,
    ...(vrrp === undefined || vrrp.code !== 0 ? {} : { vrrp: instancesOf(vrrp.text, doing) }),
  };
}

/** Lines `"key":value`; each instance begins with its name. */
function instancesOf(text: string, doing: string): readonly VrrpInstance[] {
  const blocks: Map<string, string>[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { key, value } = /^"(?<key>[a-z_]+)":"?(?<value>[^"]*)"?$/.exec(line)?.groups ?? {};
    if (key === undefined || value === undefined) throw unexpected(doing, line);
    if (key === 'iname') blocks.push(new Map());
    blocks.at(-1)?.set(key, value);
  }
  return blocks.map((block) => {
    const state = Number(block.get('state') ?? Number.NaN);
    if (!Number.isInteger(state)) throw unexpected(doing, 'a VRRP instance without a state');
    return {
      name: block.get('iname') ?? '',
      state,
      priority: Number(block.get('effective_priority') ?? 0),
      lastTransition: Number(block.get('last_transition') ?? 0),
    };
  });
}
