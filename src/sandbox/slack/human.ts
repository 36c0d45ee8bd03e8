import type { Deliveries } from './deliveries.ts';
import type { Faults } from './faults.ts';
import { administer } from './human-admin.ts';
import { HomeTab } from './human-home.ts';
import type {
  AdminInput,
  ClickHomeInput,
  ClickInput,
  CommandInput,
  DisconnectInput,
  FaultInput,
  OpenHomeInput,
  RedeliverInput,
  SayInput,
  SubmitInput,
} from './human-schema.ts';
import { everyBlock } from './message-content.ts';
import type { Settings } from './options.ts';
import {
  type Clicked,
  clickPayload,
  commandPayload,
  type Envelope,
  elementIn,
  type Override,
  submitPayload,
} from './payloads.ts';
import type { AnswerPlace, ResponseUrls } from './response-urls.ts';
import type { AppReply } from './signed-http.ts';
import type { SocketMode } from './socket-mode.ts';
import type { Triggers } from './triggers.ts';
import {
  isObject,
  type JsonObject,
  type SlackBlock,
  type SlackChannel,
  type SlackMessage,
  SlackRefusal,
  type SlackUser,
} from './wire.ts';
import type { Workspace } from './workspace.ts';

/** How the app took what a person did. `ok` is false when it was not acknowledged in time. */
export interface Acted {
  readonly ok: boolean;
  /** What came with the acknowledgement. */
  readonly answer?: JsonObject;
  readonly error?: string;
}

export interface HumanParts {
  readonly settings: Settings;
  readonly workspace: Workspace;
  readonly deliveries: Deliveries;
  readonly sockets: SocketMode;
  readonly responseUrls: ResponseUrls;
  readonly triggers: Triggers;
  readonly faults: Faults;
  /** `http://127.0.0.1:<port>` once it listens. */
  readonly base: () => string;
}

/**
 * What people do in Slack: type, click, submit, talk; and what only a test does: redeliver, break,
 * reconfigure. Each verb throws SlackRefusal for what the real Slack would not let this person do.
 */
export class Human {
  readonly #parts: HumanParts;
  readonly #home: HomeTab;

  constructor(parts: HumanParts) {
    this.#parts = parts;
    this.#home = new HomeTab(parts.settings, parts.workspace, parts.deliveries);
  }

  /** Types a slash command; resolves when the app acknowledged it or the time was up. */
  async command(input: CommandInput): Promise<Acted> {
    const { settings, workspace, deliveries, responseUrls } = this.#parts;
    const { command, text = '' } = input;
    const { user, channel } = this.#present(input);
    if (!input.force && user.is_stranger) {
      throw new SlackRefusal('user_is_foreign', { hint: 'commands are for the home workspace' });
    }
    if (!settings.commands.includes(command)) {
      workspace.tell(user.id, channel.id, `\`${command}\` is not a valid command.`);
      return { ok: false, error: 'unknown_command' };
    }
    const typed = `${command} ${text}`.trim();
    const place = { user: user.id, channel: channel.id, typed };
    const envelope = this.#envelope(user, place, input.override);
    const reply = await deliveries.deliver({
      type: 'slash_commands',
      payload: commandPayload(settings, envelope, { channel, command, text }),
      signature: input.override?.signature,
    });
    const failure = reply.acknowledged
      ? this.#publish(place, reply, responseUrls)
      : commandFailure(reply);
    if (failure !== undefined) {
      workspace.tell(user.id, channel.id, `\`${command}\` failed ${failure}`);
    }
    return acted(reply);
  }

  /** Clicks a button, or picks from a select, in a message this person sees. */
  async click(input: ClickInput): Promise<Acted> {
    const { settings, workspace, deliveries } = this.#parts;
    const { user, channel } = this.#present(input);
    const message = workspace.find(channel.id, input.ts);
    if (message === undefined) throw new SlackRefusal('message_not_found');
    if (message.ephemeral_to !== undefined && message.ephemeral_to !== user.id) {
      throw new SlackRefusal('message_not_found', { hint: 'only its addressee sees it' });
    }
    const found = findElement(message, input);
    if (found === undefined) throw new SlackRefusal('action_not_found');
    const clicked: Clicked = {
      ...found,
      value: input.value,
      selectedOption: input.selected_option,
      actionTs: workspace.nextTs(),
    };
    const place = { user: user.id, channel: channel.id, messageTs: message.ts };
    const envelope = this.#envelope(user, place, input.override);
    const reply = await deliveries.deliver({
      type: 'interactive',
      payload: clickPayload(settings, envelope, { channel, message }, clicked),
      signature: input.override?.signature,
    });
    if (!reply.acknowledged) {
      workspace.tell(user.id, channel.id, 'This app did not respond to your click.');
    }
    return acted(reply);
  }

  /** Submits an open modal. */
  async submit(input: SubmitInput): Promise<Acted> {
    const { settings, workspace, deliveries } = this.#parts;
    const user = this.#person(input);
    const view = workspace.views.get(input.view_id);
    if (view === undefined || view.user !== user.id) throw new SlackRefusal('not_found');
    const reply = await deliveries.deliver({
      type: 'interactive',
      payload: submitPayload(
        settings,
        this.#envelope(user, undefined, input.override),
        view,
        input.values ?? {},
      ),
      signature: input.override?.signature,
    });
    const { response_action, errors } = reply.body ?? {};
    if (response_action === 'errors' && isObject(errors)) {
      const texts = Object.entries(errors).map(([block, error]) => [block, String(error)]);
      workspace.views.set(view.id, { ...view, errors: Object.fromEntries(texts) });
    } else if (reply.acknowledged && response_action !== 'update') {
      workspace.views.delete(view.id);
    }
    workspace.changed();
    return acted(reply);
  }

  /** Writes a message. The app hears nothing of it: it subscribes to no message event. */
  say(input: SayInput): { readonly ts: string } {
    const { user, channel } = this.#present(input);
    const { text, thread_ts } = input;
    const message = this.#parts.workspace.post({
      user: user.id,
      channel: channel.id,
      text,
      ...(thread_ts !== undefined && { thread_ts }),
    });
    return { ts: message.ts };
  }

  /** Opens the app's Home tab: the app gets `app_home_opened`. */
  async openHome(input: OpenHomeInput): Promise<Acted> {
    return acted(await this.#home.open(this.#outside(input)));
  }

  /** Clicks a button on the Home tab as it was last drawn. */
  async clickHome(input: ClickHomeInput): Promise<Acted> {
    return acted(await this.#home.click(this.#outside(input), input));
  }

  /** Sends delivery number `delivery` (index in `state.deliveries`) once more, word for word. */
  async redeliver(input: RedeliverInput): Promise<Acted> {
    return acted(await this.#parts.deliveries.redeliver(input.delivery));
  }

  disconnect(input: DisconnectInput = {}): void {
    const { reason = 'refresh_requested' } = input;
    if (reason === 'cut') this.#parts.sockets.cut();
    else this.#parts.sockets.disconnect(reason);
  }

  /** Makes coming Web API calls or response_url posts fail; `{ clear: true }` forgets all that. */
  fault(input: FaultInput): void {
    if ('clear' in input) this.#parts.faults.clear();
    else this.#parts.faults.add(input);
  }

  /** What an administrator does: archive, invite, remove, disable, close the edit window. */
  admin(input: AdminInput): void {
    administer(this.#parts.settings, this.#parts.workspace, input);
  }

  #person(input: { user: string; force?: boolean | undefined }): SlackUser {
    const user = this.#parts.workspace.user(input.user);
    if (!input.force && (user.deleted || user.is_bot)) {
      throw new SlackRefusal(user.deleted ? 'user_is_deactivated' : 'user_is_bot', {
        hint: 'the real Slack would not let this through; force: true delivers it all the same',
      });
    }
    return user;
  }

  /** The person and the channel, when the one may write in the other. */
  #present(input: { user: string; channel: string; force?: boolean | undefined }): {
    user: SlackUser;
    channel: SlackChannel;
  } {
    const user = this.#person(input);
    const channel = this.#parts.workspace.channel(input.channel);
    if (!input.force && !channel.members.includes(user.id)) {
      throw new SlackRefusal('user_not_in_channel', { hint: 'force: true delivers all the same' });
    }
    if (!input.force && channel.is_archived) throw new SlackRefusal('is_archived');
    return { user, channel };
  }

  /** For what happens in no channel. */
  #outside(input: OpenHomeInput): Envelope {
    return this.#envelope(this.#person(input), undefined, input.override);
  }

  #envelope(user: SlackUser, place: AnswerPlace | undefined, override: Override = {}): Envelope {
    const { base, responseUrls, triggers } = this.#parts;
    return {
      user,
      responseUrl: place === undefined ? '' : `${base()}${responseUrls.issue(place)}`,
      triggerId: triggers.issue(user.id),
      override,
    };
  }

  /** Shows what came with the acknowledgement; says why when it cannot be shown. */
  #publish(place: AnswerPlace, reply: AppReply, urls: ResponseUrls): string | undefined {
    if (reply.body === undefined) return undefined;
    try {
      urls.answer(place, reply.body);
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof SlackRefusal)) throw thrown;
      return `with the error "invalid_command_response" (${thrown.reply.error})`;
    }
  }
}

function commandFailure({ error, status }: AppReply): string {
  if (error === 'timeout') return 'because the app did not respond.';
  if (status === undefined) return 'with the error "dispatch_failed"';
  return `with the error "${status < 500 ? 'http_client_error' : 'http_service_error'}"`;
}

function acted({ acknowledged, body, error, status }: AppReply): Acted {
  const reason = error ?? (acknowledged ? undefined : `HTTP ${status}`);
  return {
    ok: acknowledged,
    ...(body && { answer: body }),
    ...(reason !== undefined && { error: reason }),
  };
}

/** The clicked element in the message as it is, or for a stale click as it last had the button. */
function findElement(
  message: SlackMessage,
  wanted: ClickInput,
): { block: SlackBlock; element: JsonObject } | undefined {
  const versions = wanted.stale ? [message, ...message.earlier.toReversed()] : [message];
  return elementIn(versions.flatMap(everyBlock), wanted);
}
