import type { KnownBlock } from '@slack/types';
import type { ChangeRecord } from '../../domain/change.ts';
import type { CardContext } from '../../ports/announcer.ts';
import { context, header, plainSection } from '../blocks.ts';
import {
  blocksPerMessageMax,
  messageCharsMax,
  messageTextCharsMax,
  reasonCharsMax,
} from '../limits.ts';
import { charsOf, fitting } from '../message-size.ts';
import { codeSpan, cut, escapedCut, person, slackDate } from '../mrkdwn.ts';
import { breakGlassBlocks } from './break-glass-part.ts';
import { bodyOf } from './card-body.ts';
import { decisionButtons } from './card-buttons.ts';
import { headline } from './headline.ts';
import type { LeftOut } from './left-out.ts';
import { digestWords } from './plan-part.ts';
import { counted } from './words.ts';

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

/** The one message of a change, in whatever state it is. Buttons exist only for what can be decided now. */
export function card(card: CardContext): CardMessage {
  const { top, kept, dropped, bottom } = laidOut(card);
  const note =
    dropped.length === 0
      ? []
      : [context(`… and ${counted(dropped.length, 'more part')} of this card, too long to show.`)];
  return {
    text: notification(card),
    blocks: [...top, ...kept, ...note, ...bottom],
    metadata: { event_type: cardEventType, event_payload: { id: card.record.id } },
  };
}

/** What the card has no room for: lines of its parts, and whole parts. */
export function leftOutOf(card: CardContext): Pick<Layout, 'left' | 'dropped'> {
  return laidOut(card);
}

interface Layout {
  readonly top: readonly KnownBlock[];
  readonly kept: readonly KnownBlock[];
  readonly dropped: readonly KnownBlock[];
  readonly bottom: readonly KnownBlock[];
  readonly left: readonly LeftOut[];
}

function laidOut(card: CardContext): Layout {
  const { record } = card;
  const top = [
    header(headline(record)),
    askedLine(record),
    ...reasonBlocks(record),
    ...breakGlassBlocks(card),
  ];
  const bottom = [
    ...(card.maybeCopy ? [context(maybeCopyLine)] : []),
    footer(record),
    ...decisionButtons(record),
  ];
  const room = messageCharsMax - charsOf([...top, ...bottom]);
  const { blocks, left } = bodyOf(card, room);
  const { kept } = fitting(blocks, room, blocksPerMessageMax - 10);
  return { top, kept, dropped: blocks.slice(kept.length), bottom, left };
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
      `asked by ${person(actor.id)}${shell}`,
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

function notification({ record }: CardContext): string {
  return cut(
    `${escapedCut(headline(record), messageTextCharsMax - 300)} · asked by ${person(record.request.actor.id)} · change ${codeSpan(record.id)}`,
    messageTextCharsMax,
  );
}
