/**
 * Reads mrkdwn as Slack does, as far as harm goes: what stands in angle brackets, in entities, between backticks. On its
 * own: it shares nothing with the code that writes.
 */

const ID =
  /<(?:@(?<user>[UW][A-Z0-9]+)|!subteam\^(?<group>S[A-Z0-9]+)|#(?<channel>[CG][A-Z0-9]+))>/y;
const DATE =
  /<!date\^-?\d+\^\{date_short_pretty\} \{time\}\|[+-]?\d{4,6}-\d\d-\d\d \d\d:\d\d UTC>/y;
const ENTITY = /&(?:amp|lt|gt);/y;
const CONTROL = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

/** What this expression finds right here. */
function foundAt(text: string, at: number, expression: RegExp): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(text);
}

/** The first thing in a text of mrkdwn that is not ours; undefined when all of it is. `ids` are those that may be named. */
export function mrkdwnFault(text: string, ids?: ReadonlySet<string>): string | undefined {
  const control = CONTROL.exec(text);
  if (control !== null) return `a character that nobody sees (${control[0].codePointAt(0)})`;
  for (let at = 0; at < text.length; at += 1) {
    const rest = text.slice(at, at + 60);
    if (text[at] === '<') {
      const found = foundAt(text, at, ID) ?? foundAt(text, at, DATE);
      if (found === null) return `angle brackets that nobody built: ${rest}`;
      const { user, group, channel } = found.groups ?? {};
      const id = user ?? group ?? channel;
      if (id !== undefined && ids !== undefined && !ids.has(id)) return `a stranger's id ${id}`;
      at += found[0].length - 1;
    } else if (text[at] === '>') return `a lonely >: ${text.slice(Math.max(0, at - 40), at + 9)}`;
    else if (text[at] === '&' && foundAt(text, at, ENTITY) === null) return `a bare &: ${rest}`;
  }
  return codeFault(text);
}

/** Code that is begun and not ended would swallow what follows; what is in it must not end it. */
function codeFault(text: string): string | undefined {
  const parts = text.split('```');
  if (parts.length % 2 === 0) return `a code block that does not end: ${text.slice(-80)}`;
  for (const [index, part] of parts.entries()) {
    const ticks = (line: string) => line.split('`').length - 1;
    if (index % 2 === 1) {
      if (ticks(part) > 0) return `a backtick in a code block: ${part.slice(0, 80)}`;
    } else {
      const line = part.split('\n').find((each) => ticks(each) % 2 === 1);
      if (line !== undefined) return `code that does not end: ${line.slice(0, 160)}`;
    }
  }
  return undefined;
}

/** Every text object under a value: what Slack reads as mrkdwn, and what it shows letter by letter. */
export function textObjects(value: unknown): readonly { type: string; text: string }[] {
  if (Array.isArray(value)) return value.flatMap(textObjects);
  if (typeof value !== 'object' || value === null) return [];
  const { type, text } = value as { type?: unknown; text?: unknown };
  const isText = (type === 'mrkdwn' || type === 'plain_text') && typeof text === 'string';
  const own = isText ? [{ type: String(type), text: String(text) }] : [];
  return [...own, ...Object.values(value).flatMap(textObjects)];
}

/** The same for a whole message: its text, its blocks. */
export function messageFault(
  message: { readonly text?: string; readonly blocks: unknown },
  ids?: ReadonlySet<string>,
): string | undefined {
  const own = message.text === undefined ? undefined : mrkdwnFault(message.text, ids);
  if (own !== undefined) return `in the text: ${own}`;
  for (const { type, text } of textObjects(message.blocks)) {
    const fault = type === 'mrkdwn' ? mrkdwnFault(text, ids) : plainFault(text);
    if (fault !== undefined) return `in ${type}: ${fault}`;
  }
  return undefined;
}

function plainFault(text: string): string | undefined {
  const odd = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.exec(text);
  return odd === null ? undefined : `a character that nobody sees (${odd[0].codePointAt(0)})`;
}
