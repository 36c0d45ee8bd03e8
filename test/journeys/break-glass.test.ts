import { afterEach, describe, expect, it } from 'vitest';
import { APPROVER, CHANNEL, REQUESTER, SECOND_APPROVER, SERVICE } from '../stage/inventory.ts';
import { isOut } from '../stage/second-reader.ts';
import { openStage, type Stage, type StageOptions } from '../stage/stage.ts';
import { startLb } from '../stage/worker-process.ts';

const TARGET = '192.168.100.78';
let stage: Stage;
afterEach(() => stage.stop());

async function open(options: StageOptions = {}) {
  stage = await openStage(options);
}

const everywhere = async (out: boolean) => {
  for (const node of stage.nodes) expect(await isOut(node.socket, TARGET)).toBe(out);
};

describe('break-glass', () => {
  it('changes production without waiting, loudly, and stays open until somebody else acknowledges', async () => {
    await open({ breakGlass: [REQUESTER] });
    await stage.type(`disable ${SERVICE} ${TARGET} break glass because the site burns`);
    const done = await stage.change('done');
    await everywhere(true);
    expect(done.approval).toMatchObject({ kind: 'break glass', by: REQUESTER });
    await expect.poll(() => stage.channelText()).toMatch(/break.?glass/i);
    await expect.poll(() => stage.channelText()).toContain('change.acknowledge');
    await stage.type(`acknowledge ${done.id}`, REQUESTER);
    await expect.poll(() => stage.whispers(REQUESTER)).toContain('somebody else');
    await stage.type(`acknowledge ${done.id}`, APPROVER);
    await expect
      .poll(async () => (await stage.records.changes.get(done.id))?.acknowledged?.by)
      .toBe(APPROVER);
    await expect.poll(() => stage.channelText()).not.toContain('change.acknowledge');
  });

  it('needs its role and a reason', async () => {
    await open({ breakGlass: [SECOND_APPROVER] });
    await stage.type(`disable ${SERVICE} ${TARGET} break glass because I may not`);
    await expect.poll(() => stage.whispers()).toContain('break_glass');
    await stage.type(`disable ${SERVICE} ${TARGET} break glass`, SECOND_APPROVER);
    await expect.poll(() => stage.whispers(SECOND_APPROVER)).toMatch(/reason|because/);
    await everywhere(false);
    expect(await stage.records.changes.recent(5)).toEqual([]);
  });

  it('never skips the guard', async () => {
    await open({ breakGlass: [REQUESTER] });
    const most = ['74', '75', '76'].map((end) => `192.168.100.${end}`).join(',');
    await stage.type(`disable ${SERVICE} ${most} break glass because the site burns`);
    const refused = await stage.change('refused');
    expect(refused.fault?.code).toBe('GUARD');
    for (const proxy of stage.proxies) expect(proxy.writes).toEqual([]);
  });

  it('works from the shell while Slack is away, and the channel hears of it when Slack is back', async () => {
    await open({ breakGlass: [REQUESTER] });
    const methods = [
      'users.info',
      'usergroups.users.list',
      'conversations.info',
      'chat.postMessage',
      'chat.update',
    ];
    for (const method of methods) {
      stage.slack.human.fault({ method, times: 1_000, status: 503 });
    }
    const run = startLb(
      ['disable', SERVICE, TARGET, 'break', 'glass', 'because', 'Slack', 'is', 'away'],
      stage.environment,
    );
    expect(await run.exited).toBe(0);
    await everywhere(true);
    stage.slack.human.fault({ clear: true });
    await expect.poll(() => stage.channelText(), { timeout: 40_000 }).toContain('Slack is away');
  });
});

describe('two approvers', () => {
  const approve = (user: string) => {
    const card = stage.slack.state.channel(CHANNEL).find((message) => !message.thread_ts);
    return stage.slack.human.click({
      user,
      channel: CHANNEL,
      ts: card?.ts ?? '',
      action_id: 'change.approve',
    });
  };

  it('must both agree, and one person counts once', async () => {
    await open({ required: 2 });
    await stage.type(`disable ${SERVICE} ${TARGET}`);
    const { id } = await stage.change('waiting');
    await expect.poll(() => stage.channelText()).toContain('change.approve');
    await approve(APPROVER);
    await expect.poll(async () => (await stage.records.changes.get(id))?.votes?.length).toBe(1);
    await approve(APPROVER);
    await expect.poll(() => stage.whispers(APPROVER)).toContain('already');
    await everywhere(false);
    await approve(SECOND_APPROVER);
    const done = await stage.change('done');
    expect(done.approval?.votes).toEqual([APPROVER, SECOND_APPROVER]);
    await everywhere(true);
  });
});
