import type { KnownBlock } from '@slack/types';
import type { ChangeRecord } from '../../domain/change.ts';
import type { CardContext } from '../../ports/announcer.ts';
import { actions, button, context, header, plainSection } from '../blocks.ts';
import { decisionAction, decisionBlockId } from '../decision-id.ts';
import {
  blocksPerMessageMax,
  messageCharsMax,
  messageTextCharsMax,
  reasonCharsMax,
} from '../limits.ts';
import { charsOf, fitting } from '../message-size.ts';
import { codeSpan, cut, escapedCut, mention, slackDate } from '../mrkdwn.ts';
import { bodyOf } from './card-body.ts';
import { headline } from './headline.ts';
import { capacityLines, digestWords } from './plan-part.ts';
import { balancersOf, changeWords, counted, listed } from './words.ts';

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
  const top = [header(headline(record)), askedLine(record), ...reasonBlocks(record)];
  const bottom = [
    ...(card.maybeCopy ? [context(maybeCopyLine)] : []),
    footer(record),
    ...buttons(record),
  ];
  const room = messageCharsMax - charsOf([...top, ...bottom]);
  const body = fitting(bodyOf(card, room), room, blocksPerMessageMax - 10);
  const note =
    body.left === 0
      ? []
      : [context(`… and ${counted(body.left, 'more part')} of this card, too long to show.`)];
  return {
    text: notification(card),
    blocks: [...top, ...body.kept, ...note, ...bottom],
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
