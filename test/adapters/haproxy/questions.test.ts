import { describe, expect, it } from 'vitest';
import { haproxyAdapter } from '../../../src/adapters/haproxy/adapter.ts';
import { withoutEnd } from '../contract-device.ts';
import { fixture } from './fixture.ts';

const POOL = 'test.tianya.cn';
const INFO = fixture('show-info');
const STATE = fixture('show-servers-state');
const STAT = fixture('show-stat');
const OLD = INFO.replace('Stopping: 0', 'Stopping: 1');

/** An adapter that knows the number of its backend already, and whose next reading is answered so. */
async function answered(...replies: string[]) {
  let answer = (commands: readonly string[]) => (commands.length < 3 ? STATE : STATE + STAT) + INFO;
  const asked: (readonly string[])[] = [];
  const socket = {
    exchange: async () => '\n',
    ask: async (commands: readonly string[]) => {
      asked.push(commands);
      return answer(commands);
    },
    close: async () => {},
  };
  const adapter = haproxyAdapter('ha-1', socket, { now: () => 0 });
  await adapter.read(POOL, withoutEnd());
  asked.length = 0;
  const left = [...replies];
  answer = () => left.shift() ?? '';
  return { asked, read: () => adapter.read(POOL, withoutEnd()) };
}

describe('answers to several questions', () => {
  it('are believed when there are as many as questions', async () => {
    const { read, asked } = await answered(STATE + STAT + INFO);
    expect((await read()).members).toHaveLength(5);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['the first is missing', STAT + INFO, 'UNEXPECTED_REPLY'],
    ['the second is missing', STATE + INFO, 'UNEXPECTED_REPLY'],
    ['the last is missing', STATE + STAT, 'CUT_REPLY'],
    ['the last two are missing', STATE, 'CUT_REPLY'],
    ['one comes twice', STATE + STAT + INFO + INFO, 'UNEXPECTED_REPLY'],
    ['one of them is empty', `${STATE}\n\n${STAT}${INFO}`, 'UNEXPECTED_REPLY'],
    ['a refusal is all', fixture('permission-denied'), 'PERMISSION'],
    [
      'a refusal stands for one of them',
      `${STATE}${fixture('permission-denied')}${INFO}`,
      'PERMISSION',
    ],
    // It may be of an old worker, and which one spoke was not said.
    ['a missing backend is all', fixture('no-such-backend'), 'CUT_REPLY'],
    ['a backend is missing', `${fixture('no-such-backend')}${STAT}${INFO}`, 'NO_SUCH_POOL'],
  ])('%s: is a fault', async (_what, reply, code) => {
    const { read, asked } = await answered(reply);
    await expect(read()).rejects.toMatchObject({ code });
    expect(asked).toHaveLength(1);
  });

  it('of an old worker are asked for again, whatever they say', async () => {
    for (const old of [STATE + STAT + OLD, `${fixture('no-such-backend')}${STAT}${OLD}`]) {
      const { read, asked } = await answered(old, STATE + STAT + INFO);
      expect((await read()).members).toHaveLength(5);
      expect(asked).toHaveLength(2);
    }
  });

  it('about a backend that has another number now are asked for again, by that number', async () => {
    const other = STATE.replaceAll(`3 ${POOL}`, `7 ${POOL}`);
    const { read, asked } = await answered(other + STAT + INFO, other + STAT + INFO);
    await read();
    expect(asked.map(([, statistics]) => statistics)).toEqual([
      'show stat 3 6 -1',
      'show stat 7 6 -1',
    ]);
  });
});
