import { OperationError } from '../domain/errors.ts';
import { failureOf, failureWords, unavailable } from './web.ts';

/** The bot cannot write there, and waiting does not help. */
const CLOSED: readonly string[] = [
  'not_in_channel',
  'channel_not_found',
  'is_archived',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'user_not_in_channel',
  'messages_tab_disabled',
  'cannot_dm_bot',
  'user_disabled',
  'user_not_found',
];

/** The message is past editing; a new one is needed. */
const NOT_EDITABLE: readonly string[] = [
  'edit_window_closed',
  'message_not_found',
  'cant_update_message',
];

/** The message itself is refused: a fault of ours. */
const BAD_FORM: readonly string[] = [
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
];

/** The bot may not look; whether the message is there stays open. */
const MAY_NOT_LOOK: readonly string[] = [
  'missing_scope',
  'not_allowed_token_type',
  'no_permission',
];

/** The message whose thread was meant is gone. */
const NO_THREAD: readonly string[] = ['thread_not_found', 'message_not_found'];

function refusedWith(thrown: unknown, errors: readonly string[]): boolean {
  const failure = failureOf(thrown);
  return failure.kind === 'refused' && errors.includes(failure.error);
}

export function isNotEditable(thrown: unknown): boolean {
  return refusedWith(thrown, NOT_EDITABLE);
}

export function isBadForm(thrown: unknown): boolean {
  return refusedWith(thrown, BAD_FORM);
}

export function isThreadGone(thrown: unknown): boolean {
  return refusedWith(thrown, NO_THREAD);
}

/** What a failed post is for the caller: CHANNEL_CLOSED, or SLACK_UNAVAILABLE with `retryAfterMs` where Slack named it. */
export function postFault(doing: string, thrown: unknown): OperationError {
  if (thrown instanceof OperationError) return thrown;
  if (refusedWith(thrown, CLOSED)) {
    return new OperationError('CHANNEL_CLOSED', failureWords(doing, failureOf(thrown)), {
      cause: thrown,
    });
  }
  return unavailable('SLACK_UNAVAILABLE', doing, thrown);
}

/** What a failed look is: UNSUPPORTED when the bot may not look there at all, else as for a post. */
export function lookFault(doing: string, thrown: unknown): OperationError {
  if (refusedWith(thrown, MAY_NOT_LOOK)) {
    return new OperationError('UNSUPPORTED', failureWords(doing, failureOf(thrown)), {
      cause: thrown,
    });
  }
  return postFault(doing, thrown);
}
