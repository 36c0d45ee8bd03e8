/**
 * Undoes what chat programs do to typed text: smart dashes and quotes, odd spaces, invisible characters,
 * Slack's own links. Everything here returns text of one line without control characters.
 */

/** A word of a command: as the grammar reads it, and where it stands in the cleaned line. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** One line: control and invisible characters gone (right-to-left marks, zero-width, lone surrogates), every space a plain one. */
export function oneLine(text: string): string {
  return text
    .replace(/[\t\n\v\f\r\u0085\p{Zs}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '');
}

/** The words of a line that `oneLine` made, each normalised. */
export function wordsOf(line: string): readonly Word[] {
  return [...line.matchAll(/[^ ]+/g)].map((match) => ({
    text: plainWord(match[0]),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

function plainWord(raw: string): string {
  return raw
    .replaceAll(/<(?<target>[^<>|]*)(?:\|(?<label>[^<>]*))?>/g, unwrapName)
    .normalize('NFKC')
    .replaceAll(/[\u2014\u2015]/g, '--')
    .replaceAll(/[\u2010-\u2013\u2212]/g, '-')
    .replaceAll('\u3001', ',')
    .replaceAll(/[\u2018\u2019\u201A\u201B\u2039\u203A]/g, "'")
    .replaceAll(/[\u00AB\u00BB\u201C-\u201F]/g, '"')
    .replace(/^["'`]+/, '')
    .replace(/["'`]+$/, '')
    .replace(/^https?:\/\/([^/]+)\/?$/i, '$1');
}

/** `http://host/` or `mailto:a@b` without what Slack put round the name. */
function withoutScheme(target: string): string {
  return target.replace(/^(?:https?:\/\/|mailto:|tel:)/i, '').replace(/\/$/, '');
}

/**
 * The name inside `<http://host|host>`. A link whose label shows another host than it leads to stays as
 * it is, and is refused later as no name at all.
 */
function unwrapName(whole: string, target: string, label: string | undefined): string {
  if (!/^(?:https?:\/\/|mailto:|tel:)/i.test(target)) return whole;
  const name = withoutScheme(target);
  if (label === undefined || withoutScheme(label).toLowerCase() === name.toLowerCase()) return name;
  return whole;
}

/** Free text as a reason: links in plain words, one pair of quotes round the whole removed, cut at `charactersMax`. */
export function plainReason(raw: string, charactersMax: number): string {
  const unlinked = raw.replaceAll(
    /<(?<target>https?:\/\/[^<>| ]*|mailto:[^<>| ]*)(?:\|(?<label>[^<>]*))?>/gi,
    (_whole, target: string, label: string | undefined) =>
      label === undefined || withoutScheme(label) === withoutScheme(target)
        ? target.replace(/^mailto:/i, '')
        : `${label} (${target})`,
  );
  const single = unlinked.replaceAll(/ {2,}/g, ' ').trim();
  const quoted = /^(?:"(?<a>[^"]*)"|\u201C(?<b>[^\u201C\u201D]*)\u201D)$/.exec(single)?.groups;
  const text = (quoted?.a ?? quoted?.b ?? single).trim();
  const characters = [...text];
  return characters.length <= charactersMax
    ? text
    : `${characters.slice(0, charactersMax - 1).join('')}…`;
}
