import { createHash } from 'node:crypto';
import type { WatchEvent } from '../domain/event.ts';
import type { Incident, IncidentView } from '../domain/incident.ts';
import type { Scene } from '../domain/scene.ts';
import type { NotifyTaken } from '../ports/notices.ts';
import { absorbBeat, absorbLine } from './absorb-line.ts';
import { type Absorbed, absorbLook, absorbSilence } from './absorb-look.ts';
import { absorbProbe } from './absorb-probe.ts';
import { absorbSwap } from './absorb-swap.ts';
import { judgeDevice, judgeLines, judgeTable } from './judge-devices.ts';
import { judgeMembers } from './judge-members.ts';
import { judgeStandby, judgeSync, judgeUnits } from './judge-units.ts';
import { type Observation, type Surroundings, type TopicalEvent, topicOf } from './observation.ts';
import { settle, withIncident } from './settle.ts';
import { judgeVrrp, VRRP_TOPIC } from './vrrp-judge.ts';
import { asOwn } from './vrrp-own.ts';
import { wasCutOff } from './vrrp-picture.ts';

/** What follows from one observation. */
export interface Advance {
  readonly scene: Scene;
  /** To be recorded, in order. */
  readonly events: readonly WatchEvent[];
  /** To be shown anew. */
  readonly incidents: readonly Incident[];
  /** Of a line: whether it was new. */
  readonly taken: NotifyTaken;
  /** Something is to be remembered that a process that dies now must not take along. */
  readonly isNews: boolean;
}

function timeOf(observation: Observation): number {
  switch (observation.kind) {
    case 'look':
      return observation.until;
    case 'silence':
    case 'probe':
      return observation.at;
    case 'line':
      return observation.line.receivedAt;
    case 'beat':
      return observation.beat.receivedAt;
  }
}

function absorb(
  scene: Scene,
  observation: Observation,
  around: Surroundings,
): Absorbed & { readonly taken?: NotifyTaken } {
  switch (observation.kind) {
    case 'look': {
      const swap = absorbSwap(scene, observation, around);
      const seen = absorbLook(swap.scene, observation, around);
      return { ...seen, events: [...swap.events, ...seen.events] };
    }
    case 'silence':
      return absorbSilence(scene, observation, around);
    case 'probe':
      return absorbProbe(scene, observation.measure);
    case 'line':
      return absorbLine(scene, observation.line, around);
    case 'beat':
      return absorbBeat(scene, observation.beat, around);
  }
}

/** One observation further: what is remembered next, what happened, and which incidents look different now. Pure. */
export function advance(before: Scene, observation: Observation, around: Surroundings): Advance {
  const now = timeOf(observation);
  const absorbed = absorb(before, observation, around);
  const bench = judging(absorbed.scene, absorbed.events, around, now);
  if (around.site.vrrp !== undefined) bench.pair();
  const isPairTold = bench.openOf(VRRP_TOPIC) !== undefined;
  for (const balancer of around.site.nodes) bench.device(balancer, isPairTold);
  for (const pool of around.site.pools) bench.pool(pool);
  const after = bench.scene();
  const events = absorbed.events.map(({ event }) => asOwn(event, around.switches));
  return {
    scene: after,
    events,
    incidents: bench.shown(),
    taken: absorbed.taken ?? 'taken',
    isNews: events.length > 0 || bench.shown().length > 0 || isOther(before, after, around),
  };
}

/** Times at which all was as before are no news, except while two may be at work: then they are the finding. */
function isOther(before: Scene, after: Scene, { site }: Surroundings): boolean {
  if (after.lines !== before.lines) return true;
  if (JSON.stringify(before.vrrp) !== JSON.stringify(after.vrrp)) return true;
  if (JSON.stringify(before.probe?.silences) !== JSON.stringify(after.probe?.silences)) return true;
  const isUneasy = after.incidents.some(
    ({ topic, state }) => topic === VRRP_TOPIC && state === 'open',
  );
  const isAdded = site.nodes.some(
    (node) => before.roles[node]?.length !== after.roles[node]?.length,
  );
  const isStale = site.nodes.some((node) => isOld(before.roles[node], after.roles[node]));
  if (site.vrrp !== undefined && (isUneasy || isAdded || isStale)) return true;
  return site.nodes.some((node) => plain(before.devices[node]) !== plain(after.devices[node]));
}

const EVIDENCE_OLD_MS = 10_000;

function isOld(before: Scene['roles'][string] = [], after: Scene['roles'][string] = []): boolean {
  const from = before.at(-1)?.until ?? 0;
  return (
    Math.floor((after.at(-1)?.until ?? 0) / EVIDENCE_OLD_MS) > Math.floor(from / EVIDENCE_OLD_MS)
  );
}

function plain(facts: Scene['devices'][string] | undefined): string {
  const { answeredAt, boot, ...rest } = facts ?? { pools: {} };
  return JSON.stringify([answeredAt === undefined, boot?.id, rest]);
}

function judging(first: Scene, events: readonly TopicalEvent[], around: Surroundings, now: number) {
  const { site, rules } = around;
  let scene = first;
  const shown: Incident[] = [];
  const lastOf = (topic: string) => scene.incidents.findLast((each) => each.topic === topic);
  const openOf = (topic: string) => {
    const last = lastOf(topic);
    return last?.state === 'open' ? last : undefined;
  };
  /** The incident that ended so lately that what happens now belongs to it. */
  const justOver = (topic: string) => {
    const last = lastOf(topic);
    const ended = last?.endedAt;
    return ended !== undefined && now - ended < rules.againWithinMs ? last : undefined;
  };
  const of = (topic: string) =>
    events.filter((each) => each.topic === topic).map(({ event }) => event);
  const put = (
    topic: string,
    view: IncidentView | undefined,
    own: readonly WatchEvent[],
    previous: Incident | undefined,
  ) => {
    const newId = () => incidentId(site.lane, topic, now, own[0]?.id ?? '');
    const asked = { lane: site.lane, topic, now, view, events: own, previous, newId };
    const incident = settle(asked);
    if (incident === undefined) return;
    scene = { ...scene, incidents: withIncident(scene.incidents, incident) };
    shown.push(incident);
  };

  const group = (balancer: string) => {
    const base = { site, rules, now };
    const { work } = around;
    const [units, standby, sync] = [
      topicOf.units(balancer),
      topicOf.standby(balancer),
      topicOf.sync(balancer),
    ];
    const own = of(units);
    const view = judgeUnits(scene, balancer, { ...base, events: own, open: openOf(units) });
    put(units, view, own, openOf(units) ?? justOver(units));
    const lost = judgeStandby(scene, balancer, { ...base, open: openOf(standby) });
    put(standby, lost, [], openOf(standby) ?? justOver(standby));
    const apart = { site, events: of(sync), open: openOf(sync), work };
    put(sync, judgeSync(scene, balancer, apart), of(sync), openOf(sync) ?? justOver(sync));
  };

  return {
    scene: () => scene,
    shown: () => shown,
    openOf,

    pair() {
      const { open: others, switches } = around;
      const { memory, view, goesOn } = judgeVrrp({
        scene,
        site,
        rules,
        now,
        open: others,
        switches,
      });
      const open = openOf(VRRP_TOPIC);
      scene = { ...scene, vrrp: memory };
      // What else happens to its nodes meanwhile belongs to it.
      const also = site.nodes.flatMap((node) =>
        openOf(topicOf.device(node)) === undefined ? of(topicOf.device(node)) : [],
      );
      const own = [...of(VRRP_TOPIC), ...also];
      put(VRRP_TOPIC, view, own, goesOn === true ? lastOf(VRRP_TOPIC) : open);
    },

    device(balancer: string, isPairTold: boolean) {
      const topic = topicOf.device(balancer);
      const open = openOf(topic);
      // Where nodes take over from each other, a start alone is worth no message: what it leads to is.
      const isQuiet = open === undefined && (isPairTold || site.vrrp !== undefined);
      const own = isQuiet ? [] : of(topic);
      const asked = { site, rules, now, open, events: own, isPairTold };
      put(topic, judgeDevice(scene, balancer, asked), own, open ?? justOver(topic));
      group(balancer);
      const lines = topicOf.lines(balancer);
      put(lines, judgeLines(site, balancer, of(lines)), of(lines), justOver(lines));
    },

    pool(pool: Surroundings['site']['pools'][number]) {
      const topic = topicOf.members(pool.pool);
      const open = openOf(topic);
      const since = now - rules.membersGraceMs;
      const unsure =
        site.vrrp === undefined ? [] : site.nodes.filter((node) => wasCutOff(scene, node, since));
      const view = judgeMembers(scene, pool, {
        wasOpen: open !== undefined,
        work: around.work,
        unsure,
      });
      put(topic, view, of(topic), open ?? justOver(topic));
      const table = topicOf.table(pool.pool);
      const previous = justOver(table);
      const tableView = judgeTable(pool, of(table), previous?.eventsCount ?? 0);
      put(table, tableView, of(table), previous);
    },
  };
}

function incidentId(lane: string, topic: string, now: number, mark: string): string {
  const text = JSON.stringify([lane, topic, now, mark]);
  return `i${createHash('sha256').update(text).digest('hex').slice(0, 15)}`;
}
