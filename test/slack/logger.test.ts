import { LogLevel } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { slackLogger } from '../../src/slack/logger.ts';
import { keptLog } from './running.ts';

describe('lines of the Slack library', () => {
  it('lose tokens and tickets, and their length', () => {
    const log = keptLog();
    const logger = slackLogger(log);
    logger.warn('opened wss://x/link?ticket=abc-123&app_id=1 with xoxb-1-secret', 'x'.repeat(900));
    logger.error(new Error('refused xapp-1-A0-secret'));
    expect(log.lines.map((line) => line.level)).toEqual(['warn', 'error']);
    const [opened, refused] = log.lines.map((line) => String(line.data.line));
    expect(opened).toContain('opened wss://x/link?ticket=[secret]&app_id=1 with [secret]');
    expect(opened?.length).toBe(500);
    expect(refused).toBe('refused [secret]');
  });

  it('of the debug kind, which hold whole payloads, are dropped', () => {
    const log = keptLog();
    const logger = slackLogger(log);
    logger.setLevel(LogLevel.DEBUG);
    logger.debug('payload', { token: 'xoxb-1' });
    logger.info('hello');
    expect(log.lines).toEqual([]);
    expect(logger.getLevel()).toBe(LogLevel.WARN);
  });
});
