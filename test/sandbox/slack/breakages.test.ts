import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Breakable, Breakages } from '../../../src/sandbox/slack/breakages.ts';
import { type LocalSlack, startLocalSlack } from '../../../src/sandbox/slack/local-slack.ts';
import { SEED } from './workspace-seed.ts';

let slack: LocalSlack;
let breakages: Breakages;
/** What was really done, in order. */
let done: string[];

/** A lamp that can be switched off; `gate` is awaited in the middle of it. */
function lamp(thing: string, gate?: Promise<void>): Breakable {
  let isOn = true;
  const turn = async (on: boolean) => {
    done.push(`${thing} begins`);
    await gate;
    isOn = on;
    done.push(`${thing} ${on ? 'on' : 'off'}`);
  };
  return {
    ...{ thing, name: `Lamp ${thing}`, effect: 'It gets dark.' },
    ...{ breakWords: 'Switch it off', mendWords: 'Switch it on' },
    condition: () => (isOn ? 'whole' : 'broken'),
    damage: () => (isOn ? '' : 'off'),
    break: () => turn(false),
    mend: () => turn(true),
  };
}

beforeEach(async () => {
  done = [];
  breakages = new Breakages();
  slack = await startLocalSlack({ ...SEED, breakages });
});
afterEach(() => slack.close());

async function act(verb: 'break' | 'mend', thing: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${slack.url}_human/${verb}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ thing }),
  });
  return (await response.json()) as Record<string, unknown>;
}

async function things(path: 'things' | 'state'): Promise<unknown> {
  const answer = (await (await fetch(`${slack.url}_human/${path}`)).json()) as { things: unknown };
  return answer.things;
}

describe('the list of things to break', () => {
  test('is what was added, for drivers and for the page', async () => {
    expect(await things('things')).toEqual([]);
    breakages.add(lamp('left'), lamp('right'));
    expect(await things('things')).toMatchObject([
      { thing: 'left', name: 'Lamp left', condition: 'whole', damage: '', busy: false },
      { thing: 'right', effect: 'It gets dark.', breakWords: 'Switch it off' },
    ]);
    expect(await things('state')).toEqual(await things('things'));
  });

  test('a thing is broken once and mended once, however often somebody clicks', async () => {
    breakages.add(lamp('left'));
    expect(await act('break', 'left')).toMatchObject({ ok: true, condition: 'broken' });
    expect(await act('break', 'left')).toMatchObject({ ok: true, condition: 'broken' });
    expect(await act('mend', 'left')).toMatchObject({ ok: true, condition: 'whole' });
    expect(await act('mend', 'left')).toMatchObject({ ok: true, condition: 'whole' });
    expect(done).toEqual(['left begins', 'left off', 'left begins', 'left on']);
  });

  test('two clicks at once wait for each other, and the page shows who is busy', async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    breakages.add(lamp('left', gate), lamp('right'));
    const both = [act('break', 'left'), act('break', 'left'), act('break', 'right')];
    await expect
      .poll(() => things('state'))
      .toMatchObject([
        { thing: 'left', busy: true },
        { thing: 'right', busy: false },
      ]);
    open();
    await Promise.all(both);
    expect(done).toEqual(['left begins', 'left off', 'right begins', 'right off']);
  });

  test('what is not on it is refused by name, and why something did not work is told', async () => {
    breakages.add({
      ...lamp('left'),
      break: () => Promise.reject(new Error('The switch is gone.')),
    });
    expect(await act('break', 'right')).toMatchObject({
      ok: false,
      error: 'unknown_thing',
      known: ['left'],
    });
    expect(await act('break', 'left')).toMatchObject({
      ok: false,
      error: 'not_done',
      hint: 'The switch is gone.',
    });
    expect(await things('state')).toMatchObject([{ condition: 'whole', busy: false }]);
  });

  test('closing it waits for what is under way, and nothing begins after that', async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    breakages.add(lamp('left', gate), lamp('right'));
    const under = act('break', 'left');
    await expect.poll(() => done).toEqual(['left begins']);
    const closed = breakages.close().then(() => done.push('closed'));
    const late = act('break', 'right');
    await things('state');
    expect(done).toEqual(['left begins']);
    open();
    await Promise.all([under, closed]);
    expect(await late).toMatchObject({ ok: false, error: 'stopping' });
    expect(done).toEqual(['left begins', 'left off', 'closed']);
  });
});
