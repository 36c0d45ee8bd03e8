import { afterEach, describe, expect, it } from 'vitest';
import type { AdminInput, FaultInput } from '../../src/sandbox/slack/human-schema.ts';
import { APPROVER, OPERATORS, REQUESTER, SECOND_APPROVER, SERVICE } from '../stage/inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import {
  asked,
  auditedActors,
  became,
  clickOn,
  expectNothingTaken,
  told,
  typed,
} from './acting.ts';

/*
 * That a changed group counts after a minute at most is shown with a clock set by hand in test/slack/directory.test.ts.
 */

const COMMAND = `disable ${SERVICE} 192.168.100.78`;
const APPROVERS = 'S0APPROVE';
const LOOKUP = 'usergroups.users.list';

let stage: Stage;
afterEach(() => stage.stop());

async function opened(approvers: readonly string[] = [APPROVERS]) {
  stage = await openStage({
    nodes: 1,
    approvers,
    slack: {
      userGroups: [
        { id: OPERATORS, handle: 'operators', users: [REQUESTER] },
        { id: APPROVERS, handle: 'approvers', users: [APPROVER] },
      ],
    },
  });
}

describe('somebody whose right comes from a user group', () => {
  it('may ask and approve while the group has them', async () => {
    await opened();
    const { id } = await asked(stage, COMMAND);
    await clickOn(stage, id, 'change.approve');
    expect((await became(stage, id, 'done')).approval?.by).toBe(APPROVER);
  });

  const changes: [what: string, act: AdminInput][] = [
    ['is disabled', { usergroup: OPERATORS, disabled: true }],
    ['is empty', { usergroup: OPERATORS, users: [] }],
    ['has others only', { usergroup: OPERATORS, users: [SECOND_APPROVER] }],
  ];
  it.each(changes)('may not ask when the group %s', async (_what, act) => {
    await opened();
    stage.slack.human.admin(act);
    expect(await typed(stage, COMMAND)).toContain('needs the role operator');
    await expectNothingTaken(stage);
  });

  const faults: [what: string, fault: Omit<Exclude<FaultInput, { clear: true }>, 'method'>][] = [
    ['an error', { error: 'internal_error' }],
    ['a missing scope', { error: 'missing_scope' }],
    ['a rate limit', { retryAfter: 30 }],
    ['an outage', { status: 503 }],
    ['a cut connection', { drop: true }],
  ];
  it.each(faults)(
    'may not ask when looking it up ends in %s; the reason is that, and it is not remembered',
    async (_what, fault) => {
      await opened();
      stage.slack.human.fault({ method: LOOKUP, times: 100, ...fault });
      const answer = await typed(stage, COMMAND);
      expect(answer).toContain('Slack did not say who you are');
      expect(answer).toContain('Looking up group');
      expect(answer).not.toContain('needs the role');
      await expectNothingTaken(stage);
      stage.slack.human.fault({ clear: true });
      await asked(stage, COMMAND);
    },
  );

  it('may not approve after the group lost them, or was disabled', async () => {
    await opened();
    const { id } = await asked(stage, COMMAND);
    for (const act of [
      { usergroup: APPROVERS, users: [SECOND_APPROVER] },
      { usergroup: APPROVERS, users: [APPROVER], disabled: true },
    ]) {
      stage.slack.human.admin(act);
      // A new process remembers no group.
      await stage.restartProduct();
      const before = told(stage, APPROVER).length;
      await clickOn(stage, id, 'change.approve');
      await expect
        .poll(() => told(stage, APPROVER).slice(before).join())
        .toContain('role approver');
    }
    expect((await stage.records.changes.get(id))?.state).toBe('waiting');
    expect(await auditedActors(stage, id, 'refused')).toEqual([APPROVER, APPROVER]);
  });

  it('may not approve while the group cannot be looked up; somebody named by id still may', async () => {
    await opened([APPROVERS, SECOND_APPROVER]);
    const { id } = await asked(stage, COMMAND);
    await stage.restartProduct();
    stage.slack.human.fault({ method: LOOKUP, times: 100, status: 500 });
    await clickOn(stage, id, 'change.approve');
    await expect
      .poll(() => told(stage, APPROVER).join())
      .toContain('Slack did not say who you are');
    expect((await stage.records.changes.get(id))?.state).toBe('waiting');
    await clickOn(stage, id, 'change.approve', SECOND_APPROVER);
    expect((await became(stage, id, 'done')).approval?.by).toBe(SECOND_APPROVER);
  });
});
