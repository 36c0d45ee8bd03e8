import type { KnownBlock } from '@slack/types';
import { blocksPerMessageMax } from './limits.ts';

/** Characters of all texts in the blocks: what Slack's unwritten limit of a whole message seems to count. */
export function charsOf(blocks: readonly KnownBlock[]): number {
  let chars = 0;
  JSON.stringify(blocks, (key, value: unknown) => {
    if (key === 'text' && typeof value === 'string') chars += value.length;
    return value;
  });
  return chars;
}

export interface Fitting {
  readonly kept: readonly KnownBlock[];
  /** How many blocks were left out. */
  readonly left: number;
}

/** The first blocks, in order, that have room in `chars` characters and `count` blocks. */
export function fitting(
  blocks: readonly KnownBlock[],
  chars: number,
  count = blocksPerMessageMax,
): Fitting {
  let room = chars;
  let kept = 0;
  for (const block of blocks.slice(0, count)) {
    room -= charsOf([block]);
    if (room < 0) break;
    kept += 1;
  }
  return { kept: blocks.slice(0, kept), left: blocks.length - kept };
}
