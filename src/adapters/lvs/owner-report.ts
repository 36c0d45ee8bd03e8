import type { OwnerFiles } from '../../ports/table-owner.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import { assertDone } from './refusals.ts';
import { isWholeReply, parseSections, sectionOf, unexpected } from './reply.ts';

/** What a director says of the keepalived that runs there. */
export interface OwnerReport {
  readonly pid: string;
  /** Absent where no file of it names a virtual service. */
  readonly files?: OwnerFiles;
  /** What all files but ours are, in 16 letters. */
  readonly base: string;
  /** What each file of ours is, in 16 letters, by path. */
  readonly kept: ReadonlyMap<string, string>;
}

const LINE = /^(?<what>pid|root|host|base|missing|kept|file|auth) (?<rest>\S.*)$/su;

/** Undefined where none runs. */
export function ownerReportOf(text: string, doing: string): OwnerReport | undefined {
  const told = new Map<string, string>();
  const texts = new Map<string, string[]>();
  const kept = new Map<string, string>();
  const missing: string[] = [];
  let lines: string[] = [];
  let unknown = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (line.startsWith('|')) {
      lines.push(line.slice(1));
      continue;
    }
    const { what = '', rest = '' } = LINE.exec(line)?.groups ?? {};
    if (what === '') throw unexpected(doing, line);
    if (what === 'file') {
      lines = [];
      unknown = 0;
      texts.set(rest, lines);
    } else if (what === 'missing') missing.push(rest);
    else if (what === 'kept') {
      const [sum = '', path = ''] = rest.split(' ');
      kept.set(path, sum);
    } else if (what === 'auth') unknown = putPassword(lines, unknown, rest);
    else told.set(what, rest);
  }
  const pid = told.get('pid');
  if (pid === undefined) return undefined;
  const [root, host] = [told.get('root'), told.get('host')];
  return {
    pid,
    base: told.get('base') ?? '',
    kept,
    ...(root === undefined
      ? {}
      : {
          files: {
            root,
            texts: new Map([...texts].map(([path, each]) => [path, `${each.join('\n')}\n`])),
            missing,
            ...(host === undefined ? {} : { host }),
          },
        }),
  };
}

/** Puts what stands for a password where the next one was taken out; returns where to go on. */
function putPassword(lines: string[], from: number, word: string): number {
  const at = lines.findIndex((line, index) => index >= from && /\bauth_pass\s+-/u.test(line));
  if (at < 0) return lines.length;
  lines[at] = (lines[at] ?? '').replace(/(\bauth_pass\s+)-/u, `$1${word}`);
  return at + 1;
}

/** Asks a director for all of it, with what stands for its passwords: alike for those who are asked with one `word`. */
export async function askOwner(
  balancer: string,
  socket: RuntimeSocket,
  word: string,
  signal: AbortSignal,
): Promise<OwnerReport | undefined> {
  const doing = `Asking ${balancer} for the configuration of keepalived`;
  const reply = await socket.exchange(`keepalived ${word}`, {
    doing,
    signal,
    isWhole: isWholeReply,
  });
  const section = sectionOf(parseSections(reply, doing), 'owner', doing);
  assertDone(section, doing);
  return ownerReportOf(section.text, doing);
}
