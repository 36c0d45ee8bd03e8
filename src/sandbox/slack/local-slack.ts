import type { AddressInfo } from 'node:net';
import { Deliveries } from './deliveries.ts';
import { EventStream } from './event-stream.ts';
import { Faults } from './faults.ts';
import { createLocalServer } from './http-server.ts';
import { Human } from './human.ts';
import { homeViewId } from './human-home.ts';
import { HumanVerbs } from './human-http.ts';
import { type LocalSlackOptions, settle } from './options.ts';
import { ResponseUrls } from './response-urls.ts';
import { SocketMode } from './socket-mode.ts';
import { Spectator } from './spectator.ts';
import { TrafficMeter } from './traffic.ts';
import { Triggers } from './triggers.ts';
import { WebApi } from './web-api.ts';
import type { ApiCall, Delivery, SlackMessage, SlackView } from './wire.ts';
import { Workspace } from './workspace.ts';

/** For assertions; always the state of now. An edited message is a new object in the same place. */
export interface LocalSlackState {
  readonly messages: readonly SlackMessage[];
  readonly calls: readonly ApiCall[];
  readonly deliveries: readonly Delivery[];
  /** Socket Mode connections. */
  readonly sockets: number;
  /** What everybody in the channel sees, oldest first. */
  channel(id: string): readonly SlackMessage[];
  /** What only this user sees, oldest first. */
  ephemerals(user: string): readonly SlackMessage[];
  /** This user's Home tab as it was last drawn. */
  home(user: string): SlackView | undefined;
}

export interface LocalSlack {
  /** The page, `http://127.0.0.1:<port>/`. */
  readonly url: string;
  /** For the clients' `slackApiUrl`. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly human: Human & Pick<Spectator, 'state' | 'log' | 'channel' | 'ephemerals'>;
  readonly state: LocalSlackState;
  /** Switches to signed HTTP, or with `undefined` back to Socket Mode. */
  setRequestUrl(url: string | undefined): void;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * Starts a Slack that lives in this process: Web API, Socket Mode or signed HTTP, and a page on which
 * anybody can act as anybody. Throws LocalSlackRefused beside production or real tokens.
 */
export async function startLocalSlack(options: LocalSlackOptions): Promise<LocalSlack> {
  const settings = settle(options);
  const workspace = new Workspace(settings);
  const faults = new Faults();
  const triggers = new Triggers(settings);
  const events = new EventStream();
  const changed = () => workspace.changed();
  workspace.onChange(() => events.send('changed', {}));
  settings.breakages.onChange(changed);
  const sockets = new SocketMode(settings, changed);
  const deliveries = new Deliveries(settings, workspace, sockets);
  const responseUrls = new ResponseUrls(settings, workspace, faults);
  const base = () => `http://${HOST}:${(server.address() as AddressInfo).port}`;
  const openSocket = () => `${base().replace('http:', 'ws:')}${sockets.openPath()}`;
  const webApi = new WebApi({ settings, workspace, faults, triggers, openSocket });
  const human = new Human({
    settings,
    workspace,
    deliveries,
    sockets,
    responseUrls,
    triggers,
    faults,
    base,
  });
  const spectator = new Spectator(settings, workspace, () => deliveries.connected);
  const meter =
    settings.traffic &&
    new TrafficMeter(settings.traffic, (batch) => events.send('traffic', batch));
  const server = createLocalServer({
    webApi,
    responseUrls,
    sockets,
    events,
    human: new HumanVerbs(human, spectator, settings.breakages),
    firstEvents: () => (meter ? [{ name: 'totals', data: meter.totals() }] : []),
    warn: settings.warn,
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, HOST, resolve);
  });
  const url = base();

  return {
    url: `${url}/`,
    apiUrl: `${url}/api/`,
    botToken: settings.botToken,
    appToken: settings.appToken,
    signingSecret: settings.signingSecret,
    human: Object.assign(human, {
      state: spectator.state.bind(spectator),
      log: spectator.log.bind(spectator),
      channel: spectator.channel.bind(spectator),
      ephemerals: spectator.ephemerals.bind(spectator),
    }),
    state: stateOf(workspace, sockets),
    setRequestUrl: (requestUrl) => {
      settings.requestUrl = requestUrl;
      workspace.changed();
    },
    close: async () => {
      meter?.close();
      events.close();
      sockets.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function stateOf(workspace: Workspace, sockets: SocketMode): LocalSlackState {
  const { messages, calls, deliveries } = workspace;
  return {
    messages,
    calls,
    deliveries,
    get sockets() {
      return sockets.size;
    },
    channel: (id) =>
      messages.filter((message) => message.channel === id && message.ephemeral_to === undefined),
    ephemerals: (user) => messages.filter((message) => message.ephemeral_to === user),
    home: (user) => workspace.views.get(homeViewId(user)),
  };
}
