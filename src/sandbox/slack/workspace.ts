import type { Settings, UserSeed } from './options.ts';
import {
  type ApiCall,
  type Delivery,
  type MessageContent,
  type SlackChannel,
  type SlackMessage,
  SlackRefusal,
  type SlackUser,
  type SlackUserGroup,
  type SlackView,
} from './wire.ts';

/** Who posts a message and where; the workspace adds the timestamp. */
export type NewMessage = Omit<SlackMessage, 'type' | 'team' | 'ts' | 'earlier'>;

/** Oldest are forgotten, so that a demo may run for days. */
const KEPT_MAX = 20_000;

/** All that this Slack remembers, and the only place where it changes. */
export class Workspace {
  readonly users = new Map<string, SlackUser>();
  readonly channels = new Map<string, SlackChannel>();
  readonly userGroups = new Map<string, SlackUserGroup>();
  readonly views = new Map<string, SlackView>();
  readonly messages: SlackMessage[] = [];
  readonly calls: ApiCall[] = [];
  readonly deliveries: Delivery[] = [];
  readonly #settings: Settings;
  readonly #listeners = new Set<() => void>();
  #lastMicros = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    const { app, team } = settings;
    const bot: UserSeed = { id: app.botUserId, name: app.botName, is_bot: true };
    for (const seed of [bot, ...settings.users]) this.users.set(seed.id, userOf(seed, team.id));
    for (const seed of settings.channels) {
      this.channels.set(seed.id, {
        id: seed.id,
        name: seed.name,
        is_private: seed.is_private ?? false,
        is_im: false,
        is_ext_shared: seed.is_ext_shared ?? false,
        is_archived: seed.is_archived ?? false,
        members: [...(seed.members ?? this.#everybody())],
      });
    }
    for (const seed of settings.userGroups) {
      this.userGroups.set(seed.id, {
        id: seed.id,
        handle: seed.handle,
        name: seed.name ?? seed.handle,
        users: [...seed.users],
        date_delete: seed.disabled ? Math.floor(settings.now() / 1000) : 0,
      });
    }
  }

  /** Calls back after every change; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** A new timestamp, later than all before it. */
  nextTs(): string {
    this.#lastMicros = Math.max(this.#lastMicros + 1, Math.floor(this.#settings.now() * 1000));
    const seconds = Math.floor(this.#lastMicros / 1_000_000);
    return `${seconds}.${String(this.#lastMicros % 1_000_000).padStart(6, '0')}`;
  }

  user(id: string): SlackUser {
    const user = this.users.get(id);
    if (user === undefined) throw new SlackRefusal('user_not_found');
    return user;
  }

  channel(id: string): SlackChannel {
    const channel = this.channels.get(id);
    if (channel === undefined) throw new SlackRefusal('channel_not_found');
    return channel;
  }

  /** The direct message between the bot and this user, opened when it is not there yet. */
  directMessage(userId: string): SlackChannel {
    const user = this.user(userId);
    const { botUserId } = this.#settings.app;
    const id = `D${user.id.slice(1)}`;
    const known = this.channels.get(id);
    if (known !== undefined) return known;
    const channel: SlackChannel = {
      id,
      name: user.name,
      is_private: true,
      is_im: true,
      is_ext_shared: false,
      is_archived: false,
      user: user.id,
      members: [botUserId, user.id],
    };
    this.channels.set(id, channel);
    this.changed();
    return channel;
  }

  post(message: NewMessage): SlackMessage {
    const posted: SlackMessage = {
      type: 'message',
      team: this.#settings.team.id,
      ts: this.nextTs(),
      ...message,
      earlier: [],
    };
    this.messages.push(posted);
    if (this.messages.length > KEPT_MAX) this.messages.shift();
    this.changed();
    return posted;
  }

  record(call: ApiCall): void {
    this.calls.push(call);
    if (this.calls.length > KEPT_MAX) this.calls.shift();
  }

  /** Posts as the app's bot. */
  postAsBot(message: Omit<NewMessage, 'user' | 'bot_id' | 'app_id'>): SlackMessage {
    const { botUserId, botId, id } = this.#settings.app;
    return this.post({ user: botUserId, bot_id: botId, app_id: id, ...message });
  }

  /** What Slack itself tells one user. */
  tell(user: string, channel: string, text: string): void {
    this.post({ user: 'USLACKBOT', channel, text, ephemeral_to: user });
  }

  /** `undefined` when there is no such message. */
  find(channel: string, ts: string): SlackMessage | undefined {
    return this.messages.find((message) => message.ts === ts && message.channel === channel);
  }

  /** Puts new content in the place of the old. The `edited` mark appears only for plain text, as in Slack. */
  edit(message: SlackMessage, content: MessageContent): SlackMessage {
    const { text, blocks, attachments, metadata, edited, earlier, ...rest } = message;
    const kept = content.metadata ?? metadata;
    const mark = content.blocks
      ? edited
      : { user: this.#settings.app.botUserId, ts: this.nextTs() };
    const next: SlackMessage = {
      ...rest,
      ...content,
      ...(kept && { metadata: kept }),
      ...(mark && { edited: mark }),
      earlier: [
        ...earlier,
        { text, ...(blocks && { blocks }), ...(attachments && { attachments }) },
      ],
    };
    this.messages[this.messages.indexOf(message)] = next;
    this.changed();
    return next;
  }

  remove(message: SlackMessage): void {
    this.messages.splice(this.messages.indexOf(message), 1);
    this.changed();
  }

  #everybody(): string[] {
    const present = [...this.users.values()].filter(
      (user) =>
        user.id === this.#settings.app.botUserId ||
        (!user.is_bot && !user.deleted && !user.is_stranger),
    );
    return present.map((user) => user.id);
  }
}

function userOf(seed: UserSeed, teamId: string): SlackUser {
  return {
    id: seed.id,
    name: seed.name,
    real_name: seed.real_name ?? seed.name,
    team_id: seed.team_id ?? teamId,
    deleted: seed.deleted ?? false,
    is_bot: seed.is_bot ?? false,
    is_restricted: (seed.is_restricted ?? false) || (seed.is_ultra_restricted ?? false),
    is_ultra_restricted: seed.is_ultra_restricted ?? false,
    is_stranger: seed.team_id !== undefined && seed.team_id !== teamId,
  };
}
