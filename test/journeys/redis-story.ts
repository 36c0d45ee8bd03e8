import { expect } from 'vitest';
import { SERVICE } from '../stage/inventory.ts';
import { isOut, serverState } from '../stage/second-reader.ts';
import type { Stage } from '../stage/stage.ts';

export const TARGET = '192.168.100.78';

export async function expectOut(stage: Stage, out: boolean): Promise<void> {
  for (const node of stage.nodes) expect(await isOut(node.socket, TARGET)).toBe(out);
}

/** Types the command and waits until the card with its buttons stands in the channel. */
export async function ask(stage: Stage, verb: 'disable' | 'enable'): Promise<string> {
  await stage.type(`${verb} ${SERVICE} ${TARGET} because of a story`);
  const { id } = await stage.change('waiting');
  await expect.poll(() => stage.channelText(), { timeout: 10_000 }).toContain('change.approve');
  return id;
}

/** The whole of it: a question, a member out by approval, and back in again. */
export async function playMainStory(stage: Stage): Promise<void> {
  await stage.type(`status ${SERVICE}`);
  await expect.poll(() => stage.whispers(), { timeout: 10_000 }).toContain(TARGET);
  await ask(stage, 'disable');
  await expectOut(stage, false);
  await stage.click('change.approve');
  await stage.change('done');
  await expectOut(stage, true);
  await expect.poll(() => stage.channelText(), { timeout: 10_000 }).toContain('is disabled in');
  await ask(stage, 'enable');
  await stage.click('change.approve');
  await stage.change('done');
  for (const node of stage.nodes) {
    expect(await serverState(node.socket, TARGET)).toEqual({ admin: 0, weight: 10 });
  }
  const { entries, headSigned } = await stage.records.audit.readAll();
  expect(headSigned).toBe(true);
  expect(entries.filter(({ kind }) => kind === 'approved')).toHaveLength(2);
}
