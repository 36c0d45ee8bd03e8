import { afterAll, beforeAll, expect, it } from 'vitest';
import { APPROVER, SERVICE } from '../stage/inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ approval: false });
});
afterAll(() => stage.stop());

it('refuses the twenty-first write command of one person within a minute, and nobody else for it', async () => {
  for (let count = 0; count < 21; count += 1) {
    await stage.type(`enable ${SERVICE} 192.168.100.74`);
  }
  await expect.poll(() => stage.whispers()).toContain('more than 20 commands');
  expect(await stage.records.changes.recent(50)).toHaveLength(20);
  await stage.type(`enable ${SERVICE} 192.168.100.74`, APPROVER);
  await expect.poll(async () => (await stage.records.changes.recent(50)).length).toBe(21);
  await stage.type(`status ${SERVICE}`);
  await expect.poll(() => stage.whispers()).toContain('192.168.100.75');
});
