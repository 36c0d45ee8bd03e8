import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import type { Directory } from '../../src/ports/directory.ts';
import type { LocalSlack } from '../../src/sandbox/slack/local-slack.ts';
import { createDirectory } from '../../src/slack/directory.ts';
import { botToken, handClock, keptLog, startSlack } from './running.ts';

let slack: LocalSlack;
let directory: Directory;
let clock: ReturnType<typeof handClock>;

beforeEach(async () => {
  slack = await startSlack();
  clock = handClock();
  directory = createDirectory({
    botToken,
    apiUrl: slack.apiUrl,
    log: keptLog(),
    clock,
    identity: async () => ({ teamId: 'T0HOME' }),
  });
});

afterEach(() => slack.close());

const asked = (method: string) => slack.state.calls.filter((call) => call.method === method).length;

describe('a person', () => {
  it('is what Slack says about them', async () => {
    expect(await directory.person('U0OPS')).toEqual({
      id: 'U0OPS',
      teamId: 'T0HOME',
      isBot: false,
      isGuest: false,
      isDeleted: false,
      isStranger: false,
    });
    expect(await directory.person('U0GUEST')).toMatchObject({ isGuest: true });
    expect(await directory.person('U0GONE')).toMatchObject({ isDeleted: true });
    expect(await directory.person('U0ROBOT')).toMatchObject({ isBot: true });
    expect(await directory.person('U0ALIEN')).toMatchObject({
      isStranger: true,
      teamId: 'T0OTHER',
    });
  });

  it('who cannot be looked up is nobody', async () => {
    const unknown = directory.person('U0NOBODY');
    await expect(unknown).rejects.toMatchObject({ code: 'DIRECTORY_UNAVAILABLE' });
    await expect(unknown).rejects.toThrow('Looking up user U0NOBODY: Slack said user_not_found.');
  });
});

describe('a group', () => {
  it('has the members of now, and none when it is disabled or empty', async () => {
    expect(await directory.groupMembers('S0LBAPPR')).toEqual(['U0LEAD']);
    expect(await directory.groupMembers('S0OLD')).toEqual([]);
    expect(await directory.groupMembers('S0EMPTY')).toEqual([]);
  });

  it('that does not exist is a fault, not an empty group', async () => {
    await expect(directory.groupMembers('S0NONE')).rejects.toBeInstanceOf(OperationError);
  });
});

describe('a channel', () => {
  it('is shared or not', async () => {
    expect(await directory.isSharedChannel('C0OPS')).toBe(false);
    expect(await directory.isSharedChannel('C0SHARED')).toBe(true);
    expect(await directory.isSharedChannel('D0OPS')).toBe(false);
    await expect(directory.isSharedChannel('C0NOWHERE')).rejects.toMatchObject({
      code: 'CHANNEL_CLOSED',
    });
  });
});

describe('what was looked up', () => {
  it('is remembered for a minute and not longer', async () => {
    await directory.groupMembers('S0LBAPPR');
    clock.advance(59_999);
    await directory.groupMembers('S0LBAPPR');
    expect(asked('usergroups.users.list')).toBe(1);
    clock.advance(1);
    await directory.groupMembers('S0LBAPPR');
    expect(asked('usergroups.users.list')).toBe(2);
  });

  it('counts its age from the question, not from the answer', async () => {
    slack.human.fault({ method: 'usergroups.users.list', delayMs: 50 });
    const slow = directory.groupMembers('S0LBAPPR');
    clock.advance(30_000);
    await slow;
    clock.advance(30_000);
    await directory.groupMembers('S0LBAPPR');
    expect(asked('usergroups.users.list')).toBe(2);
  });

  it('is asked once by many who want it at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => directory.person('U0OPS')));
    expect(answers).toHaveLength(20);
    expect(asked('users.info')).toBe(1);
  });

  it.each([{ status: 500 }, { drop: true }, { retryAfter: 3 }, { error: 'fatal_error' }])(
    'and failed with %j is not remembered',
    async (fault) => {
      slack.human.fault({ method: 'users.info', ...fault });
      await expect(directory.person('U0OPS')).rejects.toMatchObject({
        code: 'DIRECTORY_UNAVAILABLE',
      });
      expect(await directory.person('U0OPS')).toMatchObject({ id: 'U0OPS' });
    },
  );

  it('gives up before the asker must be answered', async () => {
    slack.human.fault({ method: 'users.info', delayMs: 3000 });
    const started = performance.now();
    await expect(directory.person('U0OPS')).rejects.toThrow('did not answer in time');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
