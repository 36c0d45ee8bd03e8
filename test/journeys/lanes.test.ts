import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OTHER_SERVICE, SERVICE } from '../stage/inventory.ts';
import { isOut } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { asked, became, cardText, clickOn } from './acting.ts';

const TARGET = '192.168.100.78';
const NEXT = '192.168.100.77';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ separate: true });
});
afterEach(() => stage.stop());

const node = (index: number) => {
  const found = stage.nodes[index];
  const proxy = stage.proxies[index];
  if (found === undefined || proxy === undefined) throw new Error(`There is no node ${index}.`);
  return { device: found, proxy };
};

describe('two services on a balancer each', () => {
  it('do not wait for each other: one balancer freezes, the other is planned for and changed', async () => {
    const { device: frozen, proxy } = node(0);
    const first = await asked(stage, `disable ${SERVICE} ${TARGET}`);
    const behind = await asked(stage, `disable ${SERVICE} ${NEXT}`);
    // It freezes with the write in its hands, and executes it when it wakes up.
    proxy.hook = async (passing) => {
      if (passing.command.startsWith('disable')) frozen.freeze();
      passing.answer(await passing.forward());
    };
    await clickOn(stage, first.id, 'change.approve');
    await expect.poll(() => proxy.writes.length).toBe(1);
    await clickOn(stage, behind.id, 'change.approve');

    const started = Date.now();
    const other = await asked(stage, `disable ${OTHER_SERVICE} ${TARGET}`);
    await clickOn(stage, other.id, 'change.approve');
    await became(stage, other.id, 'done');
    expect(Date.now() - started).toBeLessThan(4_000);
    expect(await isOut(node(1).device.socket, TARGET)).toBe(true);
    await expect.poll(() => cardText(stage, other.id)).toContain('is disabled in');
    // Nobody may think that the frozen one was looked at.
    expect(other.plan?.warnings.map(({ text }) => text).join()).toContain(
      `${SERVICE} could not be looked at`,
    );

    expect(['running', 'unknown']).toContain((await stage.records.changes.get(first.id))?.state);
    expect((await stage.records.changes.get(behind.id))?.state).toBe('approved');
    expect(proxy.writes).toHaveLength(1);

    proxy.hook = undefined;
    frozen.thaw();
    await became(stage, first.id, 'done', 15_000);
    await became(stage, behind.id, 'done', 15_000);
    expect(proxy.writes).toEqual([TARGET, NEXT].map((name) => `disable server ${SERVICE}/${name}`));
  });
});
