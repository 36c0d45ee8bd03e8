import { OperationError } from '../domain/errors.ts';
import { failureOf, failureWords, type WebOptions, webClient } from './web.ts';

/** Who the bot is in Slack, as Slack itself says. */
export interface SlackIdentity {
  readonly teamId: string;
  readonly botUserId: string;
  readonly botId: string;
  /** The app that messages and clicks must name; absent when Slack did not say. */
  readonly appId: string | undefined;
}

/** Says who the bot is; asks Slack until it answers once. */
export type Identified<Part extends keyof SlackIdentity = keyof SlackIdentity> = () => Promise<
  Pick<SlackIdentity, Part>
>;

/** `identify`, asked when somebody needs to know; an answer is kept, a failure is asked again. */
export function identifiedOnce(options: WebOptions): Identified {
  let asked: Promise<SlackIdentity> | undefined;
  return () => {
    asked ??= identify(options).catch((thrown: unknown) => {
      asked = undefined;
      throw thrown;
    });
    return asked;
  };
}

/** Words by which Slack refuses a token for good. */
const BAD_TOKEN: readonly string[] = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
];

/**
 * Asks Slack who the bot token belongs to. Throws NOT_ALLOWED when Slack refuses the token, and SLACK_UNAVAILABLE
 * when it does not answer; both say it in one line.
 */
export async function identify(options: WebOptions): Promise<SlackIdentity> {
  const client = webClient(options);
  const doing = 'Asking Slack whose the bot token is';
  try {
    const me = await client.auth.test();
    const { team_id: teamId, user_id: botUserId, bot_id: botId } = me;
    if (teamId === undefined || botUserId === undefined || botId === undefined) {
      throw new OperationError('NOT_ALLOWED', `${doing}: it is not the token of a bot user.`);
    }
    if (me.is_enterprise_install === true) {
      throw new OperationError(
        'NOT_ALLOWED',
        `${doing}: the app is installed for a whole organisation; install it in one workspace.`,
      );
    }
    const { bot } = await client.bots.info({ bot: botId });
    return { teamId, botUserId, botId, appId: bot?.app_id };
  } catch (thrown) {
    throw startFault(doing, 'bot token', thrown);
  }
}

/** One clear line for whatever kept the bot from starting. `token` names the setting to look at. */
export function startFault(doing: string, token: string, thrown: unknown): OperationError {
  if (thrown instanceof OperationError) return thrown;
  const failure = failureOf(thrown);
  const words = failureWords(doing, failure);
  if (failure.kind !== 'refused') {
    return new OperationError('SLACK_UNAVAILABLE', words, { cause: thrown });
  }
  const hint = BAD_TOKEN.includes(failure.error) ? ` Look at the ${token}.` : '';
  return new OperationError('NOT_ALLOWED', `${words}${hint}`, { cause: thrown });
}
