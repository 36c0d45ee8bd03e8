import type { KnownBlock } from '@slack/types';
import type { CardContext } from '../../ports/announcer.ts';
import { section } from '../blocks.ts';
import { approversMentionedMax } from '../limits.ts';
import { mention, person, slackDate } from '../mrkdwn.ts';

/** True until somebody else than whoever broke the glass has seen it. */
export function isUnacknowledged({ approval, acknowledged }: CardContext['record']): boolean {
  return approval?.kind === 'break glass' && acknowledged === undefined;
}

/** Said on every card of a change that went past the approval. */
export function breakGlassBlocks({ record, approvers }: CardContext): readonly KnownBlock[] {
  if (record.approval?.kind !== 'break glass') return [];
  const who = person(record.request.actor.id);
  const words = `⚠ *Break glass:* ${who} changed this without an approval. Guard, lane, audit and verification held all the same.`;
  const { acknowledged } = record;
  if (acknowledged !== undefined) {
    return [
      section(
        `${words}\nAcknowledged by ${person(acknowledged.by)}, ${slackDate(acknowledged.at)}.`,
      ),
    ];
  }
  const shown = approvers.slice(0, approversMentionedMax).map(mention).join(' ');
  return [section(`${words}\n*Somebody else must acknowledge it.* ${shown}`.trim())];
}
