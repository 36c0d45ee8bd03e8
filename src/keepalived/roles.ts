import { faultOf, OperationError } from '../domain/errors.ts';
import type { NodeTestimony, PairRoles, Role } from '../ports/roles.ts';

/** A pair that stands in for each other by VRRP. */
export interface VrrpPair {
  /** Of keepalived.conf; without it, every instance of the node is meant. */
  readonly instance?: string;
  /** Addresses that only the MASTER has; none where services are known by marks alone. */
  readonly vips: readonly string[];
  readonly nodes: readonly string[];
}

export interface RolesPort {
  /** Asks a node; rejects when it cannot be reached. */
  readonly ask: (node: string, signal: AbortSignal) => Promise<NodeTestimony>;
  readonly askMsMax?: number;
}

const ASK_MS_MAX = 5_000;
const STATES: Readonly<Record<number, string>> = {
  0: 'starting',
  1: 'BACKUP',
  2: 'MASTER',
  3: 'FAULT',
};

/** In FAULT a node has no VIP and carries nothing: writing to it is as safe as to a BACKUP. */
const ROLES: Readonly<Record<number, Role>> = { 1: 'BACKUP', 2: 'MASTER', 3: 'BACKUP' };

interface Said {
  readonly node: string;
  readonly role: Role;
  /** The two witnesses contradict each other: it changes its role now, or keepalived is gone. */
  readonly isTorn: boolean;
  readonly isSilent?: boolean;
  readonly words: string;
}

/**
 * Roles by two witnesses, asked live: what keepalived says of itself, and who has the VIP. A pair without exactly one
 * MASTER, or with a node that contradicts itself, is ROLES_UNKNOWN, with what each said. A node that does not answer
 * is UNKNOWN: whoever wants to write to it will find out.
 */
export function vrrpRoles(
  pairs: ReadonlyMap<string, VrrpPair>,
  { ask, askMsMax = ASK_MS_MAX }: RolesPort,
): PairRoles {
  return {
    async of(name, only) {
      const pair = pairs.get(name);
      if (pair === undefined) return 'none';
      const said = await Promise.all(
        pair.nodes.map(async (node): Promise<Said> => {
          try {
            const testimony = await ask(node, AbortSignal.timeout(askMsMax));
            return { node, ...judged(pair, testimony) };
          } catch (thrown) {
            const words = faultOf(thrown).message;
            return { node, role: 'UNKNOWN', isTorn: false, isSilent: true, words };
          }
        }),
      );
      if (isEnoughAlone(said, only)) return new Map(said.map(({ node, role }) => [node, role]));
      const masters = said.filter(({ role }) => role === 'MASTER').length;
      const isClear = masters === 1 && !said.some(({ isTorn }) => isTorn);
      if (isClear) return new Map(said.map(({ node, role }) => [node, role]));
      const each = said.map(({ node, words }) => `${node}: ${words}`).join('; ');
      throw new OperationError(
        'ROLES_UNKNOWN',
        `Asking pair ${name} who is MASTER: ${problemOf(masters, said)}. ${each.replace(/\.$/, '')}.`,
      );
    },
  };
}

/** Nobody else can be asked, and no second node is written to that it could disagree with. */
function isEnoughAlone(said: readonly Said[], only: string | undefined): boolean {
  const others = said.filter(({ node }) => node !== only);
  const own = said.find(({ node }) => node === only);
  const isClear = own !== undefined && own.role !== 'UNKNOWN' && !own.isTorn;
  return isClear && others.length > 0 && others.every(({ isSilent }) => isSilent === true);
}

function problemOf(masters: number, said: readonly Said[]): string {
  if (said.some(({ isTorn }) => isTorn))
    return 'a node contradicts itself, or is changing its role';
  return masters === 0 ? 'nobody is' : `${masters} say they are`;
}

function judged(pair: VrrpPair, { addresses, vrrp }: NodeTestimony): Omit<Said, 'node'> {
  const held = pair.vips.filter((vip) => addresses.has(vip));
  const isSplit = held.length > 0 && held.length < pair.vips.length;
  const byAddress: Role =
    pair.vips.length === 0 ? 'UNKNOWN' : held.length > 0 ? 'MASTER' : 'BACKUP';
  const has = `it has ${held.join(', ') || 'no VIP'}`;
  if (vrrp === undefined) return { role: byAddress, isTorn: isSplit, words: has };

  const { instance } = pair;
  const asked = vrrp.filter(({ name }) => instance === undefined || name === instance);
  const states = [...new Set(asked.map(({ state }) => state))];
  const spoken = states.map((each) => STATES[each] ?? `state ${each}`).join(' and ');
  const words = `keepalived says ${spoken || `there is no ${instance ?? 'instance'}`}, ${has}`;
  const role = (states.length === 1 ? ROLES[states[0] ?? -1] : undefined) ?? 'UNKNOWN';
  // Neither the instance nor its address: it carries nothing, and nothing there can take over.
  if (states.length === 0 && byAddress === 'BACKUP') {
    return { role: 'BACKUP', isTorn: false, words };
  }
  const agrees = role !== 'UNKNOWN' && (byAddress === 'UNKNOWN' || byAddress === role);
  if (!agrees || isSplit) return { role: 'UNKNOWN', isTorn: true, words };
  return { role, isTorn: false, words };
}
