import { afterEach, describe, expect, it } from 'vitest';
import type { SlackMessage } from '../../src/sandbox/slack/wire.ts';
import {
  APPROVER,
  CHANNEL,
  OUTSIDER,
  REQUESTER,
  SECOND_APPROVER,
  SERVICE,
} from '../stage/inventory.ts';
import { ask, isOut, serverState } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { asked, became, clickOn, told, untilAsked } from './acting.ts';

const TARGET = '192.168.100.78';
let stage: Stage;
afterEach(() => stage.stop());

const socket = (index: number) => stage.nodes[index]?.socket ?? '';

/** The messages that tell of a hand on the member, in the channel itself. */
function drifts(): readonly SlackMessage[] {
  return stage.slack.state
    .channel(CHANNEL)
    .filter(({ metadata, thread_ts: thread, ts }) => {
      const isIncident = metadata?.event_type === 'lb_incident';
      return isIncident && (thread === undefined || thread === ts);
    })
    .filter((message) => JSON.stringify(message).includes('by hand'));
}

const words = () => JSON.stringify(drifts().map(({ text, blocks }) => [text, blocks]));

function press(action: 'drift.restore' | 'drift.accept', user: string, stale = false) {
  const ts = drifts()[0]?.ts ?? '';
  return stage.slack.human.click({ user, channel: CHANNEL, ts, action_id: action, stale });
}

/** Disabled by an approved change, then put back in on the first node by somebody at its socket. */
async function disabledAndTouched(): Promise<string> {
  stage = await openStage();
  const { id } = await asked(stage, `disable ${SERVICE} ${TARGET}`);
  await clickOn(stage, id, 'change.approve');
  await became(stage, id, 'done');
  await ask(socket(0), `enable server ${SERVICE}/${TARGET}`);
  await expect.poll(words, { timeout: 10_000 }).toContain('drift.restore');
  return id;
}

describe('a member that is kept out and that a hand put back in', () => {
  it('is restored by a change that production approves, asked for by one click on the message', async () => {
    const first = await disabledAndTouched();
    expect(words()).toContain(`by change ${first}`);
    expect(words()).toContain(`<@${REQUESTER}>`);
    await stage.restartProduct();

    await press('drift.restore', REQUESTER);
    await expect.poll(words).toContain(`<@${REQUESTER}> asked for it to be restored`);
    expect(words()).not.toContain('drift.restore');
    const [open] = await stage.records.changes.open();
    const change = await became(stage, open ?? '', 'waiting');
    expect(change.request).toMatchObject({
      actor: { id: REQUESTER },
      command: { verb: 'disable', members: [TARGET], on: 'ha-1' },
    });
    expect(await isOut(socket(0), TARGET)).toBe(false);

    // Somebody whose screen is a moment old.
    await press('drift.accept', APPROVER, true);
    await expect
      .poll(() => told(stage, APPROVER).join())
      .toContain(`<@${REQUESTER}> asked for it to be restored`);

    await untilAsked(stage, change.id);
    await clickOn(stage, change.id, 'change.approve');
    await became(stage, change.id, 'done');
    expect(await isOut(socket(0), TARGET)).toBe(true);
    expect((await stage.records.changes.recent(10)).length).toBe(2);
    const [hold] = await stage.records.holds.ofPool('ha-1', SERVICE);
    expect(hold).toMatchObject({ changeId: change.id, restore: { admin: 'enabled', weight: 10 } });
    expect(hold?.suspended).toBeUndefined();
    const ended = () => drifts().filter(({ text }) => text.includes('by change'));
    await expect.poll(() => ended().length, { timeout: 5_000 }).toBe(1);
    expect(drifts()).toHaveLength(1);
  });

  it('can be left as it is by an operator, by name, and then nothing keeps it out', async () => {
    const first = await disabledAndTouched();
    await press('drift.accept', OUTSIDER);
    await expect.poll(() => told(stage, OUTSIDER).join()).toContain('needs the role operator');
    // Approvers are asked about changes; here nothing is written.
    await press('drift.accept', SECOND_APPROVER);
    await expect.poll(() => told(stage, SECOND_APPROVER).join()).toContain('role operator');
    expect(await stage.records.holds.ofPool('ha-1', SERVICE)).toHaveLength(1);

    await press('drift.accept', APPROVER);
    await expect.poll(words).toContain(`<@${APPROVER}> accepted it as it is`);
    expect(words()).not.toContain('"drift.accept"');
    await expect.poll(() => stage.records.holds.ofPool('ha-1', SERVICE)).toHaveLength(0);
    expect(await stage.records.holds.ofPool('ha-2', SERVICE)).toHaveLength(1);
    const { entries } = await stage.records.audit.readAll();
    const accepted = entries.filter(({ kind }) => kind === 'accepted');
    expect(accepted).toMatchObject([
      { changeId: first, actor: APPROVER, detail: { balancer: 'ha-1', member: TARGET } },
    ]);
    await press('drift.restore', REQUESTER, true);
    await expect.poll(() => told(stage, REQUESTER).join()).toContain(`<@${APPROVER}> accepted it`);

    // A reload forgets it, and nobody brings it back or speaks of it.
    await stage.nodes[0]?.reload();
    await stage.nodes[1]?.reload();
    await expect.poll(() => isOut(socket(1), TARGET), { timeout: 10_000 }).toBe(true);
    expect((await serverState(socket(0), TARGET)).admin).toBe(0);
    expect(stage.channelText()).not.toContain('NOT restored');
  });
});
