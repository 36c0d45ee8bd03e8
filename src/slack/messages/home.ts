import type { KnownBlock } from '@slack/types';
import type { ChangeRecord } from '../../domain/change.ts';
import { durationWords } from '../../domain/duration.ts';
import type { DeviceSighting, Home, OutMember } from '../../domain/home.ts';
import type { Plan } from '../../domain/plan.ts';
import { context, header, pack, packCode, section } from '../blocks.ts';
import {
  homeChangesShownMax,
  homeCommandCharsMax,
  homeReasonCharsMax,
  homeSectionsMax,
} from '../limits.ts';
import { codeSpan, cut, escapedCut, person, slackDate } from '../mrkdwn.ts';
import { decisionButtons } from './card-buttons.ts';
import { changeWords } from './change-words.ts';
import { commandLines } from './command-part.ts';
import { faultWords } from './fault.ts';
import { gapBlocks } from './pair-gap.ts';
import { capacityLines, digestWords, warningBlocks } from './plan-part.ts';
import { counted, listed } from './words.ts';

type Blocks = readonly KnownBlock[];
type Page = Extract<Home, { kind: 'home' }>;

export interface HomeView {
  readonly type: 'home';
  readonly blocks: Blocks;
}

/** The Home tab of one person. */
export function homeView(home: Home): HomeView {
  if (home.kind === 'home') return { type: 'home', blocks: page(home) };
  const words = `There is nothing here for you. ${escapedCut(home.reason, homeReasonCharsMax)}`;
  return { type: 'home', blocks: [section(words)] };
}

function page(home: Page): Blocks {
  const outs = grouped(home.out).map((group) => outLine(group, home.at));
  return [
    ...home.faults
      .slice(0, 3)
      .map((fault) => section(`⚠ Something may be missing here. ${faultWords(fault)}`)),
    header('Waits for you'),
    ...approvals(home),
    ...(home.mine.length === 0 ? [] : [header('You asked, others decide'), ...mine(home)]),
    header('Out right now'),
    ...listedLines(outs, 'The bot keeps no member out.', 'member'),
    ...gapsPart(home),
    header('Balancers'),
    ...listedLines(home.devices.map(deviceLine), 'There is none you may look at.', 'balancer'),
    context(`as of ${slackDate(home.at)}; opening this tab draws it anew`),
  ];
}

function gapsPart({ gaps = [] }: Page): Blocks {
  return gaps.length === 0 ? [] : [header('Pairs that differ'), ...gapBlocks(gaps)];
}

function approvals({ approvals: waiting, userId }: Page): Blocks {
  if (waiting.length === 0) return [section('Nothing waits for your approval.')];
  const blocks = waiting.slice(0, homeChangesShownMax).flatMap((record) => {
    const { plan } = record;
    const own = record.request.actor.id === userId;
    return [
      summary(record),
      ...(plan === undefined ? [] : [...warningBlocks(plan), ...commands(plan)]),
      ...decisionButtons(record, own ? ['approve', 'deny', 'cancel'] : ['approve', 'deny']),
    ];
  });
  return [...blocks, ...more(waiting.length - homeChangesShownMax, 'change')];
}

function mine({ mine: waiting }: Page): Blocks {
  const blocks = waiting
    .slice(0, homeChangesShownMax)
    .flatMap((record) => [summary(record), ...decisionButtons(record, ['cancel'])]);
  return [...blocks, ...more(waiting.length - homeChangesShownMax, 'change')];
}

function summary(record: ChangeRecord): KnownBlock {
  const { plan, expiresAt, request } = record;
  const { reason } = request.command;
  const environment = plan === undefined ? '' : ` · ${escapedCut(plan.environment, 100)}`;
  const facts = [
    `asked by ${person(request.actor.id)} ${slackDate(request.acceptedAt)}`,
    ...(expiresAt === undefined ? [] : [`until ${slackDate(expiresAt)}`]),
    `change ${codeSpan(record.id)}`,
    ...(plan === undefined ? [] : [digestWords(plan)]),
  ];
  return section(
    [
      `*${escapedCut(changeWords(record).todo, 300)}*${environment}`,
      facts.join(' · '),
      ...(reason === undefined ? [] : [`Reason: ${escapedCut(reason, homeReasonCharsMax)}`]),
      ...(plan === undefined ? [] : capacityLines(plan.guard.pools).slice(0, 2).map(capacity)),
    ].join('\n'),
  );
}

const capacity = (line: string): string => `Capacity: ${escapedCut(line, 300)}`;

/** What an approval sends, word for word: nobody is to agree to what cannot be read. */
function commands(plan: Plan): Blocks {
  const code = packCode(commandLines(plan).flat(), 1, homeCommandCharsMax);
  const rest =
    code.left === 0
      ? []
      : [
          context(
            `⚠ … and ${counted(code.left, 'more line')} of this kind; the card shows more. An approval covers them, too.`,
          ),
        ];
  return [...code.texts.map((text) => section(text)), ...rest];
}

/** One member that one change took out, on all its balancers. */
function grouped(out: readonly OutMember[]): readonly (readonly OutMember[])[] {
  const groups = new Map<string, OutMember[]>();
  for (const one of out) {
    const key = JSON.stringify([one.service, one.member, one.changeId]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

function outLine(group: readonly OutMember[], now: number): string {
  const [first] = group;
  if (first === undefined) return '';
  const where = escapedCut(listed(group.map((one) => one.balancer)), 200);
  const approver = /^[UW][A-Z0-9]+$/.test(first.approver)
    ? `, approved by ${person(first.approver)}`
    : '';
  const until =
    first.until === undefined
      ? ''
      : `; comes back ${slackDate(first.until)} (${leftWords(first.until - now)})`;
  return `» ${codeSpan(cut(first.member, 100))} of *${escapedCut(first.service, 100)}* ${keptWords(first)} on ${where}, since ${slackDate(first.at)} by ${person(first.actor)}${approver}, change ${codeSpan(first.changeId)}${until}`;
}

function keptWords({ want, restore }: OutMember): string {
  return want.admin === 'enabled'
    ? `has weight ${want.weight} instead of ${restore.weight}`
    : `is ${want.admin}`;
}

function leftWords(ms: number): string {
  return ms <= 0 ? 'overdue' : `${durationWords(ms)} left`;
}

function deviceLine({ balancer, answeredAt, fault }: DeviceSighting): string {
  const name = `*${escapedCut(balancer, 100)}*`;
  const last = answeredAt === undefined ? undefined : slackDate(answeredAt);
  if (fault !== undefined) {
    const before = last === undefined ? '' : ` It last answered ${last}.`;
    return `⚠ ${name} did not answer ${slackDate(fault.at)}: ${escapedCut(fault.message, 300)}${before}`;
  }
  return last === undefined ? `• ${name} was not asked yet` : `✓ ${name} answered ${last}`;
}

function listedLines(lines: readonly string[], none: string, noun: string): Blocks {
  if (lines.length === 0) return [section(none)];
  const packed = pack(lines, homeSectionsMax);
  return [...packed.texts.map((text) => section(text)), ...more(packed.left, noun)];
}

function more(left: number, noun: string): Blocks {
  return left > 0
    ? [context(`… and ${counted(left, `more ${noun}`)}, too many to show here.`)]
    : [];
}
