/**
 * Text from outside made safe for Slack. Everything a person or a device wrote goes through `inert`
 * (plain text), `escaped` (mrkdwn) or `codeSpan`; only words of our own are written as they are.
 */

/** Shown for a character that cannot be seen: a reader must notice that something odd was there. */
const ODD = '\uFFFD';

/**
 * One line without control characters, line breaks, right-to-left and zero-width marks. White space becomes a
 * space, the rest a visible mark, so that two names that differ never look the same.
 */
export function inert(text: string): string {
  return text
    .replace(/[\t\n\v\f\r\u0085\u00a0\u2028\u2029\p{Zs}]/gu, ' ')
    .replace(/(?!\uFE0F)[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu, ODD);
}

function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Backticks in pairs make code of a word or two, as in our own sentences. One without its fellow, or a fence, would make
 * code of what follows: then none of them counts.
 */
function pairedBackticks(text: string): string {
  const isPaired = text.split('`').length % 2 === 1 && !text.includes('``');
  return isPaired ? text : withoutBackticks(text);
}

/** Inert words as they stand between ours. */
function running(inertText: string): string {
  return entities(pairedBackticks(inertText));
}

/** Text for mrkdwn: no mention, link or command can come out of it. */
export function escaped(text: string): string {
  return running(inert(text));
}

/** `escaped` for text of several lines, which stay lines. */
export function escapedLines(text: string): readonly string[] {
  return text.split(/\r?\n/).map(escaped);
}

/** Backticks would end the code; this letter looks alike and does not. */
function withoutBackticks(text: string): string {
  return text.replaceAll('`', '\u02cb');
}

/** A name or address in code, whatever is in it. */
export function codeSpan(text: string): string {
  const safe = inert(text).trim();
  return `\`${codeLine(safe === '' ? '(empty)' : safe)}\``;
}

/** One line for use between code fences. */
export function codeLine(text: string): string {
  return entities(withoutBackticks(inert(text)));
}

/** At most `max` characters, and it says so when something is missing. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const note = (missing: number) => `… (${missing} more characters)`;
  const room = max - note(text.length).length;
  if (room <= 0) return `${whole(text.slice(0, Math.max(0, max - 1)))}…`;
  const kept = whole(text.slice(0, room));
  return `${kept}${note(text.length - kept.length)}`;
}

/** Half a surrogate pair at the end would be an invalid character. */
function whole(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text;
}

/** Cut first and encoded then, so that an entity is never halved; `max` counts the encoded characters. */
function encodeWithin(plain: string, max: number, encode: (text: string) => string): string {
  let room = Math.min(plain.length, max);
  let done = encode(cut(plain, room));
  while (done.length > max && room > 1) {
    room = Math.max(1, Math.floor((room * max) / done.length) - 1);
    done = encode(cut(plain, room));
  }
  return done;
}

/** `escaped` for text of any length. */
export function escapedCut(text: string, max: number): string {
  return encodeWithin(inert(text), max, running);
}

/** `escapedLines` for text of any length, as one text. */
export function escapedLinesCut(text: string, max: number): string {
  return encodeWithin(text, max, (room) => escapedLines(room).join('\n'));
}

/** `codeLine` for text of any length. */
export function codeLineCut(text: string, max: number): string {
  return encodeWithin(inert(text), max, codeLine);
}

/** A Slack mention for an id; anything that is not an id stays text. */
export function mention(id: string): string {
  if (/^[UW][A-Z0-9]{4,}$/.test(id)) return `<@${id}>`;
  if (/^S[A-Z0-9]{4,}$/.test(id)) return `<!subteam^${id}>`;
  return codeSpan(id);
}

/** A mention of one person: an id of anything else, a whole group for instance, stays text. */
export function person(id: string): string {
  return /^[UW][A-Z0-9]{4,}$/.test(id) ? mention(id) : codeSpan(id);
}

export function channelLink(id: string): string {
  return /^[CG][A-Z0-9]+$/.test(id) ? `<#${id}>` : codeSpan(id);
}

/** A time shown in the reader's own zone; `at` in milliseconds since the epoch. */
export function slackDate(at: number): string {
  const fallback = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(at / 1000)}^{date_short_pretty} {time}|${fallback}>`;
}
