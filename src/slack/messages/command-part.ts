import type { KnownBlock } from '@slack/types';
import type { Plan, Step } from '../../domain/plan.ts';
import { context, packCode, section } from '../blocks.ts';
import { byHandCharsMax, commandCharsMax } from '../limits.ts';
import { escapedCut } from '../mrkdwn.ts';
import { isTaken, stageDetail, stageWords } from './stage-words.ts';
import { counted, endpoint } from './words.ts';

/** The exact words for the devices, in the order in which they are sent; with several stages, each under its own name. */
export function commandBlocks(plan: Plan, title: string): readonly KnownBlock[] {
  if (plan.steps.length === 0) {
    return [section(`*${title}*\nNothing: every member is so already.`)];
  }
  const taken = plan.stages.map((_stage, at) => at).filter((at) => isTaken(plan, at));
  const { blocks, left } =
    taken.length === 1 ? inOneGo(plan, title) : stageByStage(plan, title, taken);
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

interface Shown {
  readonly blocks: KnownBlock[];
  /** Lines that had no room. */
  readonly left: number;
}

function inOneGo(plan: Plan, title: string): Shown {
  const code = packCode(stepLines(plan.steps, 0), 2, commandCharsMax / 2);
  const blocks = code.texts.map((text, at) => section(at === 0 ? `*${title}*\n${text}` : text));
  return { blocks, left: code.left };
}

function stageByStage(plan: Plan, title: string, taken: readonly number[]): Shown {
  const writes = taken.filter((at) => plan.stages[at]?.kind === 'write').length;
  const blocks: KnownBlock[] = [section(`*${title}*`)];
  let left = 0;
  let shown = 0;
  for (const [place, at] of taken.entries()) {
    const stage = plan.stages[at];
    if (stage === undefined) continue;
    const detail = stageDetail(stage);
    const name = `*${place + 1}. ${stageWords(plan, at)}*${detail === '' ? '' : `: ${detail}`}`;
    const steps = plan.steps.filter((step) => step.stage === at);
    const code = packCode(stepLines(steps, shown), 1, Math.floor(commandCharsMax / writes));
    blocks.push(section([name, ...code.texts].join('\n')));
    left += code.left;
    shown += steps.length;
  }
  return { blocks, left };
}

function stepLines(steps: readonly Step[], before: number): readonly string[] {
  return steps.flatMap((step, at) => {
    const where = `${before + at + 1}. ${step.balancer} · ${step.member} · ${endpoint(step.address, step.port)}`;
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
