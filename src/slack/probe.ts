import type { Secret } from '../domain/secret.ts';
import { startFault } from './identity.ts';
import { unavailable, type WebOptions, webClient } from './web.ts';

/** Scopes of the bot token; the manifest has each with its reason. */
export const BOT_SCOPES: readonly string[] = [
  'commands',
  'chat:write',
  'channels:read',
  'groups:read',
  'channels:history',
  'groups:history',
  'users:read',
  'usergroups:read',
  'im:write',
];

/** Scopes the token was given, as Slack lists them with an answer; undefined when it does not. */
export async function grantedScopes(options: WebOptions): Promise<readonly string[] | undefined> {
  try {
    const { response_metadata } = await webClient(options).auth.test();
    return response_metadata?.scopes;
  } catch (thrown) {
    throw unavailable('SLACK_UNAVAILABLE', 'Asking Slack for the scopes of the bot token', thrown);
  }
}

/** Asks for an address of Socket Mode and leaves it unused. Throws NOT_ALLOWED or SLACK_UNAVAILABLE in one line. */
export async function probeAppToken(
  options: Omit<WebOptions, 'botToken'>,
  appToken: Secret,
): Promise<void> {
  try {
    await webClient({ ...options, botToken: appToken }).apps.connections.open({});
  } catch (thrown) {
    throw startFault('Asking Slack for a Socket Mode connection', 'app token', thrown);
  }
}

export interface ChannelFound {
  readonly name: string;
  readonly botIsMember: boolean;
  readonly isArchived: boolean;
  /** With another organisation: nobody is answered there. */
  readonly isShared: boolean;
}

export async function probeChannel(options: WebOptions, id: string): Promise<ChannelFound> {
  try {
    const { channel } = await webClient(options).conversations.info({ channel: id });
    return {
      name: channel?.name ?? id,
      botIsMember: channel?.is_member === true,
      isArchived: channel?.is_archived === true,
      isShared: channel?.is_ext_shared === true,
    };
  } catch (thrown) {
    throw unavailable('DIRECTORY_UNAVAILABLE', `Looking up channel ${id}`, thrown);
  }
}
