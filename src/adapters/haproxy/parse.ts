import { type ErrorCode, OperationError } from '../../domain/errors.ts';

/** What `show info` says about the process that answered. */
export interface ProcessInfo {
  readonly version: string;
  readonly pid: string;
  /** Differs after every restart and reload, also where pids repeat (containers). */
  readonly incarnation: string;
  readonly uptimeSeconds: number;
  /** True for an old worker that only finishes its connections after a reload. */
  readonly stopping: boolean;
}

/** A line of a table, by column name. */
export type Row = ReadonlyMap<string, string>;

/** This message has no line end of its own in 2.6, so no empty line follows it. */
const UNTERMINATED = 'Empty weight string empty or preceded by garbage\n';

/** The master's own answer for a worker that is gone has no empty line either. */
const WORKER_GONE = /^Can't find the target PID matching the prefix '@!\d+'\n$/;

/** Every reply ends with one empty line; a bare success is nothing but that line. */
export function isWholeReply(reply: string): boolean {
  if (reply === '\n' || reply.endsWith('\n\n')) return true;
  return reply === UNTERMINATED || WORKER_GONE.test(reply);
}

/**
 * What HAProxy answers instead of doing it, word for word (2.6, `src/server.c`, `src/cli.c`,
 * `src/stats.c`); a reply that begins with the text means the code.
 */
const REFUSALS: readonly (readonly [text: string, code: ErrorCode])[] = [
  ['No such backend.', 'NO_SUCH_POOL'],
  ["Can't find backend.", 'NO_SUCH_POOL'],
  ['No such proxy.', 'NO_SUCH_POOL'],
  ['No such server.', 'NO_SUCH_MEMBER'],
  ['Permission denied', 'PERMISSION'],
  ["Require 'backend/server'.", 'UNSAFE_NAME'],
  // A worker that is on its way out after a reload: the next connection reaches the new one.
  ['Proxy is disabled.', 'UNREACHABLE'],
  ['Backend is using a static LB algorithm', 'UNSUPPORTED'],
  ['Absolute weight can only be between', 'UNSUPPORTED'],
  ['Relative weight', 'UNSUPPORTED'],
  ['Empty weight string', 'UNSUPPORTED'],
  ["'set server <srv> state' expects", 'UNSUPPORTED'],
  ['usage: set server', 'UNSUPPORTED'],
  ['Unknown command', 'UNSUPPORTED'],
  ["Can't find the target PID", 'UNREACHABLE'],
];

/** Throws the error that this reply is; returns when it is none of the known refusals. */
export function assertNoRefusal(reply: string, doing: string): void {
  for (const [text, code] of REFUSALS) {
    if (reply.startsWith(text)) throw new OperationError(code, `${doing}: ${quoted(reply)}`);
  }
}

/** A reply that fits nothing we know. */
export function unexpected(doing: string, what: string, reply: string): OperationError {
  return new OperationError('UNEXPECTED_REPLY', `${doing}: ${what}: ${quoted(reply)}`);
}

function quoted(reply: string): string {
  const text = reply.trim();
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

export function parseInfo(reply: string, doing: string): ProcessInfo {
  assertNoRefusal(reply, doing);
  const fields = new Map<string, string>();
  for (const line of reply.split('\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 2).trim());
  }
  const pid = fields.get('Pid');
  const version = fields.get('Version');
  if (countOf(pid) === undefined || pid === undefined || version === undefined) {
    throw unexpected(doing, 'this is not HAProxy’s `show info`', reply);
  }
  const started = fields.get('Start_time_sec');
  return {
    version,
    pid,
    incarnation: started === undefined ? pid : `${pid}@${started}`,
    uptimeSeconds: countOf(fields.get('Uptime_sec')) ?? 0,
    stopping: (countOf(fields.get('Stopping')) ?? 0) > 0,
  };
}

/** Rows of `show servers state <backend>`: a format number, `# column names`, values without spaces. */
export function parseServersState(reply: string, doing: string): readonly Row[] {
  assertNoRefusal(reply, doing);
  const lines = linesOf(reply);
  const header = lines.find((line) => line.startsWith('# '));
  if (header === undefined) throw unexpected(doing, '`show servers state` without a header', reply);
  return rowsOf(
    header.slice(2).split(' '),
    lines.slice(lines.indexOf(header) + 1).map((line) => line.split(' ')),
    ['be_id', 'be_name', 'srv_name', 'srv_admin_state', 'srv_uweight', 'srv_iweight'],
    () => unexpected(doing, '`show servers state` has an unknown form', reply),
  );
}

/** Rows of `show stat`: CSV with `# ` before the header and a comma at the end of each line. */
export function parseStat(reply: string, doing: string): readonly Row[] {
  assertNoRefusal(reply, doing);
  const [header, ...lines] = linesOf(reply);
  if (header === undefined || !header.startsWith('# ')) {
    throw unexpected(doing, '`show stat` without a header', reply);
  }
  return rowsOf(
    splitCsv(header.slice(2)),
    lines.map(splitCsv),
    ['pxname', 'svname', 'scur', 'stot', 'status', 'bck'],
    () => unexpected(doing, '`show stat` has an unknown form', reply),
  );
}

/** Process ids of all workers that the master lists, the older ones included; lines of other programs are left out. */
export function parseWorkers(reply: string, doing: string): readonly string[] {
  assertNoRefusal(reply, doing);
  const lines = linesOf(reply);
  if (lines[0]?.startsWith('#<PID>') !== true) {
    throw unexpected(doing, 'this is not `show proc` of a master', reply);
  }
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([pid, type]) => countOf(pid) !== undefined && type === 'worker')
    .map(([pid = '']) => pid);
}

function rowsOf(
  names: readonly string[],
  table: readonly (readonly string[])[],
  needed: readonly string[],
  fault: () => OperationError,
): readonly Row[] {
  if (needed.some((name) => !names.includes(name))) throw fault();
  return table.map((values) => {
    if (values.length !== names.length) throw fault();
    return new Map(names.map((name, column) => [name, values[column] ?? '']));
  });
}

function linesOf(reply: string): string[] {
  return reply.split('\n').filter((line) => line !== '');
}

/** Fields may be quoted, with `""` for a quote inside (check descriptions hold commas). */
function splitCsv(line: string): string[] {
  const fields: string[] = [];
  let field = '';
  let inQuotes = false;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at];
    if (char === '"') {
      if (inQuotes && line[at + 1] === '"') {
        field += '"';
        at += 1;
      } else {
        inQuotes = !inQuotes;
      }
    } else if (char === ',' && !inQuotes) {
      fields.push(field);
      field = '';
    } else {
      field += char;
    }
  }
  return [...fields, field];
}

/** A number of the device, or undefined where it shows none. */
export function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
