import type { KnownBlock } from '@slack/types';
import type { Plan } from '../../domain/plan.ts';
import { context, packCode, section } from '../blocks.ts';
import { byHandCharsMax, commandCharsMax } from '../limits.ts';
import { escapedCut } from '../mrkdwn.ts';
import type { LeftOut } from './left-out.ts';
import { isTaken, stageDetail, stageWords } from './stage-words.ts';
import { counted, endpoint } from './words.ts';

/** Commands in code, under a title of their own, and the steps that had no room. */
interface Packet {
  readonly text: string;
  readonly left: readonly (readonly string[])[];
}

function packet(title: string, steps: readonly (readonly string[])[], charsMax: number): Packet {
  const code = packCode(steps.flat(), 1, charsMax);
  let { left } = code;
  let from = steps.length;
  while (left > 0 && from > 0) {
    from -= 1;
    left -= steps[from]?.length ?? 0;
  }
  return { text: [title, ...code.texts].join('\n'), left: steps.slice(from) };
}

/** The exact words for the devices, in the order in which they are sent; with several stages, each under its own name. */
function packets(plan: Plan, title: string): readonly Packet[] {
  const lines = commandLines(plan);
  const taken = plan.stages.map((_stage, at) => at).filter((at) => isTaken(plan, at));
  if (taken.length < 2) return [packet(`*${title}*`, lines, commandCharsMax)];
  const writes = taken.filter((at) => plan.stages[at]?.kind === 'write').length;
  const charsMax = Math.floor(commandCharsMax / writes);
  const stages = taken.map((at, place) => {
    const stage = plan.stages[at];
    const detail = stage === undefined ? '' : stageDetail(stage);
    const name = `*${place + 1}. ${stageWords(plan, at)}*${detail === '' ? '' : `: ${detail}`}`;
    return packet(
      name,
      lines.filter((_step, index) => plan.steps[index]?.stage === at),
      charsMax,
    );
  });
  return [{ text: `*${title}*`, left: [] }, ...stages];
}

/** What is sent to whom, stage by stage. */
export function commandBlocks(plan: Plan, title: string): readonly KnownBlock[] {
  if (plan.steps.length === 0) {
    return [section(`*${title}*\nNothing: every member is so already.`)];
  }
  const all = packets(plan, title);
  const left = all.flatMap((one) => one.left).flat().length;
  const blocks: KnownBlock[] = all.map(({ text }) => section(text));
  if (left > 0) {
    blocks.push(
      context(
        `⚠ … and ${counted(left, 'more line')} of this kind, too long to show here. An approval covers them, too.`,
      ),
    );
  }
  if (plan.orderNote !== undefined) blocks.push(context(escapedCut(plan.orderNote, 500)));
  return blocks;
}

/** The commands for which `commandBlocks` has no room, each with its step. */
export function commandsLeft(plan: Plan): readonly LeftOut[] {
  const lines = packets(plan, '').flatMap(({ left }) => left.flat());
  return lines.length === 0 ? [] : [{ title: '*More that is sent*', lines, as: 'code' }];
}

/** Of each step where it goes and what is sent, as plain text. */
export function commandLines(plan: Plan): readonly (readonly string[])[] {
  return plan.steps.map((step, at) => {
    const where = `${at + 1}. ${step.balancer} · ${step.member} · ${endpoint(step.address, step.port)}`;
    return [where, ...step.commands.map((command) => `   ${command}`)];
  });
}

/** What a person types in shells when nothing is there any more to do it. */
export function byHandBlocks(lines: readonly string[] | undefined): readonly KnownBlock[] {
  if (lines === undefined || lines.length === 0) return [];
  const code = packCode(lines, 1, byHandCharsMax);
  const more =
    code.left > 0
      ? `\n… and ${counted(code.left, 'more line')}; \`lb plan --offline\` prints them all.`
      : '';
  return [section(`*By hand, if the queue is away:*\n${code.texts.join('\n')}${more}`)];
}
