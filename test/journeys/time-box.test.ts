import { afterEach, describe, expect, it } from 'vitest';
import { SERVICE } from '../stage/inventory.ts';
import { ask, isOut, serverState } from '../stage/second-reader.ts';
import { openStage, type Stage, type StageOptions } from '../stage/stage.ts';

const TARGET = '192.168.100.78';
let stage: Stage;
afterEach(() => stage.stop());

async function open(options: StageOptions = {}) {
  stage = await openStage({ approval: false, ...options });
}

const sockets = () => stage.nodes.map((node) => node.socket);
const writes = () => stage.proxies.map((proxy) => proxy.writes.length);

/** Makes the end of the running time box come at once, or after so many ms. */
async function endIn(ms: number) {
  const { id } = await stage.change('holding');
  const record = await stage.records.changes.update(id, (latest) => ({
    ...latest,
    ...(latest.hold === undefined
      ? {}
      : { hold: { ...latest.hold, until: Date.now() + ms, reminded: true } }),
  }));
  await stage.wake(id);
  return record.id;
}

describe('a time box', () => {
  it('brings the member back by itself, once, within five seconds of its time', async () => {
    await open();
    await stage.type(`disable ${SERVICE} ${TARGET} for 10s`);
    await stage.change('holding');
    for (const socket of sockets()) expect(await isOut(socket, TARGET)).toBe(true);
    await endIn(0);
    const done = await stage.change('done', 8_000);
    for (const socket of sockets()) {
      expect(await serverState(socket, TARGET)).toEqual({ admin: 0, weight: 10 });
    }
    expect(writes()).toEqual([2, 2]);
    expect(done.outcome?.remarks.join()).not.toContain('late');
    expect(await stage.records.holds.pools()).toEqual([]);
  });

  it('does so for a weight too', async () => {
    await open();
    await stage.type(`weight ${SERVICE} ${TARGET} 50% for 10s`);
    await stage.change('holding');
    for (const socket of sockets()) expect((await serverState(socket, TARGET)).weight).toBe(5);
    await endIn(0);
    await stage.change('done', 8_000);
    for (const socket of sockets()) expect((await serverState(socket, TARGET)).weight).toBe(10);
  });

  it('leaves alone what somebody else changed meanwhile, and says so', async () => {
    await open();
    await stage.type(`disable ${SERVICE} ${TARGET} for 10s`);
    await stage.change('holding');
    const [first] = sockets();
    await ask(first ?? '', `set server ${SERVICE}/${TARGET} state drain`);
    await endIn(0);
    const done = await stage.change('done', 8_000);
    expect(done.outcome?.remarks.join()).toContain('left alone');
    expect((await serverState(first ?? '', TARGET)).admin & 9).toBe(8);
    expect((await serverState(sockets()[1] ?? '', TARGET)).admin).toBe(0);
  });

  it('stays out and says so loudly when our own check does not reach the member', async () => {
    await open();
    await stage.type(`disable ${SERVICE} ${TARGET} for 10s`);
    await stage.change('holding');
    await stage.members.stop(TARGET);
    await endIn(0);
    const failed = await stage.change('failed', 8_000);
    expect(failed.fault?.code).toBe('NOT_RETURNED');
    for (const socket of sockets()) expect(await isOut(socket, TARGET)).toBe(true);
    await expect.poll(() => stage.channelText()).toContain('does not reach');
  });

  it('waits for the end of a freeze, and says so', async () => {
    await open();
    await stage.type(`disable ${SERVICE} ${TARGET} for 10s`);
    await stage.change('holding');
    await stage.type('freeze because quarter end');
    await expect.poll(() => stage.whispers()).toContain('quarter end');
    const id = await endIn(0);
    await expect
      .poll(async () => (await stage.records.changes.get(id))?.hold?.obstacle, { timeout: 8_000 })
      .toContain('quarter end');
    for (const socket of sockets()) expect(await isOut(socket, TARGET)).toBe(true);
    await stage.type('unfreeze');
    await stage.change('done', 10_000);
    for (const socket of sockets()) expect(await isOut(socket, TARGET)).toBe(false);
  });

  it('can be extended and ended early by enable', async () => {
    await open();
    await stage.type(`disable ${SERVICE} ${TARGET} for 10m`);
    const { id, hold } = await stage.change('holding');
    await stage.type(`extend ${id} 30m`);
    await expect
      .poll(async () => (await stage.records.changes.get(id))?.hold?.until)
      .toBe((hold?.until ?? 0) + 30 * 60_000);
    await expect
      .poll(async () => (await stage.records.holds.ofPool('ha-1', SERVICE))[0]?.until)
      .toBeGreaterThan(Date.now() + 35 * 60_000);
    await stage.type(`enable ${SERVICE} ${TARGET}`);
    await expect
      .poll(async () => (await stage.records.changes.get(id))?.state, { timeout: 8_000 })
      .toBe('done');
    for (const socket of sockets()) expect(await isOut(socket, TARGET)).toBe(false);
  });

  it('comes back late and says so when the store was away at its time', async () => {
    await open();
    await stage.type(`disable ${SERVICE} ${TARGET} for 10s`);
    await stage.change('holding');
    await endIn(-60_000);
    const done = await stage.change('done', 8_000);
    expect(done.outcome?.remarks.join()).toContain('late');
  });
});

describe('a freeze', () => {
  it('refuses every new write with who froze and why, and lets questions through', async () => {
    await open();
    await stage.type(`freeze ${SERVICE} for 2h because a launch`);
    await expect.poll(() => stage.whispers()).toContain('a launch');
    await stage.type(`disable ${SERVICE} ${TARGET}`);
    await expect.poll(() => stage.whispers()).toContain('is frozen by');
    expect(await stage.records.changes.recent(5)).toEqual([]);
    await stage.type(`status ${SERVICE}`);
    await expect.poll(() => stage.whispers()).toContain('192.168.100.74');
    expect(writes()).toEqual([0, 0]);
  });

  it('stops a change that was approved before it and has not begun', async () => {
    stage = await openStage({});
    await stage.type(`disable ${SERVICE} ${TARGET}`);
    await stage.change('waiting');
    await expect.poll(() => stage.channelText()).toContain('change.approve');
    await stage.type('freeze because now');
    await expect.poll(() => stage.whispers()).toContain('frozen');
    await stage.click('change.approve');
    const refused = await stage.change('refused');
    expect(refused.fault?.code).toBe('FROZEN');
    expect(writes()).toEqual([0, 0]);
  });
});
