import type { NotifyHeartbeat, NotifyLine, VrrpNotice } from '../../ports/notices.ts';
import { POST_GREETING, POST_LINES_MAX } from './script.ts';

const NOTICES = [
  'MASTER',
  'BACKUP',
  'FAULT',
  'STOP',
  'MASTER_RX_LOWER_PRI',
  'MASTER_PRIORITY',
  'BACKUP_PRIORITY',
  'DELETED',
] as const satisfies readonly VrrpNotice[];

const HEAD =
  /^boot (?<boot>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\nclock (?<ms>\d{10,16}) (?<up>\d{1,10}(?:\.\d{1,3})?)\nlast (?<last>\d{1,15})(?:\n|$)/;
const LINE = /^line (?<sequence>\d{1,15}) (?<up>\d{1,10}(?:\.\d{1,3})?) (?<said>\P{Cc}{0,250})$/u;
const INSTANCE =
  /^INSTANCE "(?<instance>[^"\p{Cc}]{1,100})" (?<state>[A-Z_]{1,30}) (?<priority>\d{1,3})$/u;

/** What is no post. The message is for our own log: whoever sent it is told a number. */
export class BadPost extends Error {
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.name = 'BadPost';
    this.status = status;
  }
}

/** One post of the reader on a director. */
export interface NotifyPost {
  readonly heartbeat: NotifyHeartbeat;
  /** What keepalived said of instances, in its order. */
  readonly lines: readonly NotifyLine[];
  /** Lines that are no state of an instance: groups, and what keepalived may say one day. */
  readonly others: number;
}

/**
 * Reads a post that came with the token of `director`. Strict about what our own script writes, lenient about what
 * keepalived says in it. Times are told by the director's uptime: nobody sets that.
 */
export function readPost(text: string, director: string, receivedAt: number): NotifyPost {
  const greeting = `${POST_GREETING}\n`;
  if (!text.startsWith(greeting)) throw new BadPost(400, 'it does not begin as a post does');
  const rest = text.slice(greeting.length);
  const head = HEAD.exec(rest);
  const { boot = '', ms = '', up = '', last = '' } = head?.groups ?? {};
  if (head === null) throw new BadPost(400, 'its head is not one of a post');
  const body = rest.slice(head[0].length);
  if (body !== '' && !body.endsWith('\n')) throw new BadPost(400, 'it is cut off');
  const written = body === '' ? [] : body.slice(0, -1).split('\n');
  if (written.length > POST_LINES_MAX) throw new BadPost(413, `it has ${written.length} lines`);

  const clockMs = Number(ms);
  const base = { director, bootId: boot, receivedAt };
  const lines: NotifyLine[] = [];
  let before = 0;
  for (const each of written) {
    const found = LINE.exec(each)?.groups;
    if (found === undefined) throw new BadPost(400, 'one of its lines is none');
    const sequence = Number(found.sequence);
    if (sequence <= before || sequence > Number(last)) {
      throw new BadPost(400, 'its lines are not numbered one after the other');
    }
    before = sequence;
    const said = saidIn(found.said ?? '');
    if (said === undefined) continue;
    const ageMs = Math.max(0, Math.round((Number(up) - Number(found.up)) * 1_000));
    lines.push({ ...base, sequence, at: clockMs - ageMs, ageMs, ...said });
  }
  return {
    heartbeat: { ...base, sequence: Number(last), at: clockMs },
    lines,
    others: written.length - lines.length,
  };
}

function saidIn(text: string): Pick<NotifyLine, 'instance' | 'state' | 'priority'> | undefined {
  const { instance, state: word, priority } = INSTANCE.exec(text)?.groups ?? {};
  const state = NOTICES.find((known) => known === word);
  if (instance === undefined || state === undefined || Number(priority) > 255) return undefined;
  return { instance, state, priority: Number(priority) };
}
