import { canonicalAddress } from '../../domain/address.ts';
import type { LinkFault, NodeWords } from '../../domain/device-look.ts';
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
  /** The interface it runs on, where that is not well. */
  readonly link?: { readonly name: string; readonly fault: LinkFault };
}

/** What a director says about who it is at this moment. */
export interface Testimony extends NodeWords {
  readonly boot: NonNullable<NodeWords['boot']>;
  /** Absent where this user may not ask keepalived, or none runs. */
  readonly vrrp?: readonly VrrpInstance[];
}

/** From the answer to `roles`, or to any question that has these sections. Throws UNEXPECTED_REPLY. */
export function testimonyOf(sections: ReadonlyMap<string, Section>, doing: string): Testimony {
  const identity = sectionOf(sections, 'identity', doing).text;
  const [id = '', uptime = ''] = identity.split('\n');
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
    boot: { id, uptimeSeconds: Math.floor(Number(uptime.split(' ')[0])) },
    addresses,
    ...(vrrp === undefined ? {} : saidBy(vrrp, linkFaults(found.text), doing)),
  };
}

function saidBy(
  { code, text }: Section,
  links: ReadonlyMap<string, LinkFault>,
  doing: string,
): Pick<Testimony, 'vrrp' | 'isMute'> {
  return code === 0 ? { vrrp: instancesOf(text, links, doing) } : { isMute: true };
}

/** Interfaces that are not well, by the flags of `ip -o link show`. */
function linkFaults(text: string): ReadonlyMap<string, LinkFault> {
  const faults = new Map<string, LinkFault>();
  for (const [, name = '', flags = ''] of text.matchAll(
    /^\d+: ([^\s:@]+)[^\s:]*: <([A-Z_,0-9-]*)>/gm,
  )) {
    const words = flags.split(',');
    if (!words.includes('UP')) faults.set(name, 'down');
    else if (words.includes('NO-CARRIER')) faults.set(name, 'no carrier');
  }
  return faults;
}

/** Lines `"key":value`; each instance begins with its name. */
function instancesOf(
  text: string,
  links: ReadonlyMap<string, LinkFault>,
  doing: string,
): readonly VrrpInstance[] {
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
    const nic = block.get('ifp_ifname') ?? '';
    const fault = links.get(nic);
    return {
      name: block.get('iname') ?? '',
      ...(fault === undefined ? {} : { link: { name: nic, fault } }),
      state,
      priority: Number(block.get('effective_priority') ?? 0),
      lastTransition: Number(block.get('last_transition') ?? 0),
    };
  });
}
