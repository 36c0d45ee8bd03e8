import type { WatchEvent } from '../domain/event.ts';
import type { VrrpMemory } from '../domain/scene.ts';
import type { Takeover } from './masters.ts';
import type { OwnSwitch } from './observation.ts';
import type { Picture } from './vrrp-picture.ts';

/** After the last write of a change its takeover may still be under way. */
const SLOW_MS = 5_000;
/** What was asked for is told when all was well for so long: what a probe measured is known by then. */
const WELL_FOR_MS = 2_000;
/** Where not all is well after this time it is told as any other fail-over; a silent node is told later than that. */
const PATIENCE_MS = 8_000;

/** How a change of the MASTER that somebody asked for stands. */
export type OwnStanding =
  | { readonly kind: 'none' }
  /** It goes as it was asked for, and its change tells how far it is. */
  | { readonly kind: 'under way'; readonly wellSince?: number }
  | { readonly kind: 'told'; readonly own: OwnSwitch };

function isOf({ from, to }: Takeover, own: OwnSwitch): boolean {
  const end = own.to ?? Number.POSITIVE_INFINITY;
  return to.node === own.next && to.sureFrom >= own.from && from.to <= end + SLOW_MS;
}

/** Whether the only change of the MASTER since all was well is one that we were asked for. Pure. */
export function ownStanding(asked: {
  readonly picture: Picture;
  readonly memory: VrrpMemory;
  /** Since all was well. */
  readonly takeovers: readonly Takeover[];
  readonly switches: readonly OwnSwitch[];
  readonly now: number;
}): OwnStanding {
  const { picture, memory, takeovers, switches, now } = asked;
  const [only, ...others] = takeovers;
  const own = only === undefined ? undefined : switches.find((each) => isOf(only, each));
  if (only === undefined || own === undefined || others.length > 0) return { kind: 'none' };
  if (picture.noneSince !== undefined) return { kind: 'none' };
  if (picture.overlaps.some(({ to }) => to > memory.judgedUntil)) return { kind: 'none' };
  if (!picture.isWell) {
    return now - only.to.sureFrom < PATIENCE_MS ? { kind: 'under way' } : { kind: 'none' };
  }
  const wellSince = memory.wellSince ?? now;
  return now - wellSince >= WELL_FOR_MS ? { kind: 'told', own } : { kind: 'under way', wellSince };
}

/** An event as it is recorded: a role that changed while a change of ours was at it is its work. */
export function asOwn(event: WatchEvent, switches: readonly OwnSwitch[]): WatchEvent {
  if (event.kind !== 'role') return event;
  const isThen = ({ from, to = event.at }: OwnSwitch) =>
    event.at >= from && event.at <= to + SLOW_MS;
  const own = switches.find(isThen);
  return own === undefined ? event : { ...event, by: 'bot', changeId: own.changeId };
}
