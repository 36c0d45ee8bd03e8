import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APPROVER, CHANNEL, REQUESTER, SERVICE } from '../stage/inventory.ts';
import { isOut } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';

const TARGET = '192.168.100.78';
let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ mode: 'http' });
});
afterAll(() => stage.stop());

const out = () => Promise.all(stage.nodes.map((node) => isOut(node.socket, TARGET)));

describe('the main story over signed HTTP', () => {
  it('uses no socket: Slack calls the bot', async () => {
    expect(stage.product()?.slackUrl()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/slack\/events$/);
    expect(stage.slack.state.sockets).toBe(0);
    expect(await stage.product()?.notReady()).toEqual([]);
  });

  it('plans on a command and waits', async () => {
    await stage.type(`disable ${SERVICE} ${TARGET} because a new kernel`);
    await stage.change('waiting');
    await expect.poll(() => stage.channelText()).toContain('change.approve');
    expect(await out()).toEqual([false, false]);
  });

  it("takes a click that is not genuine for nobody's", async () => {
    for (const signature of ['wrong', 'stale'] as const) {
      const card = stage.slack.state.channel(CHANNEL).at(-1);
      const click = { user: APPROVER, channel: CHANNEL, ts: card?.ts ?? '' };
      const forged = { ...click, action_id: 'change.approve', override: { signature } };
      const acted = await stage.slack.human.click(forged);
      expect(acted).toEqual({ ok: false, error: 'HTTP 401' });
    }
    expect((await stage.change('waiting')).approval).toBeUndefined();
  });

  it("refuses the requester's own click with a reason", async () => {
    await stage.click('change.approve', REQUESTER);
    await expect.poll(() => stage.whispers(REQUESTER)).toContain('somebody else must approve');
  });

  it("changes both nodes on the approver's click, and once when the click is sent again", async () => {
    await stage.click('change.approve', APPROVER);
    await stage.slack.human.redeliver({ delivery: stage.slack.state.deliveries.length - 1 });
    await stage.change('done');
    expect(await out()).toEqual([true, true]);
    await expect.poll(() => stage.channelText()).toContain('is disabled in');
    const { entries } = await stage.records.audit.readAll();
    expect(entries.filter(({ kind }) => kind === 'approved')).toHaveLength(1);
    expect(entries.filter(({ kind }) => kind === 'about-to')).toHaveLength(2);
  });

  it('is there again after a restart, at another port', async () => {
    await stage.restartProduct();
    await stage.type(`status ${SERVICE}`);
    await expect.poll(() => stage.whispers()).toContain(TARGET);
  });
});
