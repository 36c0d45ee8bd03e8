import type { ChannelInput, EphemeralsInput, LogInput, StateInput } from './human-schema.ts';
import type { Settings } from './options.ts';
import type { ApiCall, Delivery, SlackMessage } from './wire.ts';
import type { Workspace } from './workspace.ts';

/** The page shows this many messages of a channel. */
const PAGE_MESSAGES_MAX = 400;

/** What people see: the read-only half of the control API. */
export class Spectator {
  readonly #settings: Settings;
  readonly #workspace: Workspace;
  readonly #connected: () => boolean;

  constructor(settings: Settings, workspace: Workspace, connected: () => boolean) {
    this.#settings = settings;
    this.#workspace = workspace;
    this.#connected = connected;
  }

  /** Messages of a channel, oldest first; with `user` also those only this user sees. */
  channel({ channel, user }: ChannelInput): { readonly messages: readonly object[] } {
    this.#workspace.channel(channel);
    return { messages: this.#visible(channel, user).map(plain) };
  }

  /** What only this user sees, oldest first. */
  ephemerals({ user, channel }: EphemeralsInput): { readonly messages: readonly object[] } {
    this.#workspace.user(user);
    const messages = this.#workspace.messages.filter(
      (message) =>
        message.ephemeral_to === user && (channel === undefined || message.channel === channel),
    );
    return { messages: messages.map(plain) };
  }

  /** Every call of the app and every delivery to it, oldest first. */
  log({ method }: LogInput = {}): {
    readonly calls: readonly ApiCall[];
    readonly deliveries: readonly Delivery[];
  } {
    const calls = this.#workspace.calls.filter(
      (call) => method === undefined || call.method === method,
    );
    return { calls, deliveries: this.#workspace.deliveries };
  }

  /** All the page needs to draw one channel for one person. */
  state({ user, channel }: StateInput): object {
    const { team, app, notice } = this.#settings;
    const people = [...this.#workspace.users.values()];
    const actors = people.filter((person) => !person.is_bot && !person.deleted);
    const me = people.find((person) => person.id === user)?.id ?? actors[0]?.id;
    const channels = [...this.#workspace.channels.values()].filter(
      ({ members, is_private }) => !is_private || (me !== undefined && members.includes(me)),
    );
    const open = channels.find(({ id }) => id === channel) ?? channels[0];
    return {
      team,
      notice,
      bot: { id: app.botUserId, name: app.botName },
      connected: this.#connected(),
      me,
      users: people,
      userGroups: [...this.#workspace.userGroups.values()],
      commands: this.#settings.commands,
      things: this.#settings.breakages.list(),
      channels: channels.map((seen) => ({ ...seen, last_ts: this.#lastTs(seen.id, me) })),
      channel: open?.id,
      messages:
        open === undefined ? [] : this.#visible(open.id, me).slice(-PAGE_MESSAGES_MAX).map(plain),
      views: [...this.#workspace.views.values()].filter((view) => view.user === me),
    };
  }

  #visible(channel: string, user: string | undefined): SlackMessage[] {
    return this.#workspace.messages.filter(
      ({ channel: where, ephemeral_to }) =>
        where === channel && (ephemeral_to === undefined || ephemeral_to === user),
    );
  }

  #lastTs(channel: string, user: string | undefined): string {
    const last = this.#workspace.messages.findLast(
      ({ channel: where, ephemeral_to }) =>
        where === channel && (ephemeral_to === undefined || ephemeral_to === user),
    );
    return last?.ts ?? '0';
  }
}

function plain(message: SlackMessage): object {
  const { earlier: _earlier, ...rest } = message;
  return rest;
}
