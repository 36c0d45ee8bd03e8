import { OperationError } from '../../domain/errors.ts';
import { DONE } from './script.ts';

/** What one program printed, and how it ended. */
export interface Section {
  readonly text: string;
  readonly code: number;
}

export function isWholeReply(reply: string): boolean {
  return reply === `${DONE}\n` || reply.endsWith(`\n${DONE}\n`);
}

/** The sections of an answer, by name; throws UNEXPECTED_REPLY when it is not built as script.ts builds it. */
export function parseSections(reply: string, doing: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Section>();
  let open: { name: string; from: number } | undefined;
  let at = 0;
  while (at < reply.length) {
    const lineEnd = reply.indexOf('\n', at);
    const stop = lineEnd < 0 ? reply.length : lineEnd;
    if (reply.startsWith('== ', at)) {
      const line = reply.slice(at, stop);
      const code = /^== exit (\d{1,3})$/.exec(line)?.[1];
      if (open !== undefined && code !== undefined) {
        sections.set(open.name, { text: reply.slice(open.from, at), code: Number(code) });
        open = undefined;
      } else if (open === undefined && line === DONE && stop + 1 >= reply.length) {
        return sections;
      } else if (open === undefined && /^== [a-z]+$/.test(line) && line !== DONE) {
        open = { name: line.slice('== '.length), from: stop + 1 };
      } else throw unexpected(doing, line);
    } else if (open === undefined) throw unexpected(doing, reply.slice(at, stop));
    at = stop + 1;
  }
  throw unexpected(doing, reply.slice(-80));
}

/** A section that there must be; what the script itself refused becomes UNSAFE_NAME. */
export function sectionOf(
  sections: ReadonlyMap<string, Section>,
  name: string,
  doing: string,
): Section {
  const refused = sections.get('refused');
  if (refused !== undefined) {
    throw new OperationError(
      'UNSAFE_NAME',
      `${doing}: the director's side refused the line: ${quoted(refused.text.trim())}.`,
    );
  }
  const found = sections.get(name);
  if (found === undefined) throw unexpected(doing, `no section ${name}`);
  return found;
}

export function unexpected(doing: string, line: string): OperationError {
  return new OperationError(
    'UNEXPECTED_REPLY',
    `${doing}: the answer is not what ipvsadm prints: ${quoted(line)}.`,
  );
}

/** What was said, on one line and not too long. */
export function quoted(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return JSON.stringify(clean.length > 200 ? `${clean.slice(0, 200)}…` : clean);
}
