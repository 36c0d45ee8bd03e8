import type { Settings } from './options.ts';
import {
  type DeliveryType,
  isObject,
  type JsonObject,
  type SlackBlock,
  type SlackChannel,
  type SlackMessage,
  type SlackUser,
  type SlackView,
} from './wire.ts';

/** Lies in a delivery, for tests of what the app checks. */
export interface Override {
  /** Workspace of the delivery. */
  readonly team_id?: string | undefined;
  /** Workspace of the person in a click. */
  readonly user_team_id?: string | undefined;
  readonly api_app_id?: string | undefined;
  /** HTTP only. */
  readonly signature?: 'wrong' | 'stale' | undefined;
}

/** What every payload carries. */
export interface Envelope {
  readonly user: SlackUser;
  readonly responseUrl: string;
  readonly triggerId: string;
  readonly override: Override;
}

/** Slack still sends this field and tells apps to ignore it. */
const VERIFICATION_TOKEN = 'deprecated-verification-token';

/** The fields of a slash command; Bolt's `SlashCommand`. */
export function commandPayload(
  settings: Settings,
  envelope: Envelope,
  typed: { readonly channel: SlackChannel; readonly command: string; readonly text: string },
) {
  const { user, override } = envelope;
  const { channel, command, text } = typed;
  return {
    token: VERIFICATION_TOKEN,
    team_id: override.team_id ?? settings.team.id,
    team_domain: settings.team.domain,
    channel_id: channel.id,
    channel_name: channel.is_im ? 'directmessage' : channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: override.api_app_id ?? settings.app.id,
    is_enterprise_install: 'false',
    response_url: envelope.responseUrl,
    trigger_id: envelope.triggerId,
  };
}

/** The clicked element with its block. */
export interface Clicked {
  readonly block: SlackBlock;
  readonly element: JsonObject;
  readonly value?: string | undefined;
  readonly selectedOption?: JsonObject | undefined;
  readonly actionTs: string;
}

/** A click in a message; Bolt's `BlockAction`. */
export function clickPayload(
  settings: Settings,
  envelope: Envelope,
  place: { readonly channel: SlackChannel; readonly message: SlackMessage },
  clicked: Clicked,
) {
  const { channel, message } = place;
  const { ephemeral_to, channel: _channel, earlier: _earlier, ...visible } = message;
  const isEphemeral = ephemeral_to !== undefined;
  return {
    type: 'block_actions' as const,
    ...interactionFields(settings, envelope),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: isEphemeral,
      ...(message.thread_ts && { thread_ts: message.thread_ts }),
    },
    channel: { id: channel.id, name: channel.is_im ? 'directmessage' : channel.name },
    ...(!isEphemeral && { message: visible }),
    state: { values: {} },
    response_url: envelope.responseUrl,
    actions: [actionOf(clicked)],
  };
}

/** The first element with this action, in this block if one is named. */
export function elementIn(
  blocks: readonly SlackBlock[],
  wanted: { readonly action_id: string; readonly block_id?: string | undefined },
): { block: SlackBlock; element: JsonObject } | undefined {
  for (const block of blocks) {
    if (wanted.block_id !== undefined && block.block_id !== wanted.block_id) continue;
    const elements = [block.accessory, ...(Array.isArray(block.elements) ? block.elements : [])];
    const element = elements
      .filter(isObject)
      .find((candidate) => candidate.action_id === wanted.action_id);
    if (element !== undefined) return { block, element };
  }
  return undefined;
}

function actionOf({ block, element, value, selectedOption, actionTs }: Clicked) {
  const common = {
    type: String(element.type),
    action_id: String(element.action_id),
    block_id: String(block.block_id),
    action_ts: actionTs,
  };
  if (common.type !== 'button') return { ...common, selected_option: selectedOption };
  const given = value ?? element.value;
  return {
    ...common,
    text: element.text,
    ...(given !== undefined && { value: given }),
    ...(element.style !== undefined && { style: element.style }),
    ...(element.confirm !== undefined && { confirm: element.confirm }),
  };
}

/** A click on the Home tab; Bolt's `BlockAction` of a view. */
export function homeClickPayload(
  settings: Settings,
  envelope: Envelope,
  view: SlackView,
  clicked: Clicked,
) {
  const { errors: _errors, user: _user, ...sent } = view;
  return {
    type: 'block_actions' as const,
    ...interactionFields(settings, envelope),
    container: { type: 'view', view_id: view.id },
    view: sent,
    actions: [actionOf(clicked)],
  };
}

/** A submitted modal; Bolt's `ViewSubmitAction`. */
export function submitPayload(
  settings: Settings,
  envelope: Envelope,
  view: SlackView,
  values: JsonObject,
) {
  const { errors: _errors, user: _user, ...sent } = view;
  return {
    type: 'view_submission' as const,
    ...interactionFields(settings, envelope),
    view: { ...sent, state: { values } },
    response_urls: [],
  };
}

/** Somebody opened the app's Home tab; an Events API envelope. */
export function homeOpenedPayload(settings: Settings, envelope: Envelope, eventId: string) {
  const { user, override } = envelope;
  return {
    type: 'event_callback' as const,
    token: VERIFICATION_TOKEN,
    team_id: override.team_id ?? settings.team.id,
    api_app_id: override.api_app_id ?? settings.app.id,
    event_id: eventId,
    event_time: Math.floor(settings.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: settings.team.id,
        user_id: settings.app.botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    event: {
      type: 'app_home_opened',
      user: user.id,
      channel: `D${user.id.slice(1)}`,
      tab: 'home',
      event_ts: String(settings.now() / 1000),
    },
  };
}

function interactionFields(settings: Settings, { user, triggerId, override }: Envelope) {
  return {
    team: { id: override.team_id ?? settings.team.id, domain: settings.team.domain },
    user: {
      id: user.id,
      username: user.name,
      name: user.name,
      team_id: override.user_team_id ?? user.team_id,
    },
    api_app_id: override.api_app_id ?? settings.app.id,
    token: VERIFICATION_TOKEN,
    trigger_id: triggerId,
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** Payload and kind together, as the app receives them. */
export interface Outgoing {
  readonly type: DeliveryType;
  readonly payload: JsonObject;
  readonly signature?: 'wrong' | 'stale' | undefined;
}
