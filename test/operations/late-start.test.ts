import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyLane } from '../../src/operations/apply.ts';
import type { Journal } from '../../src/ports/records.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site, states } from './site.ts';

let redis: StageRedis;
let site: Site;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
});
afterAll(() => redis.stop());

const ID = 'abcd2345';
const LATER = 'bcde3456';

/** A worker that stands still between claiming the change and taking the lane, until `wake`. */
async function frozenStart(changeId: string) {
  const { approval, stage } = await site.record(changeId);
  let wake: () => void = () => undefined;
  const awake = new Promise<void>((resolve) => {
    wake = resolve;
  });
  let reached: () => void = () => undefined;
  const standing = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const journal: Journal = {
    ...site.context.stores.journal,
    async takeLane(lane) {
      reached();
      await awake;
      return site.context.stores.journal.takeLane(lane);
    },
  };
  const context = { ...site.context, stores: { ...site.context.stores, journal } };
  const job = { changeId, lane: 'web', stage, approvalMac: approval?.mac ?? '' };
  const run = applyLane(context, job, new AbortController().signal);
  run.catch(() => undefined);
  await standing;
  return { run, wake };
}

const writes = () => [site.devices['ha-1'].writes.length, site.devices['ha-2'].writes.length];

describe('a worker that was frozen between claiming a change and taking its lane', () => {
  it('does not repeat over a later change what another worker had done meanwhile', async () => {
    await site.plan(ID);
    await site.approve(ID);
    const frozen = await frozenStart(ID);
    expect((await site.apply(ID)).state).toBe('done');
    expect((await site.change(LATER, { verb: 'enable' })).state).toBe('done');
    const before = writes();
    frozen.wake();
    await expect(frozen.run).rejects.toMatchObject({ code: 'HANDED_BACK' });
    expect(writes()).toEqual(before);
    expect(states(site)).toEqual(['enabled', 'enabled']);
    expect((await site.audited(ID)).filter((kind) => kind === 'finished')).toHaveLength(1);
    expect(await site.record(ID)).toMatchObject({ state: 'done', runs: 2 });
  });

  it('writes nothing more where the change was given up as half done', async () => {
    await site.plan(ID);
    await site.approve(ID);
    const frozen = await frozenStart(ID);
    await site.context.stores.changes.update(ID, (latest) => ({ ...latest, runs: 2 }));
    expect((await site.apply(ID)).state).toBe('half-done');
    frozen.wake();
    await expect(frozen.run).rejects.toMatchObject({ code: 'HANDED_BACK' });
    expect(writes()).toEqual([0, 0]);
    expect((await site.record(ID)).state).toBe('half-done');
  });
});
