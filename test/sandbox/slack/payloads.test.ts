import type { BlockAction, ButtonAction, SlashCommand, ViewSubmitAction } from '@slack/bolt';
import { expectTypeOf, test } from 'vitest';
import type {
  clickPayload,
  commandPayload,
  homeClickPayload,
  submitPayload,
} from '../../../src/sandbox/slack/payloads.ts';

// Slack sends `enterprise: null` outside Enterprise Grid, which Bolt's types do not admit; what comes
// from the app's own message (blocks, views) is passed through and checked in the round trip.
type Click = Omit<BlockAction<ButtonAction>, 'enterprise' | 'actions' | 'message' | 'view'>;
type Submit = Omit<ViewSubmitAction, 'enterprise' | 'view'>;

test('the payloads are what the types of Bolt say', () => {
  expectTypeOf<ReturnType<typeof commandPayload>>().toExtend<SlashCommand>();
  expectTypeOf<ReturnType<typeof clickPayload>>().toExtend<Click>();
  expectTypeOf<ReturnType<typeof homeClickPayload>>().toExtend<
    Omit<Click, 'channel' | 'response_url' | 'state'>
  >();
  expectTypeOf<ReturnType<typeof submitPayload>>().toExtend<Submit>();
});
