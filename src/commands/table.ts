import type { Verb } from '../domain/command.ts';

/** `read` asks, `write` changes a balancer, `decide` lets a change go on or ends it, `stop` holds up all changes. */
export type Risk = 'read' | 'write' | 'decide' | 'stop';

export interface VerbEntry {
  readonly verb: Verb;
  /** As in a usage line; empty when there are none. */
  readonly arguments: string;
  /** One line. */
  readonly meaning: string;
  /** Complete commands, without the prefix. */
  readonly examples: readonly string[];
  readonly risk: Risk;
  /** Who may run it; the policy decides, a test keeps the two alike. */
  readonly role: 'anybody' | 'viewer' | 'operator' | 'approver' | 'requester';
}

const MEMBERS = '<service> <member>[,<member>…]';
const TAIL = '[on <balancer>] [keep half] [break glass] [because <text>]';

/** Every verb, in the order in which help shows them. Parser, help, README and manifest are made from it. */
export const VERBS: Readonly<Record<Verb, VerbEntry>> = {
  status: {
    verb: 'status',
    arguments: '[<service>]',
    meaning: 'Members as the balancers show them now, and why one is out.',
    examples: ['status test.tianya.cn'],
    risk: 'read',
    role: 'viewer',
  },
  pools: {
    verb: 'pools',
    arguments: '',
    meaning: 'Services, and the pools on balancers behind each.',
    examples: ['pools'],
    risk: 'read',
    role: 'viewer',
  },
  compare: {
    verb: 'compare',
    arguments: '<service|pair>',
    meaning:
      'What stands in for each other, side by side: pools, members, weights and settings that differ.',
    examples: ['compare test.tianya.cn', 'compare web'],
    risk: 'read',
    role: 'viewer',
  },
  drain: {
    verb: 'drain',
    arguments: `${MEMBERS} [until idle [within <time>] [then disable|remove|keep|go back]] [for <time>] ${TAIL}`,
    meaning: 'Let members run empty: only clients that stick to them still arrive.',
    examples: [
      'drain test.tianya.cn 192.168.100.78 until idle within 10m then disable',
      'drain test.tianya.cn 192.168.100.78 for 30m because kernel update',
    ],
    risk: 'write',
    role: 'operator',
  },
  disable: {
    verb: 'disable',
    arguments: `${MEMBERS} [now] [for <time>] ${TAIL}`,
    meaning:
      'Take members out: no new client reaches them. Where clients stick they are drained first, except with now.',
    examples: [
      'disable test.tianya.cn 192.168.100.78 because kernel update',
      'disable test.tianya.cn web-1,web-2 on ha-1',
      'disable test.tianya.cn 192.168.100.78 now for 30m',
    ],
    risk: 'write',
    role: 'operator',
  },
  offline: {
    verb: 'offline',
    arguments: `${MEMBERS} [for <time>] ${TAIL}`,
    meaning: 'F5 only: force members offline, for clients that stick to them, too.',
    examples: ['offline test.tianya.cn 192.168.100.78 because its disk fails'],
    risk: 'write',
    role: 'operator',
  },
  enable: {
    verb: 'enable',
    arguments: `${MEMBERS} ${TAIL}`,
    meaning: 'Bring members back with the weight they had.',
    examples: ['enable test.tianya.cn 192.168.100.78'],
    risk: 'write',
    role: 'operator',
  },
  weight: {
    verb: 'weight',
    arguments: `${MEMBERS} <0-256|50%> [for <time>] ${TAIL}`,
    meaning: 'Give members more or fewer clients; a share is one of the configured weight.',
    examples: ['weight test.tianya.cn 192.168.100.78 50% for 30m'],
    risk: 'write',
    role: 'operator',
  },
  failover: {
    verb: 'failover',
    arguments: '<pair> [break glass] [because <text>]',
    meaning:
      'Let the other node of a pair take over: refused unless it is healthy and alike; says how long nobody answered.',
    examples: ['failover edge because kernel update of lvs-1'],
    risk: 'write',
    role: 'operator',
  },
  failback: {
    verb: 'failback',
    arguments: '<pair> [break glass] [because <text>]',
    meaning: 'End a failover: the node that gave way is as it was, and takes over again.',
    examples: ['failback edge'],
    risk: 'write',
    role: 'operator',
  },
  approve: {
    verb: 'approve',
    arguments: '<id> <4 hex>',
    meaning: 'Agree to a waiting change; the four characters stand on its card.',
    examples: ['approve q7k2m9xt 3f9a'],
    risk: 'decide',
    role: 'approver',
  },
  deny: {
    verb: 'deny',
    arguments: '<id>',
    meaning: 'Refuse a waiting change.',
    examples: ['deny q7k2m9xt'],
    risk: 'decide',
    role: 'approver',
  },
  cancel: {
    verb: 'cancel',
    arguments: '<id>',
    meaning: 'Withdraw your own change while it waits, or end its wait for idle members.',
    examples: ['cancel q7k2m9xt'],
    risk: 'decide',
    role: 'requester',
  },
  extend: {
    verb: 'extend',
    arguments: '<id> <time>',
    meaning: 'Let a change that comes back by itself do so later.',
    examples: ['extend q7k2m9xt 30m'],
    risk: 'decide',
    role: 'operator',
  },
  acknowledge: {
    verb: 'acknowledge',
    arguments: '<id>',
    meaning: 'Say that you saw a change that went past the approval (break glass).',
    examples: ['acknowledge q7k2m9xt'],
    risk: 'decide',
    role: 'operator',
  },
  freeze: {
    verb: 'freeze',
    arguments: '[<service>] [for <time>] because <text>',
    meaning: 'Stop every change, of one service or of all; what would come back by itself waits.',
    examples: [
      'freeze test.tianya.cn for 2h because the sale runs',
      'freeze because of the incident',
    ],
    risk: 'stop',
    role: 'operator',
  },
  unfreeze: {
    verb: 'unfreeze',
    arguments: '[<service>]',
    meaning: 'End the freeze of one service, or of all.',
    examples: ['unfreeze test.tianya.cn'],
    risk: 'stop',
    role: 'operator',
  },
  history: {
    verb: 'history',
    arguments: '[<service|pair>]',
    meaning:
      'The latest changes (who, what, approved by whom, how it ended), and what happened by itself.',
    examples: ['history test.tianya.cn', 'history web'],
    risk: 'read',
    role: 'viewer',
  },
  whoami: {
    verb: 'whoami',
    arguments: '',
    meaning: 'Your id and what you may do where.',
    examples: ['whoami'],
    risk: 'read',
    role: 'anybody',
  },
  help: {
    verb: 'help',
    arguments: '[<verb>]',
    meaning: 'What you may run, or one verb in full.',
    examples: ['help', 'help disable'],
    risk: 'read',
    role: 'anybody',
  },
};

export const ALL_VERBS: readonly VerbEntry[] = Object.values(VERBS);

/** The entry of a verb as typed; undefined when there is none. Upper case is what phones make of a first word. */
export function findVerb(typed: string): VerbEntry | undefined {
  const wanted = typed.toLowerCase();
  return ALL_VERBS.find((entry) => entry.verb === wanted);
}

/** `/lb disable <service> …`: the prefix is `/lb` in Slack and `lb` in a shell. */
export function usageLine(entry: VerbEntry, prefix: string): string {
  return [prefix, entry.verb, entry.arguments].filter((part) => part !== '').join(' ');
}
