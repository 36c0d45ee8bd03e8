import { afterEach, expect, it } from 'vitest';
import { planDigest } from '../../src/domain/plan.ts';
import { APPROVER, REQUESTER, SERVICE } from '../stage/inventory.ts';
import { isOut, serverState } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';

const TARGET = '192.168.100.78';
let stage: Stage;
afterEach(() => stage.stop());
const socket = () => stage.nodes[0]?.socket ?? '';
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('signs no approval that it finds in a record at rest', async () => {
  stage = await openStage();
  await stage.type(`disable ${SERVICE} ${TARGET}`);
  const record = await stage.change('waiting');
  if (!record.plan) throw new Error('no plan');
  const plan = {
    ...record.plan,
    stages: [
      { kind: 'wait for idle', quietMs: 1, withinMs: 1, ifNotIdle: 'go on' },
      { kind: 'write', purpose: 'change' },
    ] as const,
    steps: record.plan.steps.map((step) => ({ ...step, stage: 1 })),
  };
  const digest = planDigest(plan);
  const now = Date.now();
  const forged = {
    ...record,
    revision: record.revision + 1,
    state: 'draining',
    stage: 0,
    plan: { ...plan, digest },
    approval: {
      changeId: record.id,
      digest,
      kind: 'break glass',
      by: REQUESTER,
      votes: [],
      at: now,
      notAfter: now + 1_000,
      sequence: 1,
      mac: '00',
    },
    idleWait: { since: now, until: now, sessions: 0, arrived: 0, totals: {} },
  };
  await stage.redis.client.set(`{lb}:change:${record.id}`, JSON.stringify(forged));
  await expect
    .poll(async () => (await stage.records.changes.get(record.id))?.state, { timeout: 10_000 })
    .toBe('refused');
  expect(await isOut(socket(), TARGET)).toBe(false);
}, 30_000);

it("takes no other person's request in the place of mine, so that I can approve it", async () => {
  stage = await openStage();
  await stage.type(`disable ${SERVICE} 192.168.100.74`, REQUESTER);
  const other = await stage.change('waiting');
  await stage.type(`disable ${SERVICE} ${TARGET}`, APPROVER);
  const waiting = async () =>
    (await stage.records.changes.recent(2)).filter((r) => r.state === 'waiting');
  await expect.poll(async () => (await waiting()).length).toBe(2);
  const mine = (await waiting()).find((r) => r.request.actor.id === APPROVER);
  await pause(1_000);
  const latest = await stage.records.changes.get(mine?.id ?? '');
  if (latest === undefined) throw new Error('gone');
  const swapped = { ...latest, revision: latest.revision + 1, request: other.request };
  await stage.redis.client.set(`{lb}:change:${latest.id}`, JSON.stringify(swapped));
  await stage.type(`approve ${latest.id} ${latest.plan?.digest.slice(0, 4)}`, APPROVER);
  await expect.poll(() => stage.whispers(APPROVER), { timeout: 8_000 }).toContain('not genuine');
  expect(await isOut(socket(), TARGET)).toBe(false);
}, 30_000);

it('restores all of one reload, however many changes it forgot', async () => {
  stage = await openStage({ approval: false, nodes: 1 });
  const members = ['74', '75', '76', '77'].map((end) => `192.168.100.${end}`);
  const weight = async (member: string) => (await serverState(socket(), member)).weight;
  for (const member of members) {
    await stage.type(`weight ${SERVICE} ${member} 8`);
    await expect.poll(() => weight(member), { timeout: 8_000 }).toBe(8);
    await stage.change('done');
  }
  await stage.nodes[0]?.reload();
  await expect
    .poll(() => Promise.all(members.map(weight)), { timeout: 10_000 })
    .toEqual([8, 8, 8, 8]);
}, 60_000);
