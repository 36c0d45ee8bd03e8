import type { AuditEntry } from '../../src/domain/audit.ts';
import type { ChangeRecord } from '../../src/domain/change.ts';
import { MEMBERS, SERVICE } from '../stage/inventory.ts';
import { poolSeen } from '../stage/second-reader.ts';
import type { Found } from './checks.ts';
import { adminBy, type StepEntry, stepOf } from './matching.ts';
import type { Scene } from './play.ts';
import type { View } from './timeline.ts';

/** Somebody's hand between the read-back and the word of it: the look that follows it sees it. */
const OVERLAP_MS = 3_000;
const ROUNDS_MS = 12_000;
const ENABLED = 'enabled';
/** Of every server in the stage's configuration. */
const WEIGHT = 10;

/** What a change of ours last left on a member of a node, by the audit. */
function lastLeft(entries: readonly AuditEntry[], node: string, member: string) {
  return entries
    .filter(({ kind }) => kind === 'verified' || kind === 'put-back')
    .flatMap((entry) => stepOf(entry) ?? [])
    .filter((step) => step.node === node && step.member === member)
    .at(-1);
}

/** Members that are to stay as a change left them: out, or with another weight because somebody asked for it. */
function isIntent(left: StepEntry, changes: readonly ChangeRecord[]): boolean {
  if (left.to.admin !== ENABLED) return true;
  const change = changes.find(({ id }) => id === left.entry.changeId);
  return (
    change?.plan?.verb === 'weight' && left.to.weight !== WEIGHT && left.entry.kind === 'verified'
  );
}

/** A sentence in the channel that names the member and the node and says that it is not as it was left. */
function isShouted({ stage }: Scene, left: StepEntry): boolean {
  return stage.slack.state.messages.some(
    ({ text }) =>
      text.includes(left.member) &&
      text.includes(left.node) &&
      /changed by hand|NOT restored|NOT put back/.test(text),
  );
}

/** This change further on, or a later one of this member, did not come to its end, and said so on its card. */
function isHalfDone({ changes, entries }: Found, left: StepEntry): boolean {
  const later = new Set(
    entries
      .filter(({ kind, sequence }) => kind === 'planned' && sequence > left.entry.sequence)
      .map(({ changeId }) => changeId),
  );
  const wentOn = entries.some((entry) => {
    const step = entry.kind === 'about-to' ? stepOf(entry) : undefined;
    const isOwn = entry.changeId === left.entry.changeId && entry.sequence > left.entry.sequence;
    return isOwn && step?.node === left.node && step.member === left.member;
  });
  if (wentOn) later.add(left.entry.changeId);
  return changes.some(
    ({ id, state, plan }) =>
      later.has(id) &&
      (state === 'half-done' || state === 'failed') &&
      plan?.steps.some((step) => step.balancer === left.node && step.member === left.member),
  );
}

function unheld(found: Found, node: string, view: View): readonly string[] {
  const { entries, changes, scene } = found;
  return MEMBERS.flatMap((member) => {
    const left = lastLeft(entries, node, member);
    const seen = view.get(member);
    if (left === undefined || seen === undefined || !isIntent(left, changes)) return [];
    const { to, entry } = left;
    if (adminBy(seen.admin) === to.admin && seen.weight === to.weight) return [];
    const wasTouched = scene.timeline.outside.some(
      (act) => act.node === node && act.until >= entry.at - OVERLAP_MS,
    );
    if (wasTouched && isShouted(scene, left)) return [];
    if (isHalfDone(found, left)) return [];
    const shows = `${adminBy(seen.admin)}/${seen.weight}`;
    return [
      `intent: ${entry.changeId} left ${member} on ${node} ${to.admin}/${to.weight}; it is ${shows}, and ${
        wasTouched ? 'nobody was told' : 'nothing had touched it'
      }`,
    ];
  });
}

/**
 * What was left so is so on the device, or it was said. A restore or a word may still be on its way: looks again for
 * as long as one look of the watcher and one change may take. `reread` brings what is found up to now.
 */
export async function checkIntents(
  reread: () => Promise<Found>,
  fault: (words: string) => void,
): Promise<Found> {
  const until = Date.now() + ROUNDS_MS;
  for (;;) {
    const found = await reread();
    const views = await Promise.all(
      found.scene.stage.nodes.map(async ({ name, socket }) => ({
        name,
        view: await poolSeen(socket),
      })),
    );
    const faults = views.flatMap(({ name, view }) => unheld(found, name, view));
    if (faults.length === 0 || Date.now() > until) {
      for (const words of faults) fault(words);
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Nobody's hand is announced where nobody's hand was. */
export function checkDrift({ entries, scene }: Found, fault: (words: string) => void): void {
  for (const { kind, at, changeId, detail } of entries) {
    if (kind !== 'drifted') continue;
    const { balancer, member, shows } = detail as Record<string, string | undefined>;
    const wasThere = scene.timeline.outside.some(
      (act) =>
        act.node === balancer && act.at <= at && (act.kind === 'reload' || act.member === member),
    );
    if (wasThere) continue;
    fault(`alarm: ${member} on ${balancer} (${changeId}) was changed by no hand, and ${shows}`);
  }
}

const FREEZE_SLACK_MS = 2_500;

/** While writes are frozen only what had begun to write goes on. */
export function checkFreezes({ entries, matched }: Found, fault: (words: string) => void): void {
  for (const freeze of entries.filter(({ kind }) => kind === 'frozen')) {
    const thaw = entries.find(
      ({ kind, sequence }) => kind === 'unfrozen' && sequence > freeze.sequence,
    );
    const from = freeze.at + FREEZE_SLACK_MS;
    const until = thaw?.at ?? Number.POSITIVE_INFINITY;
    for (const { write, announced } of matched) {
      if (write.at < from || write.at >= until) continue;
      const { changeId } = announced.entry;
      const hadBegun = matched.some(
        (one) => one.announced.entry.changeId === changeId && one.write.at < from,
      );
      if (!hadBegun)
        fault(`freeze: "${write.command}" of ${changeId} in ${SERVICE} came all the same`);
    }
  }
}
