import { type DestinationStream, destination as openDestination, pino } from 'pino';
import type { Secret } from '../domain/secret.ts';
import { redaction } from './redact.ts';

type Data = Readonly<Record<string, unknown>>;

/** Same shape as the port `Log`, which this folder may not import; a test holds the two together. */
export interface JsonLog {
  debug(message: string, data?: Data): void;
  info(message: string, data?: Data): void;
  warn(message: string, data?: Data): void;
  error(message: string, data?: Data): void;
}

export interface LogOptions {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** Standard output when absent. */
  readonly destination?: DestinationStream;
  /** Their values are blotted out wherever they turn up, also inside somebody else's message. */
  readonly secrets?: readonly Secret[];
}

/** A log of one JSON object per line, with `time` in ISO 8601. Never throws because of what it is given. */
export function createLog(options: LogOptions): JsonLog {
  const redact = redaction(options.secrets);
  const lines = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Synchronous: the last line before a crash is the one that is needed.
    options.destination ?? openDestination({ dest: 1, sync: true }),
  );
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, data?: Data): void => {
      if (!lines.isLevelEnabled(level)) return;
      // Under its own key, so that no field of the data can pass for one of the log's.
      const line = data === undefined ? {} : { data: redact.data(data) };
      lines[level](line, redact.text(message));
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}
