import type { KnownBlock } from '@slack/types';
import type { CardContext, RestKind } from '../../ports/announcer.ts';
import { context, pack, packCode, section } from '../blocks.ts';
import {
  messageCharsMax,
  restMessagesMax,
  restTextCharsMax,
  restTitleCharsMax,
} from '../limits.ts';
import { fitting } from '../message-size.ts';
import { codeSpan, cut } from '../mrkdwn.ts';
import { leftOutOf } from './card.ts';
import type { LeftOut } from './left-out.ts';
import { counted } from './words.ts';

/** Kind of metadata of these messages, so that none is posted twice. */
export const restEventType = 'lb_change_rest';

export interface RestMessage {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

/** What the card has no room for, in as few messages as it takes; empty for most cards. */
export function restMessages(card: CardContext): readonly RestMessage[] {
  const { left, dropped } = leftOutOf(card);
  const pages: (readonly KnownBlock[])[] = [];
  let blocks: readonly KnownBlock[] = [...dropped, ...left.flatMap(sectionsOf)];
  while (blocks.length > 0 && pages.length < restMessagesMax) {
    const { kept } = fitting(blocks, messageCharsMax - noteChars);
    pages.push(kept);
    blocks = blocks.slice(kept.length);
  }
  return pages.map((page, at) => {
    const missing = at === pages.length - 1 ? blocks.length : 0;
    const note =
      missing === 0
        ? []
        : [context(`… and ${counted(missing, 'more part')}, too long even for the thread.`)];
    return {
      text: `What the card of change ${codeSpan(card.record.id)} has no room for (${at + 1} of ${pages.length})`,
      blocks: [...page, ...note],
    };
  });
}

const noteChars = 100;

function sectionsOf({ title, lines, as }: LeftOut): readonly KnownBlock[] {
  const parts = Number.POSITIVE_INFINITY;
  const { texts } =
    as === 'code' ? packCode(lines, parts, restTextCharsMax) : pack(lines, parts, restTextCharsMax);
  return texts.map((text, at) =>
    section(at === 0 ? `${cut(title, restTitleCharsMax)}\n${text}` : text),
  );
}

/** Metadata of one of these messages: which change, which part. Anybody can read it. */
export function restMetadata(changeId: string, kind: RestKind, at: number) {
  return {
    event_type: restEventType,
    event_payload: { id: changeId, part: `${kind}.${at + 1}` },
  };
}
