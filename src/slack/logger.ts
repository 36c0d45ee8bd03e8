import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../ports/log.ts';

const lineCharsMax = 500;

/**
 * The library's lines in our log. Its debug lines hold whole payloads, so they are dropped, and what looks like a
 * token or a socket ticket is taken out of the rest.
 */
export function slackLogger(log: Log): Logger {
  const line = (words: unknown[]) => ({ line: cleaned(words.map(textOf).join(' ')) });
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...words: unknown[]) => log.warn('Slack library', line(words)),
    error: (...words: unknown[]) => log.error('Slack library', line(words)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}

function textOf(word: unknown): string {
  if (word instanceof Error) return word.message;
  return typeof word === 'string' ? word : `(${typeof word})`;
}

function cleaned(text: string): string {
  return text
    .replace(/\bx(?:ox[a-z]|app)-[A-Za-z0-9-]+/g, '[secret]')
    .replace(/([?&](?:ticket|token)=)[^\s&"']+/g, '$1[secret]')
    .slice(0, lineCharsMax);
}
