import { shown } from './api-chat.ts';
import { type ApiContext, type ApiMethods, page, scopeFor } from './api-method.ts';
import type { Arguments } from './arguments.ts';
import { type SlackChannel, type SlackMessage, SlackRefusal } from './wire.ts';

const PAGE_MAX = 999;

export function conversationMethods(context: ApiContext): ApiMethods {
  const { workspace, settings, needScope } = context;
  const bot = settings.app.botUserId;

  const described = (channel: SlackChannel): object => {
    const { members, ...rest } = channel;
    return {
      ...rest,
      is_channel: !channel.is_private,
      is_group: channel.is_private && !channel.is_im,
      is_member: members.includes(bot),
      is_shared: channel.is_ext_shared,
      is_org_shared: false,
      context_team_id: settings.team.id,
      num_members: members.length,
    };
  };

  /** The channel, as far as the bot may know of it. */
  const known = (args: Arguments, right: 'read' | 'history'): SlackChannel => {
    const channel = workspace.channel(args.text('channel'));
    needScope(scopeFor(channel, right));
    const member = channel.members.includes(bot);
    if (channel.is_private && !member) throw new SlackRefusal('channel_not_found');
    if (right === 'history' && !member) throw new SlackRefusal('not_in_channel');
    return channel;
  };

  const inTime = (args: Arguments): ((message: SlackMessage) => boolean) => {
    const oldest = Number(args.optional('oldest') ?? 0);
    const latest = Number(args.optional('latest') ?? Number.POSITIVE_INFINITY);
    const inclusive = args.flag('inclusive');
    return ({ ts }) => {
      const at = Number(ts);
      return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest;
    };
  };

  /** Messages on one page; a parent carries the figures of its thread. */
  const listed = (args: Arguments, messages: readonly SlackMessage[]): object => {
    const limit = args.limit('limit', 100, PAGE_MAX);
    const { items, nextCursor } = page(messages, limit, args.optional('cursor'));
    const withMetadata = args.flag('include_all_metadata');
    return {
      messages: items.map((message) => ({
        ...shown(message, withMetadata),
        ...threadFigures(message, workspace.messages),
      })),
      has_more: nextCursor !== '',
      ...(nextCursor !== '' && { response_metadata: { next_cursor: nextCursor } }),
    };
  };

  return {
    'conversations.info': { run: (args) => ({ channel: described(known(args, 'read')) }) },
    'conversations.members': {
      run: (args) => {
        const { members } = known(args, 'read');
        const { items, nextCursor } = page(
          members,
          args.limit('limit', 100, PAGE_MAX),
          args.optional('cursor'),
        );
        return { members: items, response_metadata: { next_cursor: nextCursor } };
      },
    },
    'conversations.list': {
      run: (args) => {
        const types = (args.optional('types') ?? 'public_channel').split(',');
        if (types.includes('public_channel')) needScope('channels:read');
        if (types.includes('private_channel')) needScope('groups:read');
        if (types.includes('im')) needScope('im:read');
        const wanted = [...workspace.channels.values()].filter((channel) => {
          if (channel.is_im) return types.includes('im');
          if (!channel.is_private) return types.includes('public_channel');
          return types.includes('private_channel') && channel.members.includes(bot);
        });
        const skipArchived = args.flag('exclude_archived');
        const { items, nextCursor } = page(
          wanted.filter((channel) => !(skipArchived && channel.is_archived)),
          args.limit('limit', 100, PAGE_MAX),
          args.optional('cursor'),
        );
        return {
          channels: items.map(described),
          response_metadata: { next_cursor: nextCursor },
        };
      },
    },
    'conversations.history': {
      run: (args) => {
        const channel = known(args, 'history');
        const messages = workspace.messages.filter(
          (message) =>
            message.channel === channel.id &&
            message.ephemeral_to === undefined &&
            (message.thread_ts === undefined || message.subtype === 'thread_broadcast'),
        );
        return listed(args, messages.filter(inTime(args)).reverse());
      },
    },
    'conversations.replies': {
      run: (args) => {
        const channel = known(args, 'history');
        const asked = workspace.find(channel.id, args.text('ts'));
        if (asked === undefined || asked.ephemeral_to) throw new SlackRefusal('thread_not_found');
        const parentTs = asked.thread_ts ?? asked.ts;
        const messages = workspace.messages.filter(
          (message) =>
            message.channel === channel.id &&
            message.ephemeral_to === undefined &&
            (message.ts === parentTs || message.thread_ts === parentTs),
        );
        const within = inTime(args);
        return listed(
          args,
          messages.filter((message) => message.ts === parentTs || within(message)),
        );
      },
    },
    'conversations.open': {
      scope: 'im:write',
      run: (args) => {
        const [first, second] = args.text('users').split(',');
        if (first === undefined || second !== undefined) {
          // Group direct messages need mpim:write, which this app does not have.
          throw new SlackRefusal('missing_scope', { needed: 'mpim:write' });
        }
        const user = workspace.user(first);
        if (user.deleted) throw new SlackRefusal('user_disabled');
        if (user.is_bot) throw new SlackRefusal('cannot_dm_bot');
        const before = workspace.channels.size;
        const channel = workspace.directMessage(first);
        const already = workspace.channels.size === before;
        return {
          channel: args.flag('return_im') ? described(channel) : { id: channel.id },
          ...(already && { no_op: true, already_open: true }),
        };
      },
    },
  };
}

function threadFigures(parent: SlackMessage, all: readonly SlackMessage[]): object {
  const replies = all.filter(
    (message) =>
      message.thread_ts === parent.ts &&
      message.channel === parent.channel &&
      message.ephemeral_to === undefined,
  );
  const last = replies.at(-1);
  if (last === undefined) return {};
  return { thread_ts: parent.ts, reply_count: replies.length, latest_reply: last.ts };
}
