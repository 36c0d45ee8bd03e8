import type { KnownBlock } from '@slack/types';

/** Lines that have no room on a card, under a heading of their own. They can be read in its thread. */
export interface LeftOut {
  /** mrkdwn. */
  readonly title: string;
  /** Plain text for code, else mrkdwn. */
  readonly lines: readonly string[];
  readonly as: 'code' | 'mrkdwn';
}

/** A part of a card, and what it leaves out. */
export interface Part {
  readonly blocks: readonly KnownBlock[];
  readonly left: readonly LeftOut[];
}

export function whole(blocks: readonly KnownBlock[]): Part {
  return { blocks, left: [] };
}
