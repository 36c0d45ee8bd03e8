import { describe, expect, it } from 'vitest';
import { askTogether } from '../../src/keepalived/together.ts';

function slow() {
  const answers: ((answer: string | Error) => void)[] = [];
  const ask = askTogether((name: string) =>
    new Promise<string>((done, failed) => {
      answers.push((answer) => (answer instanceof Error ? failed(answer) : done(answer)));
    }).then((answer) => `${name}: ${answer}`),
  );
  return { ask, answers };
}

describe('questions asked together', () => {
  it('are two for fifty at once, and nobody gets an answer that began before the question', async () => {
    const { ask, answers } = slow();
    const first = ask('lvs-1');
    const rest = Array.from({ length: 49 }, () => ask('lvs-1'));
    expect(answers).toHaveLength(1);
    answers[0]?.('MASTER');
    expect(await first).toBe('lvs-1: MASTER');
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.('BACKUP');
    expect(new Set(await Promise.all(rest))).toEqual(new Set(['lvs-1: BACKUP']));
  });

  it('are asked anew when none is open', async () => {
    const { ask, answers } = slow();
    const first = ask('lvs-1');
    answers[0]?.('MASTER');
    await first;
    const second = ask('lvs-1');
    expect(answers).toHaveLength(2);
    answers[1]?.('BACKUP');
    expect(await second).toBe('lvs-1: BACKUP');
  });

  it('fail only those who asked before the failure', async () => {
    const { ask, answers } = slow();
    const first = ask('lvs-1');
    const second = ask('lvs-1');
    answers[0]?.(new Error('no answer'));
    await expect(first).rejects.toThrow('no answer');
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.('MASTER');
    expect(await second).toBe('lvs-1: MASTER');
  });

  it('do not wait for another node', () => {
    const { ask, answers } = slow();
    void ask('lvs-1');
    void ask('lvs-2');
    expect(answers).toHaveLength(2);
  });
});
