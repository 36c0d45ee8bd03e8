import type { ApiContext, ApiMethods } from './api-method.ts';
import type { Arguments } from './arguments.ts';
import { readContent } from './message-content.ts';
import { type SlackChannel, type SlackMessage, SlackRefusal } from './wire.ts';

/** A message as the API shows it. */
export function shown(message: SlackMessage, withMetadata = false): object {
  const { channel: _channel, ephemeral_to: _to, earlier: _earlier, metadata, ...rest } = message;
  return withMetadata && metadata ? { ...rest, metadata } : rest;
}

export function chatMethods(context: ApiContext): ApiMethods {
  const { workspace, settings } = context;
  const bot = settings.app.botUserId;

  /** Where the bot may post. A private channel without the bot does not exist for it. */
  const target = (id: string): SlackChannel => {
    const channel = workspace.users.has(id) ? directMessage(id) : workspace.channel(id);
    if (!channel.members.includes(bot)) {
      throw new SlackRefusal(channel.is_private ? 'channel_not_found' : 'not_in_channel');
    }
    if (channel.is_archived) throw new SlackRefusal('is_archived');
    return channel;
  };

  const directMessage = (userId: string): SlackChannel => {
    const user = workspace.user(userId);
    if (user.is_bot) throw new SlackRefusal('cannot_dm_bot');
    if (user.deleted) throw new SlackRefusal('user_disabled');
    return workspace.directMessage(userId);
  };

  /** The bot's own message, still open to change. */
  const own = (args: Arguments, refusal: string): SlackMessage => {
    const channel = target(args.text('channel'));
    const message = workspace.find(channel.id, args.text('ts'));
    if (message === undefined || message.ephemeral_to) throw new SlackRefusal('message_not_found');
    if (message.user !== bot) throw new SlackRefusal(refusal);
    return message;
  };

  const threadOf = (channel: SlackChannel, args: Arguments): { thread_ts?: string } => {
    const ts = args.optional('thread_ts');
    if (ts === undefined) return {};
    const parent = workspace.find(channel.id, ts);
    if (parent === undefined) throw new SlackRefusal('thread_not_found');
    return { thread_ts: parent.thread_ts ?? parent.ts };
  };

  return {
    'chat.postMessage': {
      scope: 'chat:write',
      run: (args) => {
        const channel = target(args.text('channel'));
        const content = readContent(args.all);
        const thread = threadOf(channel, args);
        const broadcast = thread.thread_ts !== undefined && args.flag('reply_broadcast');
        const message = workspace.postAsBot({
          channel: channel.id,
          ...content,
          ...thread,
          ...(broadcast && { subtype: 'thread_broadcast' }),
        });
        return { channel: channel.id, ts: message.ts, message: shown(message) };
      },
    },
    'chat.postEphemeral': {
      scope: 'chat:write',
      run: (args) => {
        const channel = target(args.text('channel'));
        const user = args.text('user');
        if (!channel.members.includes(user)) throw new SlackRefusal('user_not_in_channel');
        const message = workspace.postAsBot({
          channel: channel.id,
          ephemeral_to: user,
          ...readContent(args.all),
          ...threadOf(channel, args),
        });
        return { message_ts: message.ts };
      },
    },
    'chat.update': {
      scope: 'chat:write',
      run: (args) => {
        const message = own(args, 'cant_update_message');
        const ageMs = settings.now() - Number(message.ts) * 1000;
        if (settings.editWindowMs !== undefined && ageMs >= settings.editWindowMs) {
          throw new SlackRefusal('edit_window_closed');
        }
        const edited = workspace.edit(message, readContent(args.all, 'update'));
        const { channel, ts, text } = edited;
        return { channel, ts, text, message: shown(edited) };
      },
    },
    'chat.delete': {
      scope: 'chat:write',
      run: (args) => {
        const message = own(args, 'cant_delete_message');
        workspace.remove(message);
        return { channel: message.channel, ts: message.ts };
      },
    },
    'chat.getPermalink': {
      run: (args) => {
        const channel = workspace.channel(args.text('channel'));
        const ts = args.text('message_ts');
        if (!workspace.find(channel.id, ts)) throw new SlackRefusal('message_not_found');
        const host = `${settings.team.domain}.slack.com`;
        const permalink = `https://${host}/archives/${channel.id}/p${ts.replace('.', '')}`;
        return { channel: channel.id, permalink };
      },
    },
  };
}
