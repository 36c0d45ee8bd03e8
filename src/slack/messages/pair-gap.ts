import type { KnownBlock } from '@slack/types';
import type { PairGap } from '../../domain/pair-gap.ts';
import { context, pack, section } from '../blocks.ts';
import { codeSpan, cut, escapedCut, slackDate } from '../mrkdwn.ts';
import { counted } from './words.ts';

/** Nodes that a change left out: a reminder until they show the same. */
export function gapBlocks(gaps: readonly PairGap[]): readonly KnownBlock[] {
  const packed = pack(gaps.map(gapLine), 2);
  const more =
    packed.left > 0 ? [context(`… and ${counted(packed.left, 'more difference')} of pairs`)] : [];
  return [...packed.texts.map((text) => section(text)), ...more];
}

function gapLine({ pair, pool, member, changed, leftOut, changeId, at, isAway }: PairGap): string {
  const name = (text: string) => `*${escapedCut(text, 100)}*`;
  const why = isAway ? 'which does not answer' : 'which was left out';
  return `⚠ Pair ${name(pair)} differs: ${codeSpan(cut(member, 100))} in ${codeSpan(cut(pool, 100))} was changed on ${name(changed)} ${slackDate(at)} (change ${codeSpan(changeId)}), not on ${name(leftOut)}, ${why}.`;
}
