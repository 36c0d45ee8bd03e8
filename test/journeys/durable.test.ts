import { afterEach, describe, expect, it } from 'vitest';
import { CHANNEL, SERVICE } from '../stage/inventory.ts';
import { ask, isOut, serverState } from '../stage/second-reader.ts';
import { openStage, type Stage, type StageOptions } from '../stage/stage.ts';

const TARGET = '192.168.100.78';
let stage: Stage;
afterEach(() => stage.stop());

async function disabled(options: StageOptions = {}) {
  stage = await openStage({ approval: false, ...options });
  await stage.type(`disable ${SERVICE} ${TARGET}`);
  await stage.change('done');
  for (const node of stage.nodes) expect(await isOut(node.socket, TARGET)).toBe(true);
}

const node = (index: number) => {
  const found = stage.nodes[index];
  if (found === undefined) throw new Error(`no node ${index}`);
  return found;
};

describe('a reload that forgot what was disabled', () => {
  it('is noticed and put back within one look and one write, under the first approval', async () => {
    await disabled();
    const id = (await stage.records.changes.recent(1))[0]?.id ?? '';
    await node(0).reload();
    expect(await isOut(node(0).socket, TARGET)).toBe(false);
    const begun = Date.now();
    await expect
      .poll(() => isOut(node(0).socket, TARGET), { timeout: 5_000, interval: 20 })
      .toBe(true);
    expect(Date.now() - begun).toBeLessThan(2_500);
    const restored = await stage.change('done');
    expect(restored.id).not.toBe(id);
    expect(restored.approval).toMatchObject({ kind: 'restore', by: `restore of ${id}` });
    expect(restored.outcome?.remarks.join()).toMatch(/\d+ sessions reached/);
    await expect.poll(() => stage.channelText()).toContain('restarted or reloaded');
    const [hold] = await stage.records.holds.ofPool('ha-1', SERVICE);
    expect(hold).toMatchObject({ changeId: id, want: { admin: 'disabled' } });
  });

  it('is put back at most three times an hour, then shouted about', async () => {
    await disabled({ nodes: 1 });
    for (let round = 0; round < 3; round += 1) {
      await node(0).reload();
      await expect.poll(() => isOut(node(0).socket, TARGET), { timeout: 6_000 }).toBe(true);
      await stage.change('done');
    }
    await node(0).reload();
    await expect.poll(() => stage.channelText(), { timeout: 8_000 }).toContain('again and again');
    expect(await isOut(node(0).socket, TARGET)).toBe(false);
  });

  it('is not put back during a freeze, and says so', async () => {
    await disabled();
    await stage.type('freeze because an audit');
    await expect.poll(() => stage.whispers()).toContain('an audit');
    await node(0).reload();
    await expect.poll(() => stage.channelText(), { timeout: 8_000 }).toContain('NOT restored');
    expect(await isOut(node(0).socket, TARGET)).toBe(false);
  });

  it('brings a weight back too', async () => {
    stage = await openStage({ approval: false });
    await stage.type(`weight ${SERVICE} ${TARGET} 3`);
    await stage.change('done');
    await node(1).reload();
    await expect
      .poll(async () => (await serverState(node(1).socket, TARGET)).weight, { timeout: 6_000 })
      .toBe(3);
  });
});

describe('a change by hand', () => {
  it('is announced once and never reverted, and not restored after a later reload', async () => {
    await disabled();
    await ask(node(0).socket, `enable server ${SERVICE}/${TARGET}`);
    await expect.poll(() => stage.channelText(), { timeout: 6_000 }).toContain('changed by hand');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const drifts = stage.slack.state
      .channel(CHANNEL)
      .filter(({ text }) => text.includes('changed by hand'));
    expect(drifts).toHaveLength(1);
    expect(await isOut(node(0).socket, TARGET)).toBe(false);
    await node(0).reload();
    await expect.poll(() => stage.channelText(), { timeout: 8_000 }).toContain('NOT restored');
    expect(await isOut(node(0).socket, TARGET)).toBe(false);
  });
});
