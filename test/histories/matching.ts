import type { AuditEntry } from '../../src/domain/audit.ts';
import type { Timeline, Written } from './timeline.ts';

/** What an audit entry about a step says, read without the product's types. */
export interface StepEntry {
  readonly entry: AuditEntry;
  readonly node: string;
  readonly member: string;
  readonly direction: string;
  readonly to: { readonly admin: string; readonly weight: number };
  readonly commands: readonly string[];
}

export function stepOf(entry: AuditEntry): StepEntry | undefined {
  const { balancer, member, direction, to, commands } = entry.detail as {
    balancer?: string;
    member?: string;
    direction?: string;
    to?: StepEntry['to'];
    commands?: readonly string[];
  };
  if (balancer === undefined || member === undefined || to === undefined) return undefined;
  return {
    entry,
    node: balancer,
    member,
    direction: direction ?? '',
    to,
    commands: commands ?? [],
  };
}

/** A write that HAProxy saw, and the word of the audit that stands before it. */
export interface Matched {
  readonly write: Written;
  readonly announced: StepEntry;
}

/** Administrative state by HAProxy's bits, as its manual has them; on its own, without the adapter. */
export function adminBy(bits: number): string {
  if ((bits & 0x23) !== 0) return 'disabled';
  return (bits & 0x18) !== 0 ? 'drained' : 'enabled';
}

function fits(write: Written, { commands, direction, member, to }: StepEntry): boolean {
  if (direction === 'forward') return commands.includes(write.command);
  // The words for the way back are made when it is taken: they must be about this member and lead there.
  if (write.member !== member) return false;
  const weight = /^set weight \S+ (?<weight>\d+)$/.exec(write.command)?.groups?.weight;
  if (weight !== undefined) return Number(weight) === to.weight;
  const words = write.command.split(' ');
  if (words[0] === 'disable') return to.admin === 'disabled';
  if (words[0] === 'enable' || words.at(-1) === 'ready') return to.admin === 'enabled';
  return words.at(-1) === 'drain' && to.admin === 'drained';
}

/**
 * Holds the writes that HAProxy saw against the audit: right before each stands an `about-to` for it, which is the
 * newest one on that lane; none was used twice for the same words. Faults go into `faults`.
 */
export function matchWrites(
  timeline: Timeline,
  entries: readonly AuditEntry[],
  faults: string[],
): readonly Matched[] {
  const announced = entries
    .filter(({ kind }) => kind === 'about-to')
    .flatMap((entry) => stepOf(entry) ?? []);
  const used = new Set<string>();
  return timeline.writes.flatMap((write) => {
    const last = announced.filter(({ entry }) => entry.at <= write.at + 1).at(-1);
    if (last === undefined || last.node !== write.node || !fits(write, last)) {
      const words = last === undefined ? 'nothing' : JSON.stringify(last.entry.detail);
      faults.push(
        `audit: "${write.command}" reached ${write.node}, but the last thing announced was ${words}`,
      );
      return [];
    }
    const key = `${last.entry.sequence} ${write.command}`;
    if (used.has(key))
      faults.push(`audit: "${write.command}" was sent twice under entry ${last.entry.sequence}`);
    used.add(key);
    return [{ write, announced: last }];
  });
}

/** A hand or a reload so near may have done it already, or undone it. */
const NEAR_MS = 1_500;

/** What is written is needed: each command changes its member, or somebody else was there in between. */
export function checkEffects(
  { outside }: Timeline,
  matched: readonly Matched[],
  fault: (words: string) => void,
): void {
  for (const { write, announced } of matched) {
    const before = write.before.get(write.member);
    const after = write.after.get(write.member);
    const isSame = before?.admin === after?.admin && before?.weight === after?.weight;
    const wasNear = outside.some(
      (act) =>
        act.node === write.node && act.at <= write.at + NEAR_MS && act.until >= write.at - NEAR_MS,
    );
    if (!isSame || wasNear) continue;
    fault(
      `write: "${write.command}" of ${announced.entry.changeId} changed nothing on ${write.node}`,
    );
  }
}
