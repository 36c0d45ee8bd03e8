import type { Asker } from '../operations/operations.ts';

/** What a command or a click says about itself, read leniently: it comes from Slack and may grow fields. */
export interface Delivery {
  readonly kind: 'command' | 'click' | 'event' | 'other';
  readonly appId: string | undefined;
  readonly teamId: string | undefined;
  /** Workspace of the person; differs from `teamId` for people of another organisation. */
  readonly userTeamId: string | undefined;
  readonly userId: string | undefined;
  readonly channelId: string | undefined;
  readonly triggerId: string | undefined;
  /** Of an event; the same when Slack sends it again. */
  readonly eventId: string | undefined;
  readonly responseUrl: string | undefined;
  readonly forWholeOrganisation: boolean;
}

/** Reads the body of a slash command, an interaction or an event. */
export function deliveryOf(body: unknown): Delivery {
  const command = textAt(body, 'command') !== undefined;
  const wide = at(body, 'is_enterprise_install');
  const kind = kindOf(command, textAt(body, 'type'));
  const flat = command || kind === 'event';
  const teamId = flat ? textAt(body, 'team_id') : textAt(body, 'team', 'id');
  return {
    kind,
    appId: textAt(body, 'api_app_id'),
    teamId,
    userTeamId: flat ? teamId : textAt(body, 'user', 'team_id'),
    userId: personIn(body, kind),
    channelId: command ? textAt(body, 'channel_id') : textAt(body, 'channel', 'id'),
    triggerId: textAt(body, 'trigger_id'),
    eventId: textAt(body, 'event_id'),
    responseUrl: textAt(body, 'response_url'),
    forWholeOrganisation: wide === true || wide === 'true',
  };
}

function kindOf(command: boolean, type: string | undefined): Delivery['kind'] {
  if (command) return 'command';
  if (type === 'block_actions') return 'click';
  return type === 'event_callback' ? 'event' : 'other';
}

function personIn(body: unknown, kind: Delivery['kind']): string | undefined {
  switch (kind) {
    case 'command':
      return textAt(body, 'user_id');
    case 'event':
      return textAt(body, 'event', 'user');
    case 'click':
    case 'other':
      return textAt(body, 'user', 'id');
  }
}

/**
 * Who asks. The person is the user id and nothing else: names can be changed, and a button's value or a message's
 * text can be anybody's. Undefined when the delivery does not say enough.
 */
export function askerOf(delivery: Delivery): Asker | undefined {
  const { userId, teamId, channelId } = delivery;
  const id = delivery.triggerId ?? delivery.eventId;
  if (userId === undefined || teamId === undefined || id === undefined) return undefined;
  return {
    actor: { id: userId, via: 'slack' },
    origin: { via: 'slack', ...(channelId === undefined ? {} : { channel: channelId }) },
    deliveryId: `${teamId}.${id}`,
  };
}

/** The card a click came from; undefined for a click on the Home tab. */
export function cardTsOf(body: unknown): string | undefined {
  return textAt(body, 'message', 'ts') ?? textAt(body, 'container', 'message_ts');
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
