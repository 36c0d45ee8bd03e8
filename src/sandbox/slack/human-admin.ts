import type { AdminInput } from './human-schema.ts';
import type { Settings } from './options.ts';
import { SlackRefusal } from './wire.ts';
import type { Workspace } from './workspace.ts';

/** Applies one act of an administrator. Throws SlackRefusal when the thing is unknown. */
export function administer(settings: Settings, workspace: Workspace, act: AdminInput): void {
  if ('editWindowMs' in act) {
    settings.editWindowMs = act.editWindowMs ?? undefined;
  } else if ('delete_message' in act) {
    const message = workspace.find(act.delete_message.channel, act.delete_message.ts);
    if (message === undefined) throw new SlackRefusal('message_not_found');
    workspace.remove(message);
  } else if ('channel' in act) {
    changeChannel(workspace, act);
  } else if ('usergroup' in act) {
    const group = workspace.userGroups.get(act.usergroup);
    if (group === undefined) throw new SlackRefusal('no_such_subteam');
    group.users = act.users ?? group.users;
    if (act.disabled !== undefined) {
      group.date_delete = act.disabled ? Math.floor(settings.now() / 1000) : 0;
    }
  } else {
    const user = workspace.user(act.user);
    user.deleted = act.deleted ?? user.deleted;
    user.is_restricted = act.guest ?? user.is_restricted;
  }
  workspace.changed();
}

function changeChannel(workspace: Workspace, act: Extract<AdminInput, { channel: string }>): void {
  const channel = workspace.channel(act.channel);
  channel.is_archived = act.archived ?? channel.is_archived;
  channel.is_ext_shared = act.ext_shared ?? channel.is_ext_shared;
  const { invite = [], remove = [] } = act;
  for (const user of invite) workspace.user(user);
  const members = new Set([...channel.members, ...invite]);
  channel.members = [...members].filter((member) => !remove.includes(member));
}
