import type { WatchEvent } from '../domain/event.ts';
import type { Incident, IncidentView } from '../domain/incident.ts';
import type { DeviceFacts, Scene } from '../domain/scene.ts';
import { servicesOn } from './judge-devices.ts';
import type { OwnWork } from './observation.ts';
import type { WatchRules } from './rules.ts';
import type { LaneSite } from './site.ts';
import { spanWords } from './words.ts';

interface Asked {
  readonly site: LaneSite;
  readonly rules: WatchRules;
  readonly now: number;
  /** New events of the topic. */
  readonly events: readonly WatchEvent[];
  readonly open: Incident | undefined;
}

function factsOf({ units = [], activeUnit, sync }: DeviceFacts) {
  const { name = '', former } = activeUnit ?? {};
  return [
    ...(former === undefined ? [] : [{ label: 'Active before', text: former }]),
    ...(name === '' || activeUnit?.oddSince !== undefined
      ? []
      : [{ label: 'Active now', text: name }]),
    { label: 'Units', text: units.map((unit) => `${unit.name}: ${unit.status}`).join('; ') },
    ...(sync === undefined || sync === '' ? [] : [{ label: 'Configuration', text: sync }]),
  ];
}

/** Who of a device group is active: one, another one, none, or several. */
export function judgeUnits(
  scene: Scene,
  balancer: string,
  { site, rules, now, events, open }: Asked,
): IncidentView | undefined {
  const device = scene.devices[balancer];
  const { units = [], activeUnit } = device ?? {};
  if (device === undefined || activeUnit === undefined || device.silent !== undefined) {
    return undefined;
  }
  const common = { facts: factsOf(device), services: servicesOn(site, balancer) };
  const { name, former, oddSince } = activeUnit;
  if (oddSince !== undefined) {
    const active = units.filter((unit) => unit.active).map((unit) => unit.name);
    const isNone = active.length === 0;
    // A hand-over passes through both.
    const after = isNone ? rules.noMasterAfterMs : rules.splitAfterMs;
    if (open === undefined && now - oddSince < after) return undefined;
    const before = name === '' ? '' : ` Before it was ${name}.`;
    return {
      kind: isNone ? 'no-active-unit' : 'two-active-units',
      state: 'open',
      severity: 'critical',
      headline: isNone
        ? `No unit of ${balancer} is active: nobody answers clients.${before}`
        : `${active.length} units of ${balancer} are active at once: ${active.join(', ')}.${before}`,
      ...common,
    };
  }
  const isMoved = events.some(({ at }) => at === activeUnit.movedAt);
  const isOdd = open?.kind === 'no-active-unit' || open?.kind === 'two-active-units';
  const lasted = isOdd ? spanWords(now - open.begunAt) : undefined;
  if (!isMoved || former === undefined) {
    if (!isOdd) return undefined;
    const headline = `Unit ${name} of ${balancer} alone is active again, after ${lasted}.`;
    return { kind: open.kind, state: 'over', severity: 'info', headline, ...common };
  }
  const also = lasted === undefined ? '' : ` For ${lasted} there was not exactly one.`;
  return {
    kind: 'unit-failover',
    state: 'over',
    severity: 'warning',
    headline: `Fail-over of ${balancer}: ${name} is active now, ${former} was before.${also}`,
    ...common,
  };
}

/** Whether there is a unit that could take over. */
export function judgeStandby(
  scene: Scene,
  balancer: string,
  { site, rules, now, open }: Omit<Asked, 'events'>,
): IncidentView | undefined {
  const { units = [], activeUnit, silent } = scene.devices[balancer] ?? {};
  if (silent !== undefined || activeUnit === undefined) return undefined;
  const lost = units.find(({ active, unfitSince }) => !active && unfitSince !== undefined);
  const services = servicesOn(site, balancer);
  if (lost === undefined) {
    if (open === undefined) return undefined;
    const headline = `A unit of ${balancer} stands by again.`;
    return { kind: 'standby-lost', state: 'over', severity: 'info', headline, facts: [], services };
  }
  const isLong = now - (lost.unfitSince ?? now) >= rules.silentInPairAfterMs;
  if (open === undefined && !isLong) return undefined;
  return {
    kind: 'standby-lost',
    state: 'open',
    severity: 'warning',
    headline: `${lost.name} of ${balancer} cannot take over.`,
    facts: [{ label: 'It', text: lost.status }],
    services,
  };
}

const IN_SYNC = /^In Sync\b/i;

/** Whether the units of a device group agree. */
export function judgeSync(
  scene: Scene,
  balancer: string,
  {
    site,
    events,
    open,
    work,
  }: Pick<Asked, 'site' | 'events' | 'open'> & { readonly work: readonly OwnWork[] },
): IncidentView | undefined {
  const device = scene.devices[balancer];
  const sync = device?.sync;
  if (device === undefined || sync === undefined) return undefined;
  const isApart = sync !== '' && !IN_SYNC.test(sync);
  if (open === undefined && !(events.length > 0 && isApart)) return undefined;
  // What a change of ours left apart belongs to it.
  const own = work.find((each) => each.balancer === balancer && each.want === undefined);
  return {
    kind: 'out-of-sync',
    state: isApart ? 'open' : 'over',
    severity: isApart ? 'warning' : 'info',
    headline: isApart
      ? `The units of ${balancer} are not in sync: ${sync}.`
      : `The units of ${balancer} are in sync again.`,
    facts: factsOf(device).filter(({ label }) => label === 'Active now' || label === 'Units'),
    services: servicesOn(site, balancer),
    ...(open === undefined && own !== undefined ? { changeId: own.changeId } : {}),
  };
}
