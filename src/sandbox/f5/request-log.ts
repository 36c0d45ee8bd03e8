import type { IncomingHttpHeaders } from 'node:http';

const ENTRIES_MAX = 10_000;
const TEXT_CHARS_MAX = 4_000;

/** One request and its answer; no secret is in it. */
export interface LogEntry {
  readonly seq: number;
  /** Of the simulator's clock. */
  readonly time: string;
  readonly unit: string;
  readonly label?: string;
  /** Address and port. */
  readonly client: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** 0 when the connection was cut instead of answered. */
  readonly status: number;
  readonly ms: number;
  readonly resp: string;
}

export interface RequestLog {
  label: string | undefined;
  write(entry: Omit<LogEntry, 'seq' | 'label'>): void;
  list(): readonly LogEntry[];
  clear(): void;
}

export function createRequestLog(listener?: (entry: LogEntry) => void): RequestLog {
  const entries: LogEntry[] = [];
  let seq = 0;
  const log: RequestLog = {
    label: undefined,
    write(entry) {
      seq += 1;
      const { label } = log;
      const whole: LogEntry = {
        seq,
        ...(label === undefined ? {} : { label }),
        ...entry,
        url: withoutSecrets(entry.url),
        body: withoutSecrets(entry.body).slice(0, TEXT_CHARS_MAX),
        resp: withoutSecrets(entry.resp).slice(0, TEXT_CHARS_MAX),
      };
      entries.push(whole);
      if (entries.length > ENTRIES_MAX) entries.shift();
      listener?.(whole);
    },
    list: () => entries,
    clear: () => void entries.splice(0),
  };
  return log;
}

const SECRET_HEADERS = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'set-cookie',
  'x-f5-auth-token',
  'x-icontrol-session',
]);

/** Headers for the log; of those that carry a secret only that they were there. */
export const headersForLog = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
      const scheme = /^basic /i.test(text) ? 'Basic ' : '';
      return [name, SECRET_HEADERS.has(name) ? `${scheme}[secret]` : text];
    }),
  );

/** Tokens in addresses and bodies, and passwords in bodies, whatever the form of the body. */
function withoutSecrets(text: string): string {
  return text
    .replace(/(authz\/tokens\/)[A-Z2-7]{26}/g, '$1[secret]')
    .replace(/("(?:password|token|name|passphrase)"\s*:\s*")[A-Z2-7]{26}"/g, '$1[secret]"')
    .replace(/("(?:password|passphrase)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi, '$1"[secret]"')
    .replace(/(<(?:\w+:)?password[^>]*>)[^<]*/gi, '$1[secret]');
}
