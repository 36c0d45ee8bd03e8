import type { KnownBlock } from '@slack/types';
import { type ChangeRecord, isOpen } from '../../domain/change.ts';
import type { Plan } from '../../domain/plan.ts';
import { nextForSticky, stickyLeft } from '../../domain/sticky.ts';
import type { CardContext } from '../../ports/announcer.ts';
import { context, section } from '../blocks.ts';
import { approversMentionedMax } from '../limits.ts';
import { charsOf } from '../message-size.ts';
import { codeSpan, escapedCut, mention, person, slackDate } from '../mrkdwn.ts';
import { byHandBlocks, commandBlocks, commandsLeft } from './command-part.ts';
import { faultWords } from './fault.ts';
import { type Part, whole } from './left-out.ts';
import { beforeAfterTables, remarkBlocks, stepBlocks, stepsLeft } from './outcome-part.ts';
import { capacityLines, effectBlocks, stateTables, warningBlocks } from './plan-part.ts';
import { restingBlocks } from './resting-part.ts';
import { listed } from './words.ts';

type Blocks = readonly KnownBlock[];

/** What a card says between its head and its foot. `room`, in characters, is shared by its parts; tables get the rest. */
export function bodyOf(card: CardContext, room: number): Part {
  const { record } = card;
  const { plan } = record;
  switch (record.state) {
    case 'planning':
      return whole([section('The balancers are being read. Nothing has been changed.')]);
    case 'waiting':
      return plan === undefined ? whole([]) : waiting(card, plan, room);
    case 'approved':
      return whole(underWay(card, 'It waits for its turn.'));
    case 'running':
      return whole(underWay(card, 'The balancers are changed one after the other.'));
    case 'unknown':
      return whole(unknown(card));
    case 'draining':
    case 'holding':
      return settled(card, restingBlocks(record), room);
    case 'done':
      return settled(card, [], room);
    case 'failed':
      return settled(card, faultBlocks(record), room);
    case 'half-done':
      return settled(card, halfDone(record), room);
    case 'refused':
      return refused(record, room);
    case 'denied':
      return whole(notDone(record, `Denied by ${decider(record)}. Nothing was changed.`));
    case 'cancelled':
      return whole(notDone(record, `Cancelled by ${decider(record)}. Nothing was changed.`));
    case 'expired':
      return whole(notDone(record, expiredWords(record)));
  }
}

/** The tables in the middle get what the parts around them leave. */
function around(first: Part, tables: (room: number) => Part, last: Part, room: number): Part {
  const middle = tables(room - charsOf([...first.blocks, ...last.blocks]));
  const parts = [first, middle, last];
  return {
    blocks: parts.flatMap((part) => part.blocks),
    left: parts.flatMap((part) => part.left),
  };
}

function waiting(card: CardContext, plan: Plan, room: number): Part {
  const title = 'What will be sent, in this order';
  return around(
    whole([section(whoIsAsked(card)), ...warningBlocks(plan), ...effectBlocks(plan)]),
    (left) => stateTables(plan, left),
    {
      blocks: [...commandBlocks(plan, title), ...byHandBlocks(card.byHand)],
      left: commandsLeft(plan),
    },
    room,
  );
}

/** The only place where approvers are mentioned: once, when the card is posted; edits notify nobody. */
function whoIsAsked({ record, approvers, required = 1 }: CardContext): string {
  const shown = approvers.slice(0, approversMentionedMax).map(mention);
  const left = approvers.length - shown.length;
  const named = `${shown.join(' or ')}${left > 0 ? ` or ${left} more` : ''}`;
  const until = record.expiresAt === undefined ? '' : ` until ${slackDate(record.expiresAt)}`;
  if (record.asks === 'operator') {
    const who = named === '' ? 'anybody with the operator role' : named;
    return `*Waits for a confirmation* by ${who}${until}. Whoever asked may confirm it, too.`;
  }
  const who = named === '' ? 'anybody with the approver role' : named;
  const what = required > 1 ? `${required} approvals` : 'approval';
  return `*Waits for ${what}* by ${who}${until}. Whoever asked cannot approve it.${votesSoFar(record, required)}`;
}

function votesSoFar({ votes = [] }: ChangeRecord, required: number): string {
  if (required < 2) return '';
  const people = votes.map((vote) => person(vote.by));
  const by = people.length === 0 ? '' : `: ${listed(people, people.length)}`;
  return `\n${votes.length} of ${required} so far${by}.`;
}

function underWay({ record, byHand }: CardContext, now: string): Blocks {
  const { plan } = record;
  return [
    section(`${agreement(record)} ${now}`.trim()),
    ...(plan === undefined
      ? []
      : [...commandBlocks(plan, 'What is sent'), ...effectBlocks(plan), ...byHandBlocks(byHand)]),
  ];
}

function unknown({ record, byHand }: CardContext): Blocks {
  const { plan, outcome } = record;
  return [
    section(
      `A command was sent and no answer came: the device may or may not have taken it. ${lanesClosed(plan)} Meanwhile the device is read again and again until it says what it did.`,
    ),
    ...faultBlocks(record),
    ...(plan === undefined
      ? []
      : [
          ...stepBlocks(plan, outcome, record.stage),
          ...commandBlocks(plan, 'What was to be sent'),
          ...byHandBlocks(byHand),
        ]),
    ...agreementBlocks(record),
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

/** Over, or at rest between two writes: what was done, and what the devices showed then. */
function settled({ record, byHand }: CardContext, first: Blocks, room: number): Part {
  const { plan, outcome } = record;
  const upTo = isOpen(record.state) ? record.stage : undefined;
  const isTold = plan !== undefined && (outcome !== undefined || !isOpen(record.state));
  const blocks = [
    ...first,
    ...stickyBlocks(record),
    ...(outcome === undefined ? [] : remarkBlocks(outcome)),
    ...(isTold ? stepBlocks(plan, outcome, upTo) : []),
  ];
  return around(
    { blocks, left: isTold ? stepsLeft(plan, outcome, upTo) : [] },
    (left) =>
      plan === undefined || outcome === undefined
        ? whole([])
        : beforeAfterTables(plan, outcome, left),
    whole([...byHandBlocks(byHand), ...agreementBlocks(record)]),
    room,
  );
}

/** Out for new clients is not out for all: what to do about those who stick. */
function stickyBlocks(record: ChangeRecord): Blocks {
  if (record.state !== 'done' || stickyLeft(record) === 0) return [];
  const command = codeSpan(`/lb ${nextForSticky(record)}`);
  return [
    section(
      `*Next:* ${command} waits until nobody sticks to it any more and takes it out of the table. Where the kernel has ${codeSpan('net.ipv4.vs.expire_quiescent_template=1')}, sticky clients go elsewhere at once.`,
    ),
  ];
}

function refused(record: ChangeRecord, room: number): Part {
  const { plan } = record;
  return around(
    whole(notDone(record, 'Nothing was changed.')),
    (left) => (plan === undefined ? whole([]) : stateTables(plan, left)),
    whole([]),
    room,
  );
}

/** An end without a write. The plan's commands are not repeated: they were never sent. */
function notDone(record: ChangeRecord, words: string): Blocks {
  return [section(words), ...faultBlocks(record), ...guardBlocks(record.plan)];
}

/** What was approved and then came too late has a fault that says so. */
function expiredWords(record: ChangeRecord): string {
  if (faultBlocks(record).length > 0) return 'Nothing was changed.';
  return 'Nobody agreed in time. Nothing was changed; ask again if it is still needed.';
}

function guardBlocks(plan: Plan | undefined): Blocks {
  if (plan === undefined || plan.guard.pools.length === 0) return [];
  const lines = capacityLines(plan.guard.pools).join('; ');
  return [context(`As planned ${slackDate(plan.plannedAt)}: ${escapedCut(lines, 1000)}`)];
}

function agreement({ approval, request }: ChangeRecord): string {
  if (approval === undefined) return '';
  const at = slackDate(approval.at);
  switch (approval.kind) {
    case 'people': {
      const people = [...new Set([...approval.votes, approval.by])].map(mention);
      return `Approved by ${listed(people, people.length)}, ${at}.`;
    }
    case 'break glass':
      return `Nobody approved it: ${person(request.actor.id)} broke the glass, ${at}.`;
    case 'restore':
      return `Restored under the approval by ${person(approval.by)}, ${at}.`;
    case 'nobody needed':
      return 'No approval is needed here.';
  }
}

function agreementBlocks(record: ChangeRecord): Blocks {
  const agreed = agreement(record);
  return agreed === '' ? [] : [context(agreed)];
}

function decider(record: ChangeRecord): string {
  return record.decidedBy === undefined ? 'somebody' : person(record.decidedBy);
}

function faultBlocks(record: ChangeRecord, advice?: 'without advice'): Blocks {
  const fault = record.outcome?.fault ?? record.fault;
  return fault === undefined ? [] : [section(faultWords(fault, advice))];
}
