import type { KnownBlock } from '@slack/types';
import type { ChangeRecord } from '../../domain/change.ts';
import type { Plan } from '../../domain/plan.ts';
import type { CardContext } from '../../ports/announcer.ts';
import { context, section } from '../blocks.ts';
import { approversMentionedMax } from '../limits.ts';
import { charsOf } from '../message-size.ts';
import { escapedCut, mention, slackDate } from '../mrkdwn.ts';
import { faultWords } from './fault.ts';
import { beforeAfterBlocks, remarkBlocks, stepBlocks } from './outcome-part.ts';
import {
  capacityLines,
  commandBlocks,
  effectBlocks,
  stateBlocks,
  warningBlocks,
} from './plan-part.ts';
import { listed } from './words.ts';

type Blocks = readonly KnownBlock[];

/** What a card says between its head and its foot. `room`, in characters, is shared by its parts; tables get the rest. */
export function bodyOf(card: CardContext, room: number): Blocks {
  const { record } = card;
  const { plan } = record;
  switch (record.state) {
    case 'planning':
      return [section('The balancers are being read. Nothing has been changed.')];
    case 'waiting':
      return plan === undefined ? [] : waiting(card, plan, room);
    case 'approved':
      return underWay(record, 'It waits for its turn.');
    case 'running':
      return underWay(record, 'The balancers are changed one after the other.');
    case 'unknown':
      return unknown(record);
    case 'done':
      return ended(record, [], room);
    case 'failed':
      return ended(record, faultBlocks(record), room);
    case 'half-done':
      return ended(record, halfDone(record), room);
    case 'refused':
      return refused(record, room);
    case 'denied':
      return notDone(record, `Denied by ${decider(record)}. Nothing was changed.`);
    case 'cancelled':
      return notDone(record, `Cancelled by ${decider(record)}. Nothing was changed.`);
    case 'expired':
      return notDone(
        record,
        'Nobody agreed in time. Nothing was changed; ask again if it is still needed.',
      );
  }
}

/** The tables in the middle get what the parts around them leave. */
function around(
  first: Blocks,
  tables: (room: number) => Blocks,
  last: Blocks,
  room: number,
): Blocks {
  return [...first, ...tables(room - charsOf([...first, ...last])), ...last];
}

function waiting(card: CardContext, plan: Plan, room: number): Blocks {
  return around(
    [section(whoIsAsked(card)), ...warningBlocks(plan), ...effectBlocks(plan)],
    (left) => stateBlocks(plan, left),
    commandBlocks(plan, 'What will be sent, in this order'),
    room,
  );
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

function underWay(record: ChangeRecord, now: string): Blocks {
  const { plan } = record;
  return [
    section(`${agreement(record)} ${now}`.trim()),
    ...(plan === undefined ? [] : [...commandBlocks(plan, 'What is sent'), ...effectBlocks(plan)]),
  ];
}

function unknown(record: ChangeRecord): Blocks {
  const { plan, outcome } = record;
  const agreed = agreement(record);
  return [
    section(
      `A command was sent and no answer came: the device may or may not have taken it. ${lanesClosed(plan)} Meanwhile the device is read again and again until it says what it did.`,
    ),
    ...faultBlocks(record),
    ...(plan === undefined
      ? []
      : [...stepBlocks(plan, outcome), ...commandBlocks(plan, 'What was to be sent')]),
    ...(agreed === '' ? [] : [context(agreed)]),
  ];
}

function lanesClosed(plan: Plan | undefined): string {
  const lanes = [...new Set(plan?.steps.map((step) => step.lane) ?? [])];
  if (lanes.length === 0) return 'No other change starts there.';
  return `No other change starts on ${escapedCut(listed(lanes), 300)}.`;
}

function halfDone(record: ChangeRecord): Blocks {
  return [
    section(
      'Not everything was done. This is what each device says; nothing more happens until somebody asks.',
    ),
    ...faultBlocks(record, 'without advice'),
  ];
}

function ended(record: ChangeRecord, first: Blocks, room: number): Blocks {
  const { plan, outcome } = record;
  const agreed = agreement(record);
  return around(
    [
      ...first,
      ...(outcome === undefined ? [] : remarkBlocks(outcome)),
      ...(plan === undefined ? [] : stepBlocks(plan, outcome)),
    ],
    (left) =>
      plan === undefined || outcome === undefined ? [] : beforeAfterBlocks(plan, outcome, left),
    agreed === '' ? [] : [context(agreed)],
    room,
  );
}

function refused(record: ChangeRecord, room: number): Blocks {
  const { plan } = record;
  const first = notDone(record, 'Nothing was changed.');
  return around(first, (left) => (plan === undefined ? [] : stateBlocks(plan, left)), [], room);
}

/** An end without a write. The plan's commands are not repeated: they were never sent. */
function notDone(record: ChangeRecord, words: string): Blocks {
  return [section(words), ...faultBlocks(record), ...guardBlocks(record.plan)];
}

function guardBlocks(plan: Plan | undefined): Blocks {
  if (plan === undefined || plan.guard.pools.length === 0) return [];
  const lines = capacityLines(plan.guard.pools).join('; ');
  return [context(`As planned ${slackDate(plan.plannedAt)}: ${escapedCut(lines, 1000)}`)];
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

function faultBlocks(record: ChangeRecord, advice?: 'without advice'): Blocks {
  const fault = record.outcome?.fault ?? record.fault;
  return fault === undefined ? [] : [section(faultWords(fault, advice))];
}
