import { describe, expect, it } from 'vitest';
import { askerOf, cardTsOf, deliveryOf } from '../../src/slack/delivery.ts';
import { whyRefused } from '../../src/slack/gate.ts';

const identity = { teamId: 'T0HOME', botUserId: 'U0LBBOT', botId: 'B0LBBOT', appId: 'A0LB' };

const command = {
  command: '/lb',
  text: '',
  api_app_id: 'A0LB',
  team_id: 'T0HOME',
  user_id: 'U0OPS',
  user_name: 'somebody else',
  channel_id: 'C0OPS',
  trigger_id: '1.2.3',
  response_url: 'http://127.0.0.1/hook',
  is_enterprise_install: 'false',
};

const click = {
  type: 'block_actions',
  api_app_id: 'A0LB',
  team: { id: 'T0HOME' },
  user: { id: 'U0OPS', team_id: 'T0HOME', name: 'somebody else' },
  channel: { id: 'C0OPS' },
  container: { message_ts: '1.000002' },
  trigger_id: '1.2.3',
  is_enterprise_install: false,
};

describe('who is let in', () => {
  it('is a person of our own workspace through our own app', () => {
    expect(whyRefused(deliveryOf(command), identity)).toBeUndefined();
    expect(whyRefused(deliveryOf(click), identity)).toBeUndefined();
  });

  it.each([
    ['another app', { ...command, api_app_id: 'A0OTHER' }, 'another Slack app'],
    ['no app', { ...command, api_app_id: undefined }, 'another Slack app'],
    ['another workspace', { ...command, team_id: 'T0OTHER' }, 'own workspace only'],
    ['a whole organisation', { ...command, is_enterprise_install: 'true' }, 'whole organisation'],
    [
      'a whole organisation, clicked',
      { ...click, is_enterprise_install: true },
      'whole organisation',
    ],
    ['the bot itself', { ...command, user_id: 'U0LBBOT' }, 'A bot cannot'],
    ['nobody', { ...command, user_id: '' }, 'A bot cannot'],
    ['no trigger', { ...command, trigger_id: '' }, 'without a trigger id'],
    [
      'a person of another workspace',
      { ...click, user: { id: 'U1', team_id: 'T0OTHER' } },
      'another organisation',
    ],
    ['a person without a workspace', { ...click, user: { id: 'U1' } }, 'another organisation'],
    ['a click without a workspace', { ...click, team: null }, 'own workspace only'],
    ['nothing at all', {}, 'another Slack app'],
    ['not even an object', 'text', 'another Slack app'],
  ])('is not %s', (_name, body, reason) => {
    expect(whyRefused(deliveryOf(body), identity)).toContain(reason);
  });
});

describe('who asks', () => {
  it('is the user id; the delivery is workspace and trigger', () => {
    expect(askerOf(deliveryOf(click))).toEqual({
      actor: { id: 'U0OPS', via: 'slack' },
      origin: { via: 'slack', channel: 'C0OPS' },
      deliveryId: 'T0HOME.1.2.3',
    });
    expect(askerOf(deliveryOf({ ...command, trigger_id: undefined }))).toBeUndefined();
  });

  it('clicked on the message that the click names', () => {
    expect(cardTsOf(click)).toBe('1.000002');
    expect(cardTsOf({ ...click, message: { ts: '1.000001' } })).toBe('1.000001');
    expect(cardTsOf({})).toBeUndefined();
  });
});
