import { GROUPS, PEOPLE } from './site.ts';

/** The parts of a message of the local Slack that a reader sees. */
export interface ShownMessage {
  readonly text: string;
  readonly blocks?: readonly Readonly<Record<string, unknown>>[];
}

/** A message as plain text: its blocks one below the other, buttons in brackets. */
export function plainMessage(message: ShownMessage): string {
  const { blocks = [] } = message;
  return readable(blocks.length === 0 ? message.text : blocks.map(blockText).join('\n'));
}

/** The header of a card: the state of its change in one line. */
export function headlineOf(message: ShownMessage): string {
  return plainMessage(message).split('\n')[0] ?? '';
}

export function hasButton(message: ShownMessage, actionId: string): boolean {
  return (message.blocks ?? []).some((block) =>
    listOf(block.elements).some((element) => element.action_id === actionId),
  );
}

/** Two columns, the second to the right. */
export function countTable(rows: ReadonlyMap<string, number>): string {
  const name = Math.max(...[...rows.keys()].map((key) => key.length));
  return [...rows]
    .map(([key, count]) => `${key.padEnd(name)}  ${String(count).padStart(5)}`)
    .join('\n');
}

export function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`.trimEnd())
    .join('\n');
}

type Fields = Readonly<Record<string, unknown>>;

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return textOf(Reflect.get(value, 'text'));
}

function blockText(block: Fields): string {
  const elements = listOf(block.elements);
  if (block.type === 'actions') {
    return elements.map((element) => `[ ${textOf(element.text)} ]`).join(' ');
  }
  return block.text === undefined ? elements.map(textOf).join(' ') : textOf(block.text);
}

/** Slack's markup as a terminal can show it: names for ids, times for dates, no fences or stars. */
function readable(mrkdwn: string): string {
  return mrkdwn
    .replace(/<@([UW][A-Z0-9]+)>/g, (_, id: string) => {
      const person = PEOPLE.find((one) => one.id === id);
      return `@${person?.name ?? id}`;
    })
    .replace(/<!subteam\^([A-Z0-9]+)(?:\|[^>]*)?>/g, (_, id: string) => {
      const group = GROUPS.find((one) => one.id === id);
      return `@${group?.handle ?? id}`;
    })
    .replace(/<!date\^\d+\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/^```\n?|\n?```$/gm, '')
    .replace(/`([^`\n]+)`/g, '$1')
    .replace(/(^|[\s(])\*([^*\n]+)\*/g, '$1$2')
    .replace(/^_([^_\n]+)_$/gm, '$1')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\n{2,}/g, '\n')
    .trim();
}
