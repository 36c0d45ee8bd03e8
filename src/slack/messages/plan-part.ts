import type { KnownBlock } from '@slack/types';
import type { GuardCount, Plan } from '../../domain/plan.ts';
import { context, pack, packCode, section } from '../blocks.ts';
import { commandCharsMax, effectCharsMax, warningCharsMax, warningsShownMax } from '../limits.ts';
import { codeSpan, escaped, escapedCut } from '../mrkdwn.ts';
import { poolTables, targetsOf } from './pool-tables.ts';
import { balancersOf, counted, endpoint, listed } from './words.ts';

/** The exact words for the devices, in the order in which they are sent. */
export function commandBlocks(plan: Plan, title: string): readonly KnownBlock[] {
  const lines = plan.steps.flatMap((step, at) => {
    const where = `${at + 1}. ${step.balancer} · ${step.member} · ${endpoint(step.address, step.port)}`;
    return [where, ...step.commands.map((command) => `   ${command}`)];
  });
  if (lines.length === 0) return [section(`*${title}*\nNothing: every member is so already.`)];
  const code = packCode(lines, 2, commandCharsMax / 2);
  const blocks: KnownBlock[] = code.texts.map((text, at) =>
    section(at === 0 ? `*${title}*\n${text}` : text),
  );
  if (code.left > 0) {
    blocks.push(
      context(
        `⚠ … and ${counted(code.left, 'more line')} of this kind, too long to show here. An approval covers them, too.`,
      ),
    );
  }
  if (plan.orderNote !== undefined) blocks.push(context(escapedCut(plan.orderNote, 500)));
  return blocks;
}

/** Every pool as it was when the plan was made, the members to be changed marked; in at most `room` characters. */
export function stateBlocks(plan: Plan, room: number): readonly KnownBlock[] {
  const pools = plan.before.map((pool) => ({ now: pool }));
  return poolTables(plan, pools, room);
}

/** What the change does to capacity, connections and, if it goes wrong, to the pair. */
export function effectBlocks(plan: Plan): readonly KnownBlock[] {
  const lines = [
    ...capacityLines(plan.guard.pools).map((line) => `• Capacity: ${escapedCut(line, 500)}`),
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

function connectionLines(plan: Plan): readonly string[] {
  const targets = plan.before.flatMap((pool) => {
    const names = targetsOf(plan, pool);
    return pool.members.filter((member) => names.has(member.name));
  });
  if (plan.verb !== 'disable' || targets.length === 0) return [];
  const open = targets.reduce((sum, member) => sum + member.sessions, 0);
  const lines = [
    open === 0
      ? 'no session is open on it now'
      : `${counted(open, 'session')} ${open === 1 ? 'is' : 'are'} open on it now`,
  ];
  const sticky = targets.reduce((sum, member) => sum + (member.stickyTotal ?? 0), 0);
  if (targets.some((member) => member.stickyTotal !== undefined)) {
    lines.push(
      `${counted(sticky, 'session')} so far came by cookie: those clients are moved to other members and get balanced anew until the application sets a new cookie`,
    );
  }
  return lines;
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
