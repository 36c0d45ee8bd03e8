import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BACKUP,
  DISABLE,
  type DirectorPair,
  MASTER,
  openDirectorPair,
  TARGET,
} from '../stage/director-pair.ts';
import { CHANNEL, REQUESTER } from '../stage/inventory.ts';

const VIP = '192.168.100.11:80';
const LONG = { timeout: 90_000, interval: 100 };

describe('a director whose table somebody changes at the shell', () => {
  let pair: DirectorPair;
  beforeAll(async () => {
    pair = await openDirectorPair();
  }, 120_000);
  afterAll(() => pair?.stop(), 120_000);

  /** Messages of incidents in the channel itself that say this. */
  const saying = (text: string) =>
    pair.stage.slack.state
      .channel(CHANNEL)
      .filter(({ metadata, thread_ts: thread, ts }) => {
        return metadata?.event_type === 'lb_incident' && (thread === undefined || thread === ts);
      })
      .filter((message) => JSON.stringify(message).includes(text));
  const drifts = () => saying('by hand');
  const words = () => JSON.stringify(drifts().map(({ text, blocks }) => [text, blocks]));
  const press = (action: 'drift.restore' | 'drift.accept') =>
    pair.stage.slack.human.click({
      user: REQUESTER,
      channel: CHANNEL,
      ts: drifts().at(-1)?.ts ?? '',
      action_id: action,
    });

  it('has a member that a change keeps out restored, or accepted, by whoever presses the button', async () => {
    await pair.change(DISABLE, 'done');
    await pair.director(MASTER).ask(`ipvsadm -e -t ${VIP} -r ${TARGET}:80 -g -w 3`);
    await expect.poll(words, LONG).toContain('drift.restore');
    expect(drifts()).toHaveLength(1);
    expect(await pair.weight(MASTER)).toBe(3);
    await press('drift.restore');
    const restored = async () => {
      // On a busy machine a director is too slow to be read: as a person would, one asks again.
      const [newest] = await pair.stage.records.changes.recent(1);
      if (newest?.state === 'refused' && words().includes('drift.restore')) {
        await press('drift.restore');
      }
      return pair.weight(MASTER);
    };
    await expect.poll(restored, LONG).toBe(0);
    expect(await pair.weight(BACKUP)).toBe(0);

    await pair.director(MASTER).ask(`ipvsadm -e -t ${VIP} -r ${TARGET}:80 -g -w 2`);
    await expect.poll(() => drifts().length, LONG).toBe(2);
    await expect.poll(words, LONG).toContain('drift.accept');
    await press('drift.accept');
    await expect.poll(words, LONG).toContain('accepted it as it is');
    expect(await pair.weight(MASTER)).toBe(2);
    expect(await pair.weight(BACKUP)).toBe(0);
  }, 300_000);

  it('is told once when a real server is gone from it', async () => {
    await pair.reset();
    await pair.director(MASTER).ask(`ipvsadm -d -t ${VIP} -r 192.168.100.77:80`);
    await expect.poll(() => saying('192.168.100.77:80 in').length, LONG).toBe(1);
    expect(JSON.stringify(saying('192.168.100.77:80 in'))).toContain('is no longer there');
    const saved = await pair.director(MASTER).ask('ipvsadm -Sn');
    expect(saved).not.toContain('192.168.100.77:80');
  }, 300_000);
});
