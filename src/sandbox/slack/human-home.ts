import { randomUUID } from 'node:crypto';
import type { Deliveries } from './deliveries.ts';
import type { Settings } from './options.ts';
import {
  type Envelope,
  elementIn,
  homeClickPayload,
  homeOpenedPayload,
  type Override,
} from './payloads.ts';
import type { AppReply } from './signed-http.ts';
import { SlackRefusal } from './wire.ts';
import type { Workspace } from './workspace.ts';

/** Id of the one Home tab this person has of the app. */
export function homeViewId(user: string): string {
  return `VHOME${user}`;
}

export interface HomeClick {
  readonly action_id: string;
  readonly block_id?: string | undefined;
  /** Instead of the button's own value. */
  readonly value?: string | undefined;
  readonly override?: Override | undefined;
}

/** The Home tab of the app, as people use it. */
export class HomeTab {
  readonly #settings: Settings;
  readonly #workspace: Workspace;
  readonly #deliveries: Deliveries;

  constructor(settings: Settings, workspace: Workspace, deliveries: Deliveries) {
    this.#settings = settings;
    this.#workspace = workspace;
    this.#deliveries = deliveries;
  }

  open(envelope: Envelope): Promise<AppReply> {
    return this.#deliveries.deliver({
      type: 'events_api',
      payload: homeOpenedPayload(this.#settings, envelope, `Ev${randomUUID()}`),
      signature: envelope.override.signature,
    });
  }

  /** Clicks a button of the view as it is now. Such a click has no channel, no message and no response_url. */
  async click(envelope: Envelope, input: HomeClick): Promise<AppReply> {
    const view = this.#workspace.views.get(homeViewId(envelope.user.id));
    if (view === undefined)
      throw new SlackRefusal('not_found', { hint: 'the tab was never drawn' });
    const found = elementIn(view.blocks, input);
    if (found === undefined) throw new SlackRefusal('action_not_found');
    const clicked = { ...found, value: input.value, actionTs: this.#workspace.nextTs() };
    return this.#deliveries.deliver({
      type: 'interactive',
      payload: homeClickPayload(this.#settings, envelope, view, clicked),
      signature: envelope.override.signature,
    });
  }
}
