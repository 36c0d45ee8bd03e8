import type { DeviceLook, LinkFault } from '../../src/domain/device-look.ts';
import type { WatchEvent } from '../../src/domain/event.ts';
import type { Incident } from '../../src/domain/incident.ts';
import type { MemberState } from '../../src/domain/member.ts';
import { emptyScene, type Scene } from '../../src/domain/scene.ts';
import type { NotifyLine, VrrpNotice } from '../../src/ports/notices.ts';
import { advance } from '../../src/watch/advance.ts';
import type { Observation, OwnSwitch, OwnWork } from '../../src/watch/observation.ts';
import { RULES, type WatchRules } from '../../src/watch/rules.ts';
import type { LaneSite } from '../../src/watch/site.ts';
import { memberState, poolState } from '../fakes/samples.ts';

export const VIP = '192.168.100.11';
export const POOL = `${VIP}:80`;

export const EDGE: LaneSite = {
  lane: 'edge',
  nodes: ['lvs-1', 'lvs-2'],
  vrrp: { instance: 'VI_1', vips: [VIP] },
  pools: [
    {
      pool: POOL,
      balancers: ['lvs-1', 'lvs-2'],
      service: 'test.tianya.cn',
      minAvailable: { unit: 'percent', value: 50 },
    },
  ],
};

/** HAProxy nodes that both carry traffic. */
export const WEB: LaneSite = {
  lane: 'web',
  nodes: ['ha-1', 'ha-2'],
  pools: [
    {
      pool: 'shop',
      balancers: ['ha-1', 'ha-2'],
      service: 'shop',
      minAvailable: { unit: 'percent', value: 50 },
      known: 4,
    },
  ],
};

const FOUR = ['w1', 'w2', 'w3', 'w4'];

export function four(over: Readonly<Record<string, Partial<MemberState>>> = {}) {
  return FOUR.map((name) => memberState(name, over[name]));
}

export interface Seen {
  readonly members?: readonly MemberState[];
  readonly incarnation?: string;
  readonly keeper?: 'keepalived';
  /** keepalived's number of its state; `gone` where it does not run. */
  readonly state?: number | 'gone';
  readonly vip?: boolean;
  readonly priority?: number;
  /** When the machine was started by its own clock, and which start of it that is. */
  readonly bootedAt?: number;
  readonly boot?: string;
  /** What is wrong with the interface of its instance. */
  readonly link?: { readonly name: string; readonly fault: LinkFault };
}

/** What a look shows, with four members that are well unless something else is said. */
export function lookOf(site: LaneSite, balancer: string, at: number, seen: Seen = {}): Observation {
  const pool = site.pools[0]?.pool ?? '';
  const { state } = seen;
  const plain = poolState(balancer, seen.members ?? four(), { pool, readAt: at });
  const kind = seen.bootedAt === undefined ? {} : { kind: 'lvs' as const };
  const device = { ...plain.device, incarnation: seen.incarnation ?? '1', ...kind };
  const { bootedAt = 0, boot = `boot at ${bootedAt}` } = seen;
  const priority = seen.priority === undefined ? {} : { priority: seen.priority };
  const link = seen.link === undefined ? {} : { link: seen.link };
  const look: DeviceLook = {
    device,
    pools: [{ pool, state: { ...plain, device } }],
    ...(seen.keeper === undefined ? {} : { keeper: seen.keeper }),
    ...(state === undefined
      ? {}
      : {
          words: {
            addresses: new Set((seen.vip ?? state === 2) ? [VIP] : ['10.0.0.9']),
            vrrp: state === 'gone' ? [] : [{ name: 'VI_1', state, ...priority, ...link }],
            boot: { id: boot, uptimeSeconds: (at - bootedAt) / 1_000 },
          },
        }),
  };
  return { kind: 'look', balancer, at, until: at + 20, look };
}

export function silence(balancer: string, at: number): Observation {
  const fault = { code: 'UNREACHABLE', message: 'connect ECONNREFUSED' } as const;
  return { kind: 'silence', balancer, at, until: at + 20, fault };
}

export function line(
  director: string,
  sequence: number,
  state: VrrpNotice,
  receivedAt: number,
  over: Partial<NotifyLine> = {},
): Observation {
  return {
    kind: 'line',
    line: {
      director,
      bootId: `${director}-boot`,
      sequence,
      at: receivedAt,
      receivedAt,
      instance: 'VI_1',
      state,
      priority: 100,
      ...over,
    },
  };
}

/** A lane that goes through observations, and what came of each. */
export interface Story {
  scene: Scene;
  readonly events: WatchEvent[];
  /** By id, as they look last. */
  readonly incidents: Map<string, Incident>;
  /** Every form that an incident took. */
  readonly shown: Incident[];
  work: readonly OwnWork[];
  switches: readonly OwnSwitch[];
  go(...observations: readonly Observation[]): Story;
  kinds(): readonly string[];
  only(): Incident;
}

export function story(site: LaneSite, rules: WatchRules = RULES): Story {
  const told: Story = {
    scene: emptyScene(site.lane),
    events: [],
    incidents: new Map(),
    shown: [],
    work: [],
    switches: [],
    go(...observations) {
      for (const each of observations) {
        const { work, switches } = told;
        const next = advance(told.scene, each, { site, rules, work, open: [], switches });
        // As it comes back from the store.
        told.scene = JSON.parse(JSON.stringify(next.scene)) as Scene;
        told.events.push(...next.events);
        told.shown.push(...next.incidents);
        for (const incident of next.incidents) told.incidents.set(incident.id, incident);
      }
      return told;
    },
    kinds: () => [...told.incidents.values()].map(({ kind }) => kind),
    only() {
      const [first, ...more] = told.incidents.values();
      if (first === undefined || more.length > 0) {
        throw new Error(
          `Not one incident: ${JSON.stringify([...told.incidents.values()], null, 1)}`,
        );
      }
      return first;
    },
  };
  return told;
}

/** Looks at both nodes every two seconds, from `from` until `to`; `show` says what each one shows then. */
export function rounds(
  site: LaneSite,
  from: number,
  to: number,
  show: (node: string, at: number) => Seen | 'silent',
): readonly Observation[] {
  const all: Observation[] = [];
  for (let at = from; at < to; at += 2_000) {
    for (const [index, node] of site.nodes.entries()) {
      const when = at + index * 700;
      const seen = show(node, when);
      all.push(seen === 'silent' ? silence(node, when) : lookOf(site, node, when, seen));
    }
  }
  return all;
}

export const factOf = ({ facts }: Incident, label: string) =>
  facts.find((fact) => fact.label === label)?.text;
