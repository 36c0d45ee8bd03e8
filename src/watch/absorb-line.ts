import type { WatchEvent } from '../domain/event.ts';
import type { LineState, Scene } from '../domain/scene.ts';
import type { NotifyHeartbeat, NotifyLine, NotifyTaken } from '../ports/notices.ts';
import { type Absorbed, roleEvent } from './absorb-look.ts';
import { roleOfNotice, withEvidence } from './evidence.ts';
import { type Surroundings, type TopicalEvent, topicOf } from './observation.ts';
import { missingMax, pastBootsMax } from './rules.ts';
import { VRRP_TOPIC } from './vrrp-judge.ts';
import { spanWords } from './words.ts';

/** From what keepalived does to the time that its reader notes for it. */
const LINE_LATE_MS = 500;

type Heard = Pick<NotifyLine, 'director' | 'bootId' | 'sequence' | 'at' | 'receivedAt' | 'ageMs'>;

interface Noted {
  readonly state: LineState;
  readonly taken: NotifyTaken;
  /** Numbers found missing by this one. */
  readonly lost: readonly number[];
  readonly isNewBoot: boolean;
}

/** Judges a line or heartbeat by boot and number alone: what its clock says decides nothing. */
function noted(before: LineState | undefined, heard: Heard, isBeat: boolean): Noted | undefined {
  const { bootId, sequence, receivedAt } = heard;
  const offset = receivedAt - (heard.ageMs ?? 0) - heard.at;
  const first: LineState = {
    bootId,
    sequence: -1,
    missing: [],
    pastBoots: [],
    offsetMs: offset,
    clockTold: false,
    heardAt: receivedAt,
  };
  if (before?.pastBoots.includes(bootId)) return undefined;
  const isNewBoot = before !== undefined && before.bootId !== bootId;
  const base =
    before === undefined
      ? first
      : isNewBoot
        ? { ...first, pastBoots: [...before.pastBoots, before.bootId].slice(-pastBootsMax) }
        : { ...before, offsetMs: Math.min(before.offsetMs, offset) };
  const heardAt = Math.max(base.heardAt, receivedAt);
  const isNext = sequence > base.sequence;
  const until = isBeat ? sequence + 1 : sequence;
  const skipped: number[] = [];
  for (let each = Math.max(base.sequence + 1, until - missingMax); isNext && each < until; ) {
    skipped.push(each);
    each += 1;
  }
  // Where a director is heard for the first time, nobody knows whether there is more; it may come late.
  const lost = before === undefined || isNewBoot ? [] : skipped;
  const isMissing = base.missing.includes(sequence);
  const taken: NotifyTaken = isNext || isMissing ? 'taken' : 'known';
  const missing = [...base.missing.filter((each) => each !== sequence || isBeat), ...skipped];
  const highest = Math.max(base.sequence, sequence);
  return {
    state: { ...base, sequence: highest, missing: missing.slice(-missingMax), heardAt },
    taken,
    lost,
    isNewBoot,
  };
}

/** One telling for each boot: a clock that is wrong decides nothing, and is no reason to refuse a line. */
function clockEvent(scene: Scene, heard: Heard, state: LineState, offMs: number) {
  if (state.clockTold || Math.abs(state.offsetMs) < offMs) return { state, events: [] };
  const { director } = heard;
  const way = state.offsetMs > 0 ? 'behind' : 'ahead of';
  const event: WatchEvent = {
    id: `clock.${director}.${heard.bootId}`,
    at: heard.receivedAt,
    lane: scene.lane,
    kind: 'clock',
    balancer: director,
    witness: 'line',
    text: `The clock of ${director} is ${spanWords(Math.abs(state.offsetMs))} ${way} ours. Its lines are ordered by their numbers; mend the clock (chrony, ntpd) before somebody compares logs.`,
  };
  return {
    state: { ...state, clockTold: true },
    events: [{ event, topic: topicOf.lines(director) }],
  };
}

/** Takes in a line of keepalived. `known` when it was there already, or belongs to a boot that is over. Pure. */
export function absorbLine(
  scene: Scene,
  line: NotifyLine,
  { site, rules }: Surroundings,
): Absorbed & { readonly taken: NotifyTaken } {
  const { director, bootId, sequence, receivedAt } = line;
  const heard = noted(scene.lines[director], line, false);
  if (heard === undefined || heard.taken === 'known') return { scene, events: [], taken: 'known' };
  const clock = clockEvent(scene, line, heard.state, rules.clockOffMs);
  const events: TopicalEvent[] = [...clock.events];
  const lines = { ...scene.lines, [director]: clock.state };
  const told = { ...scene, lines };
  const role = roleOfNotice(line.state);
  if (role === undefined || site.vrrp === undefined || line.instance !== site.vrrp.instance) {
    return { scene: told, events, taken: 'taken' };
  }
  const at = timeOf(scene, line, heard.state);
  const known = scene.roles[director] ?? [];
  const isUnseen = scene.devices[director]?.silent !== undefined;
  const { evidence, isNews } = withEvidence(known, {
    role,
    at,
    until: at,
    priority: line.priority,
    ...(isUnseen ? { unseenBefore: true } : {}),
    line: { bootId, sequence, ...unchangedBefore(scene, line, at, heard.state) },
  });
  const mark = `${bootId}.${sequence}`;
  if (line.state === 'MASTER_RX_LOWER_PRI') {
    const text = `${director} is MASTER and hears another MASTER with a lower priority.`;
    const base = roleEvent(site.lane, director, role, at, 'line', mark);
    events.push({
      event: { ...base, id: `heard.${director}.${mark}`, kind: 'two-masters-heard', text },
      topic: VRRP_TOPIC,
    });
  } else if (isNews) {
    const event = roleEvent(site.lane, director, role, Math.min(at, receivedAt), 'line', mark);
    events.push({ event, topic: VRRP_TOPIC });
  }
  const roles = { ...scene.roles, [director]: evidence };
  return { scene: { ...told, roles }, events, taken: 'taken' };
}

/** By our clock: never later than it came, and never out of the order of its numbers. */
function timeOf(scene: Scene, line: NotifyLine, { offsetMs }: LineState): number {
  const own = (scene.roles[line.director] ?? []).flatMap(({ line: known, at }) =>
    known?.bootId === line.bootId ? [{ sequence: known.sequence, at }] : [],
  );
  const later = own.filter(({ sequence }) => sequence > line.sequence).map(({ at }) => at);
  const earlier = own.filter(({ sequence }) => sequence < line.sequence).map(({ at }) => at);
  const said = line.ageMs === undefined ? line.at + offsetMs : line.receivedAt - line.ageMs;
  const likely = Math.min(said, line.receivedAt, ...later);
  return Math.max(likely, ...earlier);
}

/** Where no line is missing in between, a node was as it was until shortly before it said something else. */
function unchangedBefore(
  scene: Scene,
  { director, bootId, sequence, at: said }: NotifyLine,
  at: number,
  { offsetMs }: LineState,
): { readonly unchangedTo?: number } {
  const before = scene.lines[director];
  if (before?.bootId !== bootId || before.sequence !== sequence - 1) return {};
  // Its way here, which may have been long, is in one of these times and not in the other.
  return { unchangedTo: Math.min(at, said + offsetMs) - LINE_LATE_MS };
}

/** Takes in a sign of life: it tells of lines that never came. Pure. */
export function absorbBeat(scene: Scene, beat: NotifyHeartbeat, { rules }: Surroundings): Absorbed {
  const { director } = beat;
  const heard = noted(scene.lines[director], beat, true);
  if (heard === undefined) return { scene, events: [] };
  const clock = clockEvent(scene, beat, heard.state, rules.clockOffMs);
  const events: TopicalEvent[] = [...clock.events];
  if (heard.lost.length > 0) {
    const text = `${heard.lost.length} line(s) of ${director} have not arrived (its count is ${beat.sequence}); looks at it go on.`;
    events.push({
      event: {
        id: `lost.${director}.${beat.bootId}.${beat.sequence}`,
        at: beat.receivedAt,
        lane: scene.lane,
        kind: 'lines-lost',
        balancer: director,
        witness: 'line',
        text,
      },
      topic: topicOf.lines(director),
    });
  }
  return { scene: { ...scene, lines: { ...scene.lines, [director]: clock.state } }, events };
}
