import type { KnownBlock } from '@slack/types';
import type { ChangeRecord } from '../../domain/change.ts';
import type { Plan } from '../../domain/plan.ts';
import type { CardContext } from '../../ports/announcer.ts';
import { actions, button, context, header, plainSection, section } from '../blocks.ts';
import { decisionAction, decisionBlockId } from '../decision-id.ts';
import {
  approversMentionedMax,
  blocksPerMessageMax,
  messageTextCharsMax,
  reasonCharsMax,
} from '../limits.ts';
import { codeSpan, cut, escapedCut, mention, slackDate } from '../mrkdwn.ts';
import { faultWords } from './fault.ts';
import { headline } from './headline.ts';
import { beforeAfterBlocks, remarkBlocks, stepBlocks } from './outcome-part.ts';
import {
  capacityLines,
  commandBlocks,
  digestWords,
  effectBlocks,
  stateBlocks,
  warningBlocks,
} from './plan-part.ts';
import { balancersOf, changeWords, listed } from './words.ts';

/** A message as Slack takes it, without the place it goes to. */
export interface CardMessage {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
  readonly metadata: {
    readonly event_type: typeof cardEventType;
    readonly event_payload: { readonly id: string };
  };
}

/** Kind of metadata a card carries, so that it can be found again. Anybody can read it: the id and nothing else. */
export const cardEventType = 'lb_change';

/** The one message of a change, in whatever state it is. Buttons exist only while it waits. */
export function card(card: CardContext): CardMessage {
  const { record } = card;
  const blocks = [
    header(headline(record)),
    askedLine(record),
    ...reasonBlocks(record),
    ...bodyOf(card),
    ...(card.maybeCopy ? [context(maybeCopyLine)] : []),
    footer(record),
    ...buttons(record),
  ];
  return {
    text: notification(card),
    blocks: blocks.slice(0, blocksPerMessageMax),
    metadata: { event_type: cardEventType, event_payload: { id: record.id } },
  };
}

const maybeCopyLine =
  'This may be a copy: an earlier post of this card was sent and Slack did not say whether it arrived. Both show the same change; it is done once.';

function askedLine(record: ChangeRecord): KnownBlock {
  const { actor, acceptedAt } = record.request;
  const shell =
    actor.via === 'shell'
      ? ` from a shell${actor.shellUser === undefined ? '' : ` (${codeSpan(cut(actor.shellUser, 100))})`}`
      : '';
  const environment =
    record.plan === undefined ? [] : [`*${escapedCut(record.plan.environment, 100)}*`];
  return context(
    [
      ...environment,
      `asked by ${mention(actor.id)}${shell}`,
      slackDate(acceptedAt),
      ...onlyOn(record),
    ].join(' · '),
  );
}

function onlyOn(record: ChangeRecord): readonly string[] {
  const { on } = record.request.command;
  return on === undefined ? [] : [`only on ${codeSpan(cut(on, 100))}`];
}

function reasonBlocks(record: ChangeRecord): readonly KnownBlock[] {
  const { reason } = record.request.command;
  return reason === undefined ? [] : [plainSection(`Reason: ${cut(reason, reasonCharsMax)}`)];
}

function bodyOf(card: CardContext): readonly KnownBlock[] {
  const { record } = card;
  const { plan, outcome } = record;
  switch (record.state) {
    case 'planning':
      return [section('The balancers are being read. Nothing has been changed.')];
    case 'waiting':
      return plan === undefined ? [] : waitingBlocks(card, plan);
    case 'approved':
    case 'running':
      return [
        section(
          record.state === 'approved'
            ? `${agreement(record)} It waits for its turn.`
            : `${agreement(record)} The balancers are changed one after the other.`,
        ),
        ...(plan === undefined
          ? []
          : [...commandBlocks(plan, 'What is sent'), ...effectBlocks(plan)]),
      ];
    case 'unknown':
      return [
        section(
          `A command was sent and no answer came: the device may or may not have taken it. ${lanesClosed(plan)} Meanwhile the device is read again and again until it says what it did.`,
        ),
        ...faultBlocks(record),
        ...(plan === undefined
          ? []
          : [...stepBlocks(plan, outcome), ...commandBlocks(plan, 'What was to be sent')]),
        context(agreement(record)),
      ];
    case 'done':
      return endedBlocks(record, []);
    case 'failed':
      return endedBlocks(record, faultBlocks(record));
    case 'half-done':
      return endedBlocks(record, [
        section(
          'Not everything was done. This is what each device says; nothing more happens until somebody asks.',
        ),
        ...faultBlocks(record, 'without advice'),
      ]);
    case 'refused':
      return [
        section('Nothing was changed.'),
        ...faultBlocks(record),
        ...(plan === undefined ? [] : [...guardBlocks(plan), ...stateBlocks(plan)]),
      ];
    case 'denied':
      return [section(`Denied by ${decider(record)}. Nothing was changed.`), ...leftBlocks(record)];
    case 'cancelled':
      return [
        section(`Cancelled by ${decider(record)}. Nothing was changed.`),
        ...leftBlocks(record),
      ];
    case 'expired':
      return [
        section('Nobody agreed in time. Nothing was changed; ask again if it is still needed.'),
        ...leftBlocks(record),
      ];
  }
}

function waitingBlocks(card: CardContext, plan: Plan): readonly KnownBlock[] {
  return [
    section(whoIsAsked(card)),
    ...warningBlocks(plan),
    ...effectBlocks(plan),
    ...stateBlocks(plan),
    ...commandBlocks(plan, 'What will be sent, in this order'),
  ];
}

/** The only place where approvers are mentioned: once, when the card is posted; edits notify nobody. */
function whoIsAsked({ record, approvers }: CardContext): string {
  const shown = approvers.slice(0, approversMentionedMax).map(mention);
  const left = approvers.length - shown.length;
  const named = `${shown.join(' or ')}${left > 0 ? ` or ${left} more` : ''}`;
  const until = record.expiresAt === undefined ? '' : ` until ${slackDate(record.expiresAt)}`;
  if (record.asks === 'operator') {
    const who = named === '' ? 'anybody with the operator role' : named;
    return `*Waits for a confirmation* by ${who}${until}. Whoever asked may confirm it, too.`;
  }
  const who = named === '' ? 'anybody with the approver role' : named;
  return `*Waits for approval* by ${who}${until}. Whoever asked cannot approve it.`;
}

function agreement(record: ChangeRecord): string {
  const { approval } = record;
  if (approval === undefined) return '';
  return /^[UW][A-Z0-9]+$/.test(approval.by)
    ? `Approved by ${mention(approval.by)}, ${slackDate(approval.at)}.`
    : 'No approval is needed here.';
}

function decider(record: ChangeRecord): string {
  return record.decidedBy === undefined ? 'somebody' : mention(record.decidedBy);
}

function lanesClosed(plan: Plan | undefined): string {
  const lanes = [...new Set(plan?.steps.map((step) => step.lane) ?? [])];
  if (lanes.length === 0) return 'No other change starts there.';
  return `No other change starts on ${escapedCut(listed(lanes), 300)}.`;
}

function faultBlocks(record: ChangeRecord, advice?: 'without advice'): readonly KnownBlock[] {
  const fault = record.outcome?.fault ?? record.fault;
  return fault === undefined ? [] : [section(faultWords(fault, advice))];
}

/** The reason of an end without a write; the plan's commands are not repeated, they were never sent. */
function leftBlocks(record: ChangeRecord): readonly KnownBlock[] {
  const fault = faultBlocks(record);
  return record.plan === undefined ? fault : [...fault, ...guardBlocks(record.plan)];
}

function guardBlocks(plan: Plan): readonly KnownBlock[] {
  const lines = capacityLines(plan.guard.pools).slice(0, 8);
  return lines.length === 0
    ? []
    : [context(`As planned ${slackDate(plan.plannedAt)}: ${escapedCut(lines.join('; '), 1500)}`)];
}

function endedBlocks(record: ChangeRecord, first: readonly KnownBlock[]): readonly KnownBlock[] {
  const { plan, outcome } = record;
  const agreed = agreement(record);
  return [
    ...first,
    ...(outcome === undefined ? [] : remarkBlocks(outcome)),
    ...(plan === undefined ? [] : stepBlocks(plan, outcome)),
    ...(plan === undefined || outcome === undefined ? [] : beforeAfterBlocks(plan, outcome)),
    ...(agreed === '' ? [] : [context(agreed)]),
  ];
}

function footer(record: ChangeRecord): KnownBlock {
  const parts = [`change ${codeSpan(record.id)}`];
  if (record.plan !== undefined) parts.push(digestWords(record.plan));
  parts.push(`as of ${slackDate(record.outcome?.at ?? record.updatedAt)}`);
  return context(parts.join(' · '));
}

function buttons(record: ChangeRecord): readonly KnownBlock[] {
  const { plan } = record;
  if (record.state !== 'waiting' || plan === undefined) return [];
  const yes = record.asks === 'operator' ? 'Confirm' : 'Approve';
  const words = changeWords(record);
  const click = (verb: 'approve' | 'deny' | 'cancel') => ({
    actionId: decisionAction(verb),
    value: record.id,
  });
  const capacity = capacityLines(plan.guard.pools)[0];
  const confirm = {
    title: `${yes} this change?`,
    text: `${cut(words.todo, 120)} on ${cut(listed(balancersOf(plan)), 60)}.${capacity === undefined ? '' : ` ${cut(capacity, 110)}.`}`,
    yes,
    no: 'Not yet',
  };
  return [
    actions(decisionBlockId(record.id, plan.digest, record.revision), [
      button(yes, click('approve'), { primary: true, confirm }),
      button('Deny', click('deny')),
      button('Cancel', click('cancel')),
    ]),
  ];
}

function notification({ record }: CardContext): string {
  return cut(
    `${escapedCut(headline(record), messageTextCharsMax - 300)} · asked by ${mention(record.request.actor.id)} · change ${codeSpan(record.id)}`,
    messageTextCharsMax,
  );
}
