import type { KnownBlock } from '@slack/types';
import type { CardMessage } from '../../src/slack/messages/card.ts';

/** All that a reader sees, one block per line group. */
export function shown(message: Pick<CardMessage, 'blocks'>): string {
  return message.blocks.map(textOf).join('\n');
}

export function textOf(block: KnownBlock): string {
  if (block.type === 'header') return block.text.text;
  if (block.type === 'section') return block.text?.text ?? '';
  if (block.type === 'context') {
    return block.elements.map((each) => ('text' in each ? each.text : '')).join('\n');
  }
  return '';
}

export function buttonsOf(message: CardMessage) {
  const block = message.blocks.find((each) => each.type === 'actions');
  const elements = block?.elements.filter((each) => each.type === 'button') ?? [];
  return { blockId: block?.block_id, buttons: elements };
}

/** The parts of a block in which Slack would find mentions. */
export function mrkdwnOf(block: KnownBlock): string {
  const found: string[] = [];
  JSON.stringify(block, (_key, value: unknown) => {
    if (typeof value === 'object' && value !== null && Reflect.get(value, 'type') === 'mrkdwn') {
      found.push(String(Reflect.get(value, 'text')));
    }
    return value;
  });
  return found.join('\n');
}
