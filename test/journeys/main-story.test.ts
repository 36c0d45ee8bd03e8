import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APPROVER, OUTSIDER, REQUESTER, SERVICE } from '../stage/inventory.ts';
import { isOut, serverState } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';

const TARGET = '192.168.100.78';
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.stop());

const sockets = () => stage.nodes.map((node) => node.socket);

describe('a member taken out of production and brought back', () => {
  it('answers a status question to the asker alone', async () => {
    await stage.type(`status ${SERVICE}`);
    await expect.poll(() => stage.whispers()).toContain(TARGET);
    expect(stage.channelText()).not.toContain(TARGET);
  });

  it('shows a plan with the exact commands and changes nothing before somebody agrees', async () => {
    await stage.type(`disable ${SERVICE} ${TARGET} because a new kernel`);
    await stage.change('waiting');
    await expect.poll(() => stage.channelText()).toContain('change.approve');
    const text = stage.channelText();
    expect(text).toContain(`disable server ${SERVICE}/${TARGET}`);
    expect(text).toContain('a new kernel');
    for (const socket of sockets()) expect(await isOut(socket, TARGET)).toBe(false);
  });

  it("refuses the requester's own click and an outsider's, each with a reason", async () => {
    await stage.click('change.approve', REQUESTER);
    await expect.poll(() => stage.whispers(REQUESTER)).toContain('somebody else must approve');
    await stage.click('change.approve', OUTSIDER);
    await expect.poll(() => stage.whispers(OUTSIDER)).toContain('role approver');
    expect((await stage.change('waiting')).approval).toBeUndefined();
  });

  it("turns the card into the outcome after the approver's click, on both nodes", async () => {
    await stage.click('change.approve', APPROVER);
    const done = await stage.change('done');
    for (const socket of sockets()) expect(await isOut(socket, TARGET)).toBe(true);
    expect(done.outcome?.steps.map(({ result }) => result)).toEqual(['verified', 'verified']);
    await expect.poll(() => stage.channelText()).toContain('is disabled in');
    await expect.poll(() => stage.channelText()).not.toContain('change.approve');
    const cards = stage.slack.state.channel('C0OPS').filter((message) => !message.thread_ts);
    expect(cards).toHaveLength(1);
  });

  it('says in the status who took it out', async () => {
    await stage.type(`status ${SERVICE}`);
    await expect.poll(() => stage.whispers()).toContain(APPROVER);
  });

  it('brings it back with the weight it had', async () => {
    await stage.type(`enable ${SERVICE} ${TARGET}`);
    await stage.change('waiting');
    await expect.poll(() => stage.channelText()).toContain('change.approve');
    await stage.click('change.approve');
    await stage.change('done');
    for (const socket of sockets()) {
      expect(await serverState(socket, TARGET)).toEqual({ admin: 0, weight: 10 });
    }
  });

  it('keeps an unbroken audit chain that names requester and approver', async () => {
    const { entries, headSigned } = await stage.records.audit.readAll();
    expect(headSigned).toBe(true);
    const kinds = entries.map((entry) => entry.kind);
    expect(kinds).toEqual(
      expect.arrayContaining([
        'requested',
        'planned',
        'approved',
        'about-to',
        'verified',
        'finished',
      ]),
    );
    expect(entries.filter(({ kind }) => kind === 'about-to')).toHaveLength(4);
  });
});
