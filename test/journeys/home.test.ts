import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APPROVER, GUEST, OUTSIDER, REQUESTER, SERVICE } from '../stage/inventory.ts';
import { isOut } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { asked, became } from './acting.ts';

const TARGET = '192.168.100.78';
const SOON = { timeout: 10_000 };
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.stop());

const home = (user: string) => JSON.stringify(stage.slack.state.home(user)?.blocks ?? []);
const open = (user: string) => stage.slack.human.openHome({ user });

describe('the Home tab', () => {
  let changeId = '';

  it('refuses guests politely', async () => {
    await open(GUEST);
    await expect.poll(() => home(GUEST), SOON).toContain('Guests may not use it');
    expect(home(GUEST)).not.toContain('"button"');
  });

  it('is empty before anything happened', async () => {
    await open(APPROVER);
    await expect.poll(() => home(APPROVER), SOON).toContain('Nothing waits for your approval.');
    expect(home(APPROVER)).toContain('The bot keeps no member out.');
  });

  it('shows what waits, with its commands, to whoever may approve it, and to nobody else', async () => {
    ({ id: changeId } = await asked(stage, `disable ${SERVICE} ${TARGET} because a new kernel`));
    for (const user of [APPROVER, REQUESTER, OUTSIDER]) await open(user);
    await expect.poll(() => home(APPROVER), SOON).toContain('change.approve');
    expect(home(APPROVER)).toContain(`disable server ${SERVICE}/${TARGET}`);
    await expect.poll(() => home(REQUESTER), SOON).toContain('change.cancel');
    expect(home(REQUESTER)).not.toContain('change.approve');
    await expect.poll(() => home(OUTSIDER), SOON).toContain('Nothing waits');
  });

  it('says when each balancer answered', async () => {
    for (const node of ['ha-1', 'ha-2']) {
      expect(home(APPROVER)).toContain(`✓ *${node}* answered`);
    }
  });

  it("takes no yes from a forged click: the requester's own, an outsider's, another plan", async () => {
    const { blocks = [] } = stage.slack.state.home(APPROVER) ?? {};
    // What the approver sees, shown to somebody else: who clicks is what counts.
    const view = { type: 'home', blocks };
    for (const user of [REQUESTER, OUTSIDER]) {
      const published = await fetch(`${stage.slack.apiUrl}views.publish`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${stage.slack.botToken}`,
        },
        body: JSON.stringify({ user_id: user, view }),
      });
      expect(await published.json()).toMatchObject({ ok: true });
      await stage.slack.human.clickHome({ user, action_id: 'change.approve' });
      const direct = `D${user.slice(1)}`;
      await expect
        .poll(() => stage.slack.state.channel(direct).map(({ text }) => text), SOON)
        .toEqual([expect.stringContaining('Your decision was not taken.')]);
    }
    expect((await became(stage, changeId, 'waiting')).approval).toBeUndefined();
  });

  it("carries out the approver's click there, and the card shows it", async () => {
    const click = { user: APPROVER, action_id: 'change.approve' };
    expect((await stage.slack.human.clickHome(click)).ok).toBe(true);
    await became(stage, changeId, 'done');
    for (const node of stage.nodes) expect(await isOut(node.socket, TARGET)).toBe(true);
    await expect.poll(() => stage.channelText(), SOON).toContain('is disabled in');
  });

  it('is drawn anew by itself: the decision is gone, the member is out', async () => {
    for (const user of [APPROVER, REQUESTER]) {
      await expect.poll(() => home(user), SOON).toContain('Nothing waits for your approval.');
      await expect
        .poll(() => home(user), SOON)
        .toContain(`\`${TARGET}\` of *${SERVICE}* is disabled`);
      expect(home(user)).toContain(changeId);
    }
  });

  it('tells whoever clicks on what is over that it is over', async () => {
    const { id } = await asked(stage, `disable ${SERVICE} 192.168.100.77`);
    await open(APPROVER);
    await expect.poll(() => home(APPROVER), SOON).toContain(id);
    await stage.slack.human.openHome({ user: REQUESTER });
    await expect.poll(() => home(REQUESTER), SOON).toContain('change.cancel');
    await stage.slack.human.clickHome({ user: REQUESTER, action_id: 'change.cancel' });
    await became(stage, id, 'cancelled');
    await stage.slack.human.clickHome({ user: APPROVER, action_id: 'change.approve' });
    await expect
      .poll(() => stage.slack.state.channel(`D${APPROVER.slice(1)}`).at(-1)?.text, SOON)
      .toContain(`It was cancelled by ${REQUESTER}`);
    await expect.poll(() => home(APPROVER), SOON).toContain('Nothing waits for your approval.');
  });
});
