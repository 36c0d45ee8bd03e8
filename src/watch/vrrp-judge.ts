import type { Incident, IncidentKind, IncidentView, Severity } from '../domain/incident.ts';
import type { Scene, VrrpMemory } from '../domain/scene.ts';
import { LOOKS_APART_MS } from './evidence.ts';
import type { Takeover } from './masters.ts';
import type { OwnSwitch } from './observation.ts';
import type { WatchRules } from './rules.ts';
import type { LaneSite } from './site.ts';
import { measuredFact } from './vip-words.ts';
import { CAUSE } from './vrrp-cause.ts';
import { type OwnStanding, ownStanding } from './vrrp-own.ts';
import { type Picture, pictureOf } from './vrrp-picture.ts';
import { vrrpFacts, vrrpHeadline } from './vrrp-words.ts';

export const VRRP_TOPIC = 'vrrp';

/** What a judge says of the incident of its topic. */
export interface Judged<Memory> {
  readonly memory: Memory;
  /** Absent: there is nothing to tell. */
  readonly view?: IncidentView;
  /** Goes on with the incident that ended last. */
  readonly goesOn?: true;
}

const SEVERITY: Readonly<Partial<Record<IncidentKind, Severity>>> = {
  'split-brain': 'critical',
  'no-master': 'critical',
  failover: 'warning',
  failback: 'info',
  flapping: 'warning',
  'standby-lost': 'warning',
};

/** A new MASTER tells its neighbours at once, and once more within seconds. */
const SETTLED_MS = 1_000;

/** What may have been asked for. */
const MOVES: readonly IncidentKind[] = ['failover', 'failback', 'flapping'];

interface Asked {
  readonly scene: Scene;
  readonly site: LaneSite;
  readonly rules: WatchRules;
  readonly now: number;
  /** What is at work or rests on this lane, in a sentence; for people who wonder what it meant for them. */
  readonly open: readonly string[];
  readonly switches: readonly OwnSwitch[];
}

function recentTakeovers(
  { takeovers }: Picture,
  { rules, now, scene }: Asked,
): readonly Takeover[] {
  const since = Math.max(now - rules.flapWindowMs, scene.vrrp.askedUntil ?? 0);
  return takeovers.filter(({ to }) => to.from >= since);
}

/** What is wrong by the picture of now, whether or not something was before. */
function kindOf(
  picture: Picture,
  asked: Asked,
  open: Incident | undefined,
): IncidentKind | undefined {
  const { scene, rules, now } = asked;
  const { master, usual, judgedUntil } = scene.vrrp;
  if (picture.overlaps.some(({ to }) => to > judgedUntil)) return 'split-brain';
  const [only] = picture.carriers;
  const isElsewhere = picture.carriers.length === 1 && master !== undefined && only !== master;
  const since = picture.takeovers.filter(({ to }) => to.from > judgedUntil);
  const isNews = isElsewhere || since.length > 0;
  if (isNews && recentTakeovers(picture, asked).length >= rules.flapChanges) return 'flapping';
  // Who is MASTER after that took over from nobody.
  if (open?.kind === 'no-master') return open.kind;
  if (master !== undefined && isNews) {
    const first = since[0]?.to.node ?? only;
    return first === usual && master !== usual ? 'failback' : 'failover';
  }
  if (picture.noneSince !== undefined && now - picture.noneSince >= rules.noMasterAfterMs) {
    return 'no-master';
  }
  const { silentSince } = picture;
  if (silentSince !== undefined && now - silentSince >= rules.silentInPairAfterMs) {
    return 'no-master';
  }
  // One that is MASTER all the same is not the standby.
  const lame = picture.lame.filter(
    ({ isSilent, idle, node }) => !isSilent && (idle === undefined || node !== only),
  );
  const lost = lame.some(
    ({ idle, since: at }) => now - (idle?.since ?? at ?? now) >= rules.standbyAfterMs,
  );
  // What it was it stays, also while it mends.
  if (open !== undefined) return open.kind;
  return lost && picture.carriers.length === 1 ? 'standby-lost' : undefined;
}

function severityOf(kind: IncidentKind, picture: Picture): Severity {
  if (kind === 'split-brain' && picture.carriers.length < 2) return 'warning';
  if (picture.noneSince !== undefined || picture.silentSince !== undefined) return 'critical';
  if (kind === 'no-master' && picture.carriers.length > 0) return 'warning';
  return SEVERITY[kind] ?? 'warning';
}

/** Judges a VRRP pair by all evidence there is; in which order it came makes no difference. Pure. */
export function judgeVrrp(asked: Asked): Judged<VrrpMemory> {
  const { scene, site, rules, now } = asked;
  const memory = scene.vrrp;
  const picture = pictureOf(scene, site, rules);
  const last = scene.incidents.findLast(({ topic }) => topic === VRRP_TOPIC);
  const open = last?.state === 'open' ? last : undefined;
  const found = kindOf(picture, asked, open);
  const [only] = picture.carriers;
  if (found === undefined) {
    if (memory.master !== undefined || only === undefined || picture.carriers.length > 1) {
      return { memory };
    }
    return { memory: { ...memory, master: only, usual: only } };
  }
  const takeovers = picture.takeovers.filter(({ to }) => to.from > memory.judgedUntil);
  const { switches } = asked;
  const standing: OwnStanding =
    open === undefined && MOVES.includes(found)
      ? ownStanding({ picture, memory, takeovers, switches, now })
      : { kind: 'none' };
  if (standing.kind === 'under way') return { memory: remembered(memory, standing.wellSince) };
  const own = standing.kind === 'told' ? standing.own : undefined;
  const kind = own?.verb ?? found;
  const settleMs = kind === 'flapping' ? rules.flapSettleMs : rules.settleMs;
  const wellSince = picture.isWell ? (memory.wellSince ?? now) : undefined;
  const isOver = own !== undefined || (wellSince !== undefined && now - wellSince >= settleMs);
  const begunAt = open?.begunAt ?? now;
  const told = {
    kind,
    picture,
    before: memory.master,
    begunAt,
    takeovers,
    changes: recentTakeovers(picture, asked).length,
    isOver,
    knownCause: open?.facts.find(({ label }) => label === CAUSE)?.text,
    site,
    own,
    open: asked.open,
    measured:
      kind === 'standby-lost'
        ? undefined
        : measuredFact(
            scene.probe,
            spanOf(takeovers, { begunAt, judgedUntil: memory.judgedUntil, now }),
          ),
  };
  const view: IncidentView = {
    kind,
    state: isOver ? 'over' : 'open',
    severity: isOver ? 'info' : severityOf(kind, picture),
    headline: vrrpHeadline(told),
    facts: vrrpFacts(told),
    services: [...new Set(site.pools.map(({ service }) => service))],
    ...(own === undefined ? {} : { changeId: own.changeId, askedBy: own.askedBy }),
  };
  const goesOn =
    open === undefined && kind === 'flapping' && isRecent(last, rules, now)
      ? ({ goesOn: true } as const)
      : {};
  if (!isOver) return { memory: remembered(memory, wellSince), view, ...goesOn };
  const usual = memory.usual ?? only;
  const askedUntil = own === undefined ? memory.askedUntil : now;
  return {
    memory: {
      judgedUntil: now,
      ...(only === undefined ? {} : { master: only }),
      ...(usual === undefined ? {} : { usual }),
      ...(askedUntil === undefined ? {} : { askedUntil }),
    },
    view,
    ...goesOn,
  };
}

/** From when all was last seen well until the last change of the MASTER, with the time that neighbours need for it. */
function spanOf(
  takeovers: readonly Takeover[],
  { begunAt, judgedUntil, now }: { begunAt: number; judgedUntil: number; now: number },
) {
  const [first] = takeovers;
  const last = takeovers.at(-1);
  const from = Math.min(begunAt - LOOKS_APART_MS, first?.from.to ?? begunAt);
  const to = last === undefined ? now : Math.min(now, last.to.sureFrom + SETTLED_MS);
  return { from: Math.max(from, judgedUntil), to, now };
}

function isRecent(last: Incident | undefined, { flapWindowMs }: WatchRules, now: number): boolean {
  return last?.endedAt !== undefined && now - last.endedAt < flapWindowMs;
}

function remembered(
  { wellSince: _before, ...memory }: VrrpMemory,
  wellSince: number | undefined,
): VrrpMemory {
  return wellSince === undefined ? memory : { ...memory, wellSince };
}
