import type { WatchEvent } from '../domain/event.ts';
import type { Incident, IncidentView } from '../domain/incident.ts';
import type { Scene } from '../domain/scene.ts';
import type { WatchRules } from './rules.ts';
import type { LaneSite } from './site.ts';
import { counted } from './words.ts';

/** Names of the services that live on a balancer. */
export function servicesOn({ pools }: LaneSite, balancer: string): readonly string[] {
  const here = pools.filter(({ balancers }) => balancers.includes(balancer));
  return [...new Set(here.map(({ service }) => service))];
}

/** Whether a device can be watched, and that it was restarted. */
export function judgeDevice(
  scene: Scene,
  balancer: string,
  asked: {
    readonly site: LaneSite;
    readonly rules: WatchRules;
    readonly now: number;
    readonly open: Incident | undefined;
    /** New events of this device. */
    readonly events: readonly WatchEvent[];
    readonly isPairTold: boolean;
  },
): IncidentView | undefined {
  const { site, rules, now, open, events, isPairTold } = asked;
  const { silent } = scene.devices[balancer] ?? {};
  const services = servicesOn(site, balancer);
  if (silent !== undefined) {
    const after = site.vrrp === undefined ? rules.silentAfterMs : rules.silentInPairAfterMs;
    const isLong = now - silent.since >= after && silent.looks >= rules.silentLooks;
    // Of a pair that changed over, this is the cause and stands there.
    if (open === undefined && (!isLong || isPairTold)) return undefined;
    return {
      kind: 'unwatchable',
      state: 'open',
      severity: 'warning',
      headline: `${balancer} cannot be watched: it does not answer.`,
      facts: [
        { label: 'Why', text: silent.fault.message },
        { label: 'Meanwhile', text: 'nothing is known of its members, and nothing is restored' },
      ],
      services,
    };
  }
  const restarts = events.filter(({ kind }) => kind === 'restarted').length;
  if (open?.kind === 'unwatchable') {
    const also = restarts > 0 ? ' It was restarted meanwhile.' : '';
    return {
      kind: 'unwatchable',
      state: 'over',
      severity: 'info',
      headline: `${balancer} can be watched again.${also}`,
      facts: [],
      services,
    };
  }
  if (restarts === 0) return undefined;
  return {
    kind: 'restarted',
    state: 'over',
    severity: 'info',
    headline: `${balancer} was restarted or reloaded. What it forgot and must stay so is restored.`,
    facts: [],
    services,
  };
}

/** Changes in a table that nobody of us made. They are over when they are told. */
export function judgeTable(
  pool: { readonly pool: string; readonly service: string },
  events: readonly WatchEvent[],
  told: number,
): IncidentView | undefined {
  if (events.length === 0) return undefined;
  const count = told + events.length;
  const text = events[0]?.text ?? '';
  return {
    kind: 'table-changed',
    state: 'over',
    severity: 'info',
    headline:
      count === 1
        ? `Not by this bot: ${text}`
        : `${counted(count, 'change')} in ${pool.service} not made by this bot; the last: ${events.at(-1)?.text ?? text}`,
    facts: [],
    services: [pool.service],
  };
}

export function judgeLines(
  site: LaneSite,
  balancer: string,
  events: readonly WatchEvent[],
): IncidentView | undefined {
  const [first] = events;
  if (first === undefined) return undefined;
  return {
    kind: 'reports-doubtful',
    state: 'over',
    severity: 'warning',
    headline: `What ${balancer} reports is to be read with care: ${first.text}`,
    facts: [],
    services: servicesOn(site, balancer),
  };
}
