import { describe, expect, it } from 'vitest';
import { directorReader, EVERYTHING, ROLES } from '../../../src/adapters/lvs/reader.ts';
import { OperationError } from '../../../src/domain/errors.ts';
import type { RuntimeSocket } from '../../../src/transports/runtime-socket.ts';

const SERVICE = 'read -t 192.168.100.11:80';
const OTHER = 'read -t 192.168.100.11:443';

interface Asked {
  readonly line: string;
  readonly signal: AbortSignal;
  /** The number that a reader of this answer finds in it. */
  answer(number: number): void;
  fail(error: Error): void;
}

/** A director that answers when the test wants it to, and whatever it was asked. */
function slowDirector(waitMsMax = 60_000) {
  const asked: Asked[] = [];
  const socket: RuntimeSocket = {
    exchange: (line, { doing, signal }) =>
      new Promise((resolve, reject) => {
        const given = () => reject(new OperationError('TIMEOUT', `${doing}: stopped.`));
        signal.addEventListener('abort', given, { once: true });
        asked.push({
          ...{ line, signal, fail: reject },
          answer: (number) => resolve(`== settings\nnumber ${number}\n== exit 0\n== done\n`),
        });
      }),
    ask: () => Promise.reject(new Error('There is one question to a line.')),
    close: async () => {},
  };
  const ask = directorReader('lvs-1', socket, waitMsMax);
  const question = async (line: string, signal = new AbortController().signal) => {
    const answer = await ask({ line, doing: `Asking for ${line}`, signal });
    return answer.settings().get('number');
  };
  /** Resolves with the question that is the nth to go out. */
  const sent = async (count: number): Promise<Asked> => {
    await expect.poll(() => asked.length, { interval: 1 }).toBe(count);
    const last = asked[count - 1];
    if (last === undefined) throw new Error('It was sent.');
    return last;
  };
  return { asked, question, sent };
}

describe('questions to one director', () => {
  it('asked alone are asked for alone, and anew each time', async () => {
    const { question, sent } = slowDirector();
    for (const [index, line] of [SERVICE, ROLES, EVERYTHING].entries()) {
      const answered = question(line);
      const { line: words, answer } = await sent(index + 1);
      expect(words).toBe(line);
      answer(index);
      expect(await answered).toBe(index);
    }
  });

  it('are two for a hundred at once, of any kind, and no answer began before its question', async () => {
    const { asked, question, sent } = slowDirector();
    const first = question(SERVICE);
    const one = await sent(1);
    const rest = Array.from({ length: 99 }, (_, index) =>
      question([SERVICE, OTHER, ROLES, EVERYTHING][index % 4] ?? SERVICE),
    );
    one.answer(1);
    expect(await first).toBe(1);
    const two = await sent(2);
    expect(two.line).toBe(EVERYTHING);
    const late = question(SERVICE);
    two.answer(2);
    expect(new Set(await Promise.all(rest))).toEqual(new Set([2]));
    (await sent(3)).answer(3);
    expect(await late).toBe(3);
    expect(asked).toHaveLength(3);
  });

  it('that are begun in one turn are one question', async () => {
    const { asked, question, sent } = slowDirector();
    const both = [question(SERVICE), question(ROLES)];
    const one = await sent(1);
    expect(one.line).toBe(EVERYTHING);
    one.answer(7);
    expect(await Promise.all(both)).toEqual([7, 7]);
    expect(asked).toHaveLength(1);
  });

  it('to a director that is slow wait a moment for each other, so that they are one', async () => {
    const { asked, question, sent } = slowDirector();
    const first = question(SERVICE);
    const one = await sent(1);
    await new Promise((resolve) => setTimeout(resolve, 400));
    one.answer(1);
    await first;
    const pool = question(SERVICE);
    await new Promise((resolve) => setTimeout(resolve, 1));
    const role = question(ROLES);
    const two = await sent(2);
    expect(two.line).toBe(EVERYTHING);
    two.answer(2);
    expect(await Promise.all([pool, role])).toEqual([2, 2]);
    expect(asked).toHaveLength(2);
  });

  it('for the same thing are asked for that and no more', async () => {
    const { question, sent } = slowDirector();
    const first = question(ROLES);
    const one = await sent(1);
    const rest = [question(SERVICE), question(SERVICE)];
    one.answer(1);
    await first;
    const two = await sent(2);
    expect(two.line).toBe(SERVICE);
    two.answer(2);
    expect(await Promise.all(rest)).toEqual([2, 2]);
  });

  it('fail only those who asked before the failure', async () => {
    const { question, sent } = slowDirector();
    const first = question(SERVICE);
    const one = await sent(1);
    const second = question(SERVICE);
    one.fail(new OperationError('UNREACHABLE', 'Asking: the connection was lost.'));
    await expect(first).rejects.toMatchObject({ code: 'UNREACHABLE' });
    (await sent(2)).answer(2);
    expect(await second).toBe(2);
  });

  it('are given up by each for himself, and altogether when nobody waits any more', async () => {
    const { question, sent } = slowDirector();
    const callers = [new AbortController(), new AbortController()];
    const both = callers.map(({ signal }) => question(SERVICE, signal));
    const one = await sent(1);
    callers[0]?.abort();
    await expect(both[0]).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(one.signal.aborted).toBe(false);
    callers[1]?.abort();
    await expect(both[1]).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(one.signal.aborted).toBe(true);
    const next = question(SERVICE);
    (await sent(2)).answer(2);
    expect(await next).toBe(2);
  });

  it('that nobody waits for any more when their turn comes are not asked', async () => {
    const { asked, question, sent } = slowDirector();
    const first = question(SERVICE);
    const one = await sent(1);
    const caller = new AbortController();
    const second = question(OTHER, caller.signal);
    caller.abort();
    await expect(second).rejects.toMatchObject({ code: 'TIMEOUT' });
    one.answer(1);
    await first;
    const third = question(ROLES);
    const two = await sent(2);
    expect(two.line).toBe(ROLES);
    two.answer(2);
    expect(await third).toBe(2);
    expect(asked).toHaveLength(2);
  });

  it('all fail one deadline after they were asked when nothing answers, also those behind others', async () => {
    const { question, sent } = slowDirector(400);
    const took = async (asking: Promise<unknown>) => {
      const begun = performance.now();
      await expect(asking).rejects.toMatchObject({ code: 'TIMEOUT' });
      return performance.now() - begun;
    };
    const first = took(question(SERVICE));
    await sent(1);
    const rest = Array.from({ length: 20 }, () => took(question(OTHER)));
    for (const ms of await Promise.all([first, ...rest])) {
      expect(ms).toBeGreaterThan(390);
      expect(ms).toBeLessThan(750);
    }
    await expect(question(OTHER)).rejects.toThrow(/^Asking for .*no answer within 0\.4 s/);
  });
});
