import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { APPROVER, REQUESTER, SERVICE } from '../stage/inventory.ts';
import { isOut } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';

const TARGET = '192.168.100.78';
let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.stop());

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function expectUntouched() {
  for (const proxy of stage.proxies) expect(proxy.writes).toEqual([]);
  for (const node of stage.nodes) expect(await isOut(node.socket, TARGET)).toBe(false);
}

describe('Redis gone while a command arrives', () => {
  it('is said within three seconds, nothing is changed then or later', async () => {
    await stage.redis.kill();
    const ms = await timed(() => stage.type(`disable ${SERVICE} ${TARGET}`));
    expect(ms).toBeLessThan(3_000);
    expect(stage.whispers()).toMatch(/nothing was (changed|queued)/i);
    await stage.redis.start();
    await expect.poll(() => stage.redis.client.status, { timeout: 10_000 }).toBe('ready');
    // The product has connections of its own, which come back when they do.
    await expect
      .poll(
        async () => {
          await stage.type(`status ${SERVICE}`);
          return stage.whispers();
        },
        { timeout: 15_000, interval: 1_000 },
      )
      .toContain('192.168.100.77');
    expect(await stage.records.changes.recent(10)).toEqual([]);
    await expectUntouched();
  });

  it('does not take a click either, and the card still works when Redis is back', async () => {
    await stage.type(`disable ${SERVICE} ${TARGET}`);
    await stage.change('waiting');
    await expect.poll(() => stage.channelText()).toContain('change.approve');
    await stage.redis.kill();
    await stage.click('change.approve');
    await expect.poll(() => stage.whispers(APPROVER), { timeout: 5_000 }).toContain('Redis');
    await expectUntouched();
    await stage.redis.start();
    await expect.poll(() => stage.redis.client.status, { timeout: 10_000 }).toBe('ready');
    await expect
      .poll(
        async () => {
          await stage.click('change.approve').catch(() => undefined);
          return (await stage.records.changes.recent(1))[0]?.state;
        },
        { timeout: 15_000, interval: 500 },
      )
      .toBe('done');
    for (const proxy of stage.proxies) expect(proxy.writes).toHaveLength(1);
  });
});

describe('Redis hung while a command arrives', () => {
  it('is answered in time with what is known, and no change begins without a click', async () => {
    stage.redis.freeze();
    const ms = await timed(() => stage.type(`disable ${SERVICE} ${TARGET}`));
    expect(ms).toBeLessThan(3_000);
    await expect.poll(() => stage.whispers(REQUESTER)).toMatch(/not known|did not answer/i);
    stage.redis.thaw();
    await stage.type(`status ${SERVICE}`);
    await expect.poll(() => stage.whispers(), { timeout: 15_000 }).toContain('192.168.100.77');
    await expectUntouched();
  });
});

describe('Redis gone between approval and write', () => {
  it('means no write until it is back, then the same approval is carried out once', async () => {
    await stage.type(`disable ${SERVICE} ${TARGET}`);
    await stage.change('waiting');
    await expect.poll(() => stage.channelText()).toContain('change.approve');
    const [first] = stage.proxies;
    if (first === undefined) throw new Error('no proxy');
    let struck = false;
    first.hook = async (passing) => {
      const reply = await passing.forward();
      if (!struck) {
        struck = true;
        await stage.redis.kill();
      }
      passing.answer(reply);
    };
    await stage.click('change.approve');
    await expect.poll(() => struck).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await expectUntouched();
    await stage.redis.start();
    await expect.poll(() => stage.redis.client.status, { timeout: 10_000 }).toBe('ready');
    await stage.change('done', 20_000);
    for (const proxy of stage.proxies) expect(proxy.writes).toHaveLength(1);
    for (const node of stage.nodes) expect(await isOut(node.socket, TARGET)).toBe(true);
    await expect.poll(() => stage.channelText(), { timeout: 10_000 }).toContain('is disabled in');
  });
});
