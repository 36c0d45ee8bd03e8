import { type ApiContext, type ApiMethods, page } from './api-method.ts';
import { SlackRefusal, type SlackUser, type SlackUserGroup } from './wire.ts';

const PAGE_MAX = 1_000;

/** Who the app is, who the people are, and the groups they belong to. */
export function peopleMethods(context: ApiContext): ApiMethods {
  const { workspace, settings } = context;
  const { app, team } = settings;

  const group = (id: string): SlackUserGroup => {
    const found = workspace.userGroups.get(id);
    if (found === undefined) throw new SlackRefusal('no_such_subteam');
    return found;
  };

  return {
    'auth.test': {
      run: () => ({
        url: `https://${team.domain}.slack.com/`,
        team: team.name,
        team_id: team.id,
        user: app.botName,
        user_id: app.botUserId,
        bot_id: app.botId,
        is_enterprise_install: false,
      }),
    },
    'team.info': { scope: 'team:read', run: () => ({ team }) },
    'bots.info': {
      scope: 'users:read',
      run: (args) => {
        const bot = args.optional('bot');
        if (bot !== undefined && bot !== app.botId) throw new SlackRefusal('bot_not_found');
        const { botId, botUserId, botName, id } = app;
        return {
          bot: { id: botId, user_id: botUserId, name: botName, app_id: id, deleted: false },
        };
      },
    },
    'users.info': {
      scope: 'users:read',
      run: (args) => ({ user: described(workspace.user(args.text('user'))) }),
    },
    'users.list': {
      scope: 'users:read',
      run: (args) => {
        const { items, nextCursor } = page(
          [...workspace.users.values()],
          args.limit('limit', PAGE_MAX, PAGE_MAX),
          args.optional('cursor'),
        );
        return { members: items.map(described), response_metadata: { next_cursor: nextCursor } };
      },
    },
    'usergroups.list': {
      scope: 'usergroups:read',
      run: (args) => {
        const withDisabled = args.flag('include_disabled');
        const withUsers = args.flag('include_users');
        const groups = [...workspace.userGroups.values()].filter(
          (found) => withDisabled || found.date_delete === 0,
        );
        return {
          usergroups: groups.map(({ users, ...rest }) => ({
            ...rest,
            team_id: team.id,
            is_usergroup: true,
            is_external: false,
            ...(withUsers && { users }),
            ...(args.flag('include_count') && { user_count: users.length }),
          })),
        };
      },
    },
    'usergroups.users.list': {
      scope: 'usergroups:read',
      run: (args) => {
        const found = group(args.text('usergroup'));
        const hidden = found.date_delete !== 0 && !args.flag('include_disabled');
        return { users: hidden ? [] : found.users };
      },
    },
  };
}

function described(user: SlackUser): object {
  return {
    ...user,
    is_admin: false,
    is_owner: false,
    is_app_user: false,
    tz: 'Etc/UTC',
    tz_offset: 0,
    profile: { display_name: user.name, real_name: user.real_name, team: user.team_id },
  };
}
