import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CommandInput } from '../../src/sandbox/slack/human-schema.ts';
import {
  APPROVER,
  CHANNEL,
  GUEST,
  OPERATORS,
  OUTSIDER,
  REQUESTER,
  SERVICE,
} from '../stage/inventory.ts';
import { isOut } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import {
  answerOf,
  asked,
  auditedActors,
  became,
  cardsOf,
  clickOn,
  expectNothingTaken,
  idIn,
  requestsQueued,
  told,
  typed,
} from './acting.ts';

const TARGET = '192.168.100.78';
const COMMAND = `disable ${SERVICE} ${TARGET}`;
const BOT = 'U0OTHRBOT';
const LEAVER = 'U0LEFT001';
const STRANGER = 'U0STRANGE';
const SHARED = 'C0SHARED';

/** Everybody is in the group and an approver by name: only what they are keeps them out. */
const everybody = [REQUESTER, APPROVER, GUEST, BOT, LEAVER, STRANGER];
const slack = {
  users: [
    { id: REQUESTER, name: 'requester' },
    { id: APPROVER, name: 'approver' },
    { id: OUTSIDER, name: 'outsider' },
    { id: GUEST, name: 'guest', is_restricted: true },
    { id: BOT, name: 'bot', is_bot: true },
    { id: LEAVER, name: 'leaver', deleted: true },
    { id: STRANGER, name: 'stranger', team_id: 'T0OTHER' },
  ],
  channels: [
    { id: CHANNEL, name: 'ops' },
    { id: SHARED, name: 'with-partner', is_ext_shared: true },
  ],
  userGroups: [{ id: OPERATORS, handle: 'operators', users: everybody }],
};

let stage: Stage;

const hostile: [who: string, input: Partial<CommandInput>, reason: string][] = [
  ['another workspace', { override: { team_id: 'T0OTHER' } }, 'its own workspace only'],
  ['another Slack app', { override: { api_app_id: 'A0OTHER' } }, 'another Slack app'],
  ['a bot', { user: BOT }, 'Bots may not'],
  ['a guest', { user: GUEST }, 'Guests may not'],
  ['somebody who left', { user: LEAVER }, 'deactivated'],
  ['another organisation', { user: STRANGER }, 'another one'],
];

describe('a command of', () => {
  beforeAll(async () => {
    stage = await openStage({ nodes: 1, slack });
  });
  afterAll(() => stage.stop());

  it.each(hostile)(
    '%s is refused with the reason, and nothing is queued',
    async (_who, input, reason) => {
      const answer = await typed(stage, COMMAND, { force: true, ...input });
      expect(answer).toContain(reason);
      expect(answer).toContain('Nothing was changed');
      await expectNothingTaken(stage);
    },
  );

  it('an outsider is refused with the role that is missing', async () => {
    expect(await typed(stage, COMMAND, { user: OUTSIDER })).toContain('needs the role operator');
    await expectNothingTaken(stage);
  });

  it('an operator in a channel shared with another organisation is refused in private', async () => {
    const id = idIn(await typed(stage, COMMAND, { channel: SHARED }));
    expect((await became(stage, id, 'refused')).fault?.code).toBe('NOT_ALLOWED');
    await expect.poll(() => told(stage, REQUESTER).join('\n')).toContain('another organisation');
    expect(cardsOf(stage, id)).toEqual([]);
    expect(stage.slack.state.channel(CHANNEL)).toEqual([]);
    expect(stage.slack.state.channel(SHARED)).toEqual([]);
  });
});

describe('a click on a waiting card by', () => {
  let changeId = '';
  beforeAll(async () => {
    stage = await openStage({ nodes: 1, slack, approvers: everybody });
    changeId = (await asked(stage, COMMAND)).id;
  });
  afterAll(() => stage.stop());

  const clicks: [who: string, user: string, override: CommandInput['override'], reason: string][] =
    [
      ['another workspace', APPROVER, { team_id: 'T0OTHER' }, 'its own workspace only'],
      ['another Slack app', APPROVER, { api_app_id: 'A0OTHER' }, 'another Slack app'],
      [
        'somebody of another organisation',
        APPROVER,
        { user_team_id: 'T0OTHER' },
        'another organisation',
      ],
      ['a guest', GUEST, undefined, 'Guests may not'],
      ['a bot', BOT, undefined, 'Bots may not'],
      ['somebody who left', LEAVER, undefined, 'deactivated'],
    ];

  it.each(clicks)(
    '%s is refused with the reason and counts for nothing',
    async (_who, user, override, reason) => {
      const before = told(stage, user).length;
      await clickOn(stage, changeId, 'change.approve', user, {
        force: true,
        ...(override === undefined ? {} : { override }),
      });
      await expect.poll(() => told(stage, user).slice(before).join('\n')).toContain(reason);
      expect((await stage.records.changes.get(changeId))?.state).toBe('waiting');
      expect(stage.proxies.flatMap(({ writes }) => writes)).toEqual([]);
    },
  );

  it('people who are not let in leaves an audit line each', async () => {
    expect(await auditedActors(stage, changeId, 'refused')).toEqual(
      expect.arrayContaining([GUEST, BOT, LEAVER]),
    );
  });
});

describe('a delivery that Slack sends twice', () => {
  beforeEach(async () => {
    stage = await openStage({ nodes: 1, slack });
    return () => stage.stop();
  });

  it('is one change, and the second answer says so', async () => {
    const { id } = await asked(stage, COMMAND);
    const again = answerOf(await stage.slack.human.redeliver({ delivery: 0 }));
    expect(idIn(again)).toBe(id);
    expect(again).toContain('one change');
    expect(await requestsQueued(stage)).toBe(1);
    expect(await stage.records.changes.recent(10)).toHaveLength(1);
    expect(cardsOf(stage, id)).toHaveLength(1);
  });

  it('at the same moment is one change', async () => {
    const first = typed(stage, COMMAND);
    const second = stage.slack.human.redeliver({ delivery: 0 });
    const id = idIn(await first);
    expect(idIn(answerOf(await second))).toBe(id);
    await became(stage, id, 'waiting');
    await expect.poll(() => cardsOf(stage, id).length).toBe(1);
    expect(await stage.records.changes.recent(10)).toHaveLength(1);
  });

  it('after its change is done changes nothing more, for the command and for the click', async () => {
    const [node] = stage.nodes;
    const { id } = await asked(stage, COMMAND);
    await clickOn(stage, id, 'change.approve');
    await became(stage, id, 'done');
    const click = stage.slack.state.deliveries.length - 1;
    await stage.slack.human.redeliver({ delivery: 0 });
    await stage.slack.human.redeliver({ delivery: click });
    await expect.poll(() => told(stage, APPROVER).join('\n')).toContain('approved already');
    expect(stage.proxies.flatMap(({ writes }) => writes)).toHaveLength(1);
    expect(await isOut(node?.socket ?? '', TARGET)).toBe(true);
    expect(await auditedActors(stage, id, 'approved')).toEqual([APPROVER]);
  });
});
