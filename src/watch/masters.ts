import type { RoleEvidence } from '../domain/scene.ts';
import { carries, LOOKS_APART_MS } from './evidence.ts';

/** A time during which a node answered for the VIP, as far as is known. */
export interface Reign {
  readonly node: string;
  /** First and last time it was known to; at the latest since `sureFrom`. */
  readonly from: number;
  readonly sureFrom: number;
  readonly to: number;
  /** By lines without a gap, it did so this long. */
  readonly keptTo?: number;
  /** The last time before and the first after when it was known not to. */
  readonly notYetAt?: number;
  readonly noMoreAt?: number;
}

/** Lines of one boot tell every change: between two of them nothing happened. */
function isBridged(before: RoleEvidence, next: RoleEvidence): boolean {
  if (next.unseenBefore === true) return false;
  const isTold = before.line !== undefined && before.line.bootId === next.line?.bootId;
  return isTold || next.at - before.until <= LOOKS_APART_MS;
}

/** The times in which one node answered for the VIP, in order. */
export function reignsOf(node: string, evidence: readonly RoleEvidence[]): readonly Reign[] {
  const reigns: Reign[] = [];
  let lastNot: number | undefined;
  let open: Reign | undefined;
  let previous: RoleEvidence | undefined;
  for (const each of evidence) {
    const { role, at, until, seenBy: sureFrom = at, line } = each;
    const isApart = previous !== undefined && !isBridged(previous, each);
    previous = each;
    if (isApart && open !== undefined) {
      reigns.push(open);
      open = undefined;
      lastNot = undefined;
    }
    if (carries(role)) {
      const notYetAt =
        lastNot === undefined ? undefined : Math.max(lastNot, line?.unchangedTo ?? lastNot);
      const begun = { node, from: at, sureFrom, ...(notYetAt === undefined ? {} : { notYetAt }) };
      open = { ...(open ?? begun), to: Math.max(open?.to ?? until, until) };
      continue;
    }
    // A line that came late, of a moment when looks saw it at work before and after.
    if (open !== undefined && at < open.to) continue;
    if (open !== undefined) {
      const keptTo = Math.max(open.to, line?.unchangedTo ?? open.to);
      reigns.push({ ...open, keptTo, noMoreAt: sureFrom });
    }
    open = undefined;
    lastNot = Math.max(lastNot ?? 0, until);
  }
  return open === undefined ? reigns : [...reigns, open];
}

/** A change of the node that answers for the VIP. */
export interface Takeover {
  readonly from: Reign;
  readonly to: Reign;
  /** How long nobody did, in ms: at least and at most. */
  readonly gap: { readonly leastMs: number; readonly mostMs: number };
}

export interface Overlap {
  readonly nodes: readonly [string, string];
  readonly from: number;
  readonly to: number;
}

/** What the evidence of all nodes says about who answered for the VIP, in which order it came does not matter. */
export interface Masters {
  readonly takeovers: readonly Takeover[];
  readonly overlaps: readonly Overlap[];
}

export function mastersOf(
  nodes: readonly string[],
  roles: Readonly<Record<string, readonly RoleEvidence[]>>,
  splitAfterMs: number,
): Masters {
  const reigns = nodes
    .flatMap((node) => reignsOf(node, roles[node] ?? []))
    .sort((a, b) => a.from - b.from || a.to - b.to);
  const takeovers: Takeover[] = [];
  let last: Reign | undefined;
  for (const reign of reigns) {
    if (last !== undefined && last.node !== reign.node) {
      takeovers.push({ from: last, to: reign, gap: gapOf(last, reign) });
    }
    // One that was seen at work later than its follower began is not over: whoever is left tells.
    last = reign;
  }
  const overlaps = reigns.flatMap((a, index) =>
    reigns.slice(index + 1).flatMap((b): Overlap[] => {
      if (a.node === b.node) return [];
      const from = Math.max(a.sureFrom, b.sureFrom);
      const to = Math.min(a.to, b.to);
      return to - from >= splitAfterMs ? [{ nodes: [a.node, b.node], from, to }] : [];
    }),
  );
  return { takeovers, overlaps };
}

function gapOf(old: Reign, next: Reign): Takeover['gap'] {
  const mostMs = Math.max(0, next.sureFrom - (old.keptTo ?? old.to));
  const leastMs =
    next.notYetAt === undefined || old.noMoreAt === undefined
      ? 0
      : Math.max(0, next.notYetAt - old.noMoreAt);
  return { leastMs: Math.min(leastMs, mostMs), mostMs };
}
