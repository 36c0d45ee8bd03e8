import type { KnownBlock } from '@slack/types';
import type { GuardCount, Plan } from '../../domain/plan.ts';
import { pack, section } from '../blocks.ts';
import { effectCharsMax, warningCharsMax, warningsShownMax } from '../limits.ts';
import { codeSpan, escaped, escapedCut } from '../mrkdwn.ts';
import type { Part } from './left-out.ts';
import { poolTables, targetsOf } from './pool-tables.ts';
import { balancersOf, counted, listed } from './words.ts';

/** Every pool as it was when the plan was made, the members to be changed marked; in at most `room` characters. */
export function stateTables(plan: Plan, room: number): Part {
  const pools = plan.before.map((pool) => ({ now: pool }));
  return poolTables(plan, pools, room);
}

/** What the change does to capacity, connections and, if it goes wrong, to the pair. */
export function effectBlocks(plan: Plan): readonly KnownBlock[] {
  const lines = [
    ...capacityLines(plan.guard.pools).map((line) => `• Capacity: ${escapedCut(line, 500)}`),
    ...weightLines(plan).map((line) => `• Weight: ${escapedCut(line, 300)}`),
    ...connectionLines(plan).map((line) => `• Connections: ${line}`),
    ...pairLines(plan).map((line) => `• ${line}`),
  ];
  if (plan.guard.reason !== undefined) {
    lines.push(`• The guard says: ${escapedCut(plan.guard.reason, 500)}`);
  }
  return lines.length === 0 ? [] : [paragraph('What it does', lines)];
}

function paragraph(title: string, lines: readonly string[]): KnownBlock {
  const packed = pack(lines, 1, effectCharsMax);
  const more = packed.left > 0 ? `\n… and ${counted(packed.left, 'more line')}` : '';
  return section(`*${title}*\n${packed.texts.join('\n')}${more}`);
}

/** The guard's counts in words, as plain text. Balancers that count alike share a line. */
export function capacityLines(counts: readonly GuardCount[]): readonly string[] {
  const severalPools = new Set(counts.map((count) => count.pool)).size > 1;
  const places = new Map<string, string[]>();
  for (const count of counts) {
    const words = countWords(count);
    const place = severalPools ? `${count.balancer} ${count.pool}` : count.balancer;
    places.set(words, [...(places.get(words) ?? []), place]);
  }
  return [...places].map(([words, where]) => `${words} (${listed(where)})`);
}

function countWords(count: GuardCount): string {
  const { availableBefore: before, availableAfter: after, known, needed } = count;
  const least = `at least ${needed} needed`;
  const weight = `${count.weightPercentAfter}% of the weight`;
  if (after < before) return `${after} of ${known} stay available, ${least}, ${weight} stays`;
  if (after > before) return `${after} of ${known} will be available, ${before} are now`;
  return `${after} of ${known} available, before and after, ${least}`;
}

/** How the change lets go of clients, by its stages; undefined when it does not. */
function lettingGo(plan: Plan): 'at once' | 'after a drain' | 'drain' | 'forced out' | undefined {
  if (plan.verb === 'drain') return 'drain';
  if (plan.verb === 'offline') return 'forced out';
  if (plan.verb !== 'disable') return undefined;
  return plan.stages.some((stage) => stage.kind === 'wait for idle') ? 'after a drain' : 'at once';
}

function connectionLines(plan: Plan): readonly string[] {
  const targets = plan.before.flatMap((pool) => {
    const names = targetsOf(plan, pool);
    return pool.members.filter((member) => names.has(member.name));
  });
  const way = lettingGo(plan);
  if (targets.length === 0) return [];
  const open = targets.reduce((sum, member) => sum + member.sessions, 0);
  const sessions =
    open === 0
      ? 'no session is open on it now'
      : `${counted(open, 'session')} ${open === 1 ? 'is' : 'are'} open on it now`;
  const stickNow = targets.reduce((sum, member) => sum + (member.stickyNow ?? 0), 0);
  const now = stickNow === 0 ? [] : [`${counted(stickNow, 'client')} stick to it now`];
  const sticky = targets.reduce((sum, member) => sum + (member.stickyTotal ?? 0), 0);
  const sticks = targets.some((member) => member.stickyTotal !== undefined);
  const cookie = `${counted(sticky, 'session')} so far came by cookie: those clients`;
  switch (way) {
    case undefined:
      return [];
    case 'drain':
      return [
        sessions,
        ...now,
        ...(sticks ? [`${cookie} keep arriving, everybody else goes elsewhere`] : []),
      ];
    case 'forced out':
      return [
        sessions,
        'nobody new, and nobody who sticks, reaches it; whether open connections may finish is up to the device',
      ];
    case 'after a drain':
      return [
        sessions,
        `${cookie} still arrive while it drains; who is left then is moved to other members`,
      ];
    case 'at once':
      return [
        sessions,
        ...now,
        ...(sticks
          ? [
              `${cookie} are moved to other members and get balanced anew until the application sets a new cookie`,
              'nobody is waited for: without `now` it would be drained first',
            ]
          : []),
      ];
  }
}

/** `www78 100 → 50 (ha-2 and ha-1)`, for steps that change a weight, as plain text. */
function weightLines(plan: Plan): readonly string[] {
  const places = new Map<string, string[]>();
  for (const { member, balancer, before, after } of plan.steps) {
    if (before.weight === after.weight) continue;
    const words = `${member} ${before.weight} → ${after.weight}`;
    places.set(words, [...(places.get(words) ?? []), balancer]);
  }
  return [...places].map(([words, where]) => `${words} (${listed(where)})`);
}

function pairLines(plan: Plan): readonly string[] {
  const [first, ...others] = balancersOf(plan);
  if (first === undefined || others.length === 0) return [];
  const name = escaped(first);
  return [
    plan.ifPairFails === 'put back'
      ? `If the pair fails: put back. ${name} gets its old state again when ${escapedCut(listed(others), 200)} cannot be changed.`
      : `If the pair fails: keep half. ${name} stays changed when ${escapedCut(listed(others), 200)} cannot be changed.`,
  ];
}

export function warningBlocks(plan: Plan): readonly KnownBlock[] {
  if (plan.warnings.length === 0) return [];
  const lines = plan.warnings
    .slice(0, warningsShownMax)
    .map((warning) => `⚠ ${escapedCut(warning.text, warningCharsMax)}`);
  const left = plan.warnings.length - lines.length;
  if (left > 0) lines.push(`… and ${counted(left, 'more warning')}`);
  return [section(lines.join('\n'))];
}

/** `plan 4f2c`: the four characters a person types to say which plan was read. */
export function digestWords(plan: Plan): string {
  return `plan ${codeSpan(plan.digest.slice(0, 4))}`;
}
