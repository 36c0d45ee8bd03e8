import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NotifySettings } from '../../src/bin/notify.ts';
import { type Product, type Role, startProduct } from '../../src/bin/product.ts';
import { systemClock } from '../../src/bin/system-clock.ts';
import { loadInventory } from '../../src/config/inventory.ts';
import type { ChangeRecord } from '../../src/domain/change.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Log } from '../../src/ports/log.ts';
import { openWorkQueue } from '../../src/queue/producer.ts';
import { type SandboxHaproxy, startHaproxy } from '../../src/sandbox/haproxy.ts';
import { type SandboxMembers, startMembers } from '../../src/sandbox/members.ts';
import { type LocalSlack, startLocalSlack } from '../../src/sandbox/slack/local-slack.ts';
import type { LocalSlackOptions } from '../../src/sandbox/slack/options.ts';
import { redisStores } from '../../src/store/stores.ts';
import type { WatchRules } from '../../src/watch/rules.ts';
import {
  APPROVER,
  CHANNEL,
  GUEST,
  MEMBERS,
  OPERATORS,
  OUTSIDER,
  REQUESTER,
  SECOND_APPROVER,
  SERVICE,
  type SiteOptions,
  siteYaml,
} from './inventory.ts';
import { type StageRedis, startRedis } from './redis.ts';
import { type SocketProxy, startSocketProxy } from './socket-proxy.ts';

export const SIGNING_KEY = 'a-signing-key-of-the-stage-0123456789abcdef';

export interface StageOptions extends Omit<SiteOptions, 'sockets'> {
  readonly nodes?: 1 | 2;
  readonly names?: readonly string[];
  readonly cookie?: string;
  /** Roles served inside the test's own process; none when the test starts processes itself. */
  readonly roles?: readonly Role[];
  readonly lockMs?: number;
  readonly watchRules?: Partial<WatchRules>;
  /** Another Redis than the plain one; the stage ends it. */
  readonly redis?: StageRedis;
  readonly auditArchive?: { readonly directory: string; readonly keep?: number };
  readonly log?: Log;
  readonly slack?: Partial<LocalSlackOptions>;
  /** An inventory of other balancers, instead of HAProxy nodes and their members. */
  readonly site?: { readonly yaml: string; readonly secrets: ReadonlyMap<string, Secret> };
  /** Where directors tell what their keepalived does. */
  readonly notify?: NotifySettings;
  /** How Slack's deliveries come in; Socket Mode. */
  readonly mode?: 'socket' | 'http';
}

/** Everything a journey needs, all of it real but Slack. */
export interface Stage {
  readonly directory: string;
  readonly redis: StageRedis;
  readonly slack: LocalSlack;
  readonly members: SandboxMembers;
  readonly nodes: readonly SandboxHaproxy[];
  /** Between the product and each node's socket. */
  readonly proxies: readonly SocketProxy[];
  readonly inventoryPath: string;
  /** Environment for processes of `lb` that join this stage. */
  readonly environment: Readonly<Record<string, string>>;
  readonly records: ReturnType<typeof redisStores>;
  product(): Product | undefined;
  restartProduct(): Promise<void>;
  /** Types a command as somebody; resolves with what Slack shows at once. */
  type(text: string, user?: string): Promise<unknown>;
  /** Clicks a button of the newest card that has it. */
  click(
    action: 'change.approve' | 'change.deny' | 'change.cancel',
    user?: string,
  ): Promise<unknown>;
  /** Everything the cards in the channel say now. */
  channelText(): string;
  /** Everything one person alone was told. */
  whispers(user?: string): string;
  /** The newest change in the store that names this state, polled. */
  change(state: ChangeRecord['state'], withinMs?: number): Promise<ChangeRecord>;
  /** Looks after a change at rest now, as its timer would. */
  wake(changeId: string): Promise<void>;
  stop(): Promise<void>;
}

function hasButton(message: { blocks?: readonly unknown[] }, action: string): boolean {
  return JSON.stringify(message.blocks ?? []).includes(`"action_id":"${action}"`);
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'lb-stage-'));
  const redis = options.redis ?? (await startRedis());
  const members = await startMembers({
    names: options.site === undefined ? (options.names ?? MEMBERS) : [],
    directory: join(directory, 'members'),
  });
  const nodes: SandboxHaproxy[] = [];
  for (
    let index = 1;
    index <= (options.site === undefined ? (options.nodes ?? 2) : 0);
    index += 1
  ) {
    nodes.push(
      await startHaproxy({
        directory,
        name: `ha-${index}`,
        backend: SERVICE,
        servers: members.members.map(({ name, address, port }) => ({
          name,
          address,
          port,
          weight: 10,
          ...(options.cookie === undefined ? {} : { cookie: name.split('.').at(-1) ?? name }),
        })),
        ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
        operatorSocket: true,
        checkEveryMs: 200,
      }),
    );
  }
  const proxies = await Promise.all(
    nodes.map((node) => startSocketProxy(join(directory, `${node.name}-proxy.sock`), node.socket)),
  );
  const slack = await startLocalSlack({
    users: [
      { id: REQUESTER, name: 'requester' },
      { id: APPROVER, name: 'approver' },
      { id: SECOND_APPROVER, name: 'second approver' },
      { id: OUTSIDER, name: 'outsider' },
      { id: GUEST, name: 'guest', is_restricted: true },
    ],
    channels: [{ id: CHANNEL, name: 'ops' }],
    userGroups: [
      {
        id: OPERATORS,
        handle: 'operators',
        name: 'operators',
        users: [REQUESTER, APPROVER, GUEST],
      },
    ],
    ...options.slack,
  });
  const yaml =
    options.site?.yaml ?? siteYaml({ ...options, sockets: proxies.map((proxy) => proxy.socket) });
  const inventoryPath = join(directory, 'inventory.yml');
  writeFileSync(inventoryPath, yaml);
  const loaded = loadInventory(yaml, 'inventory.yml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  const signingKey = new Secret(SIGNING_KEY);
  const records = redisStores(redis.client, systemClock, signingKey);
  let product: Product | undefined;

  const start = async () => {
    const roles = options.roles ?? ['bot', 'worker', 'watch'];
    if (roles.length === 0) return;
    product = await startProduct({
      roles,
      redisUrl: redis.ca === undefined ? redis.url : { url: redis.url, ca: redis.ca.text },
      ...(options.auditArchive === undefined ? {} : { auditArchive: options.auditArchive }),
      inventory: loaded.inventory,
      ...(options.site === undefined ? {} : { balancerSecrets: options.site.secrets }),
      ...(options.notify === undefined ? {} : { notify: options.notify }),
      signingKey,
      slack: {
        botToken: new Secret(slack.botToken),
        apiUrl: slack.apiUrl,
        ...(options.mode === 'http'
          ? { http: { signingSecret: new Secret(slack.signingSecret), host: '127.0.0.1', port: 0 } }
          : { appToken: new Secret(slack.appToken) }),
      },
      log: options.log ?? silent,
      lockMs: options.lockMs ?? 1_500,
      ...(options.watchRules === undefined ? {} : { watchRules: options.watchRules }),
    });
    if (options.mode === 'http') slack.setRequestUrl(product.slackUrl());
  };
  await start();

  return {
    directory,
    redis,
    slack,
    members,
    nodes,
    proxies,
    inventoryPath,
    environment: {
      REDIS_URL: redis.url,
      ...(redis.ca === undefined ? {} : { REDIS_CA: redis.ca.path }),
      LB_INVENTORY: inventoryPath,
      LB_SIGNING_KEY: SIGNING_KEY,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_API_URL: slack.apiUrl,
      LB_HTTP_PORT: '0',
      LB_JOB_LOCK_MS: String(options.lockMs ?? 1_500),
    },
    records,
    product: () => product,
    async restartProduct() {
      await product?.stop();
      await start();
    },
    type: (text, user = REQUESTER) =>
      slack.human.command({ user, channel: CHANNEL, command: '/lb', text }),
    async click(action, user = APPROVER) {
      const cards = slack.state.channel(CHANNEL).filter((message) => hasButton(message, action));
      const card = cards.at(-1);
      if (card === undefined) throw new Error(`No card has the button ${action}.`);
      return slack.human.click({ user, channel: CHANNEL, ts: card.ts, action_id: action });
    },
    channelText: () =>
      JSON.stringify(slack.state.channel(CHANNEL).map(({ earlier: _old, ...now }) => now)),
    whispers: (user = REQUESTER) => JSON.stringify(slack.state.ephemerals(user)),
    async change(state, withinMs = 30_000) {
      const until = Date.now() + withinMs;
      for (;;) {
        const [newest] = await records.changes.recent(1);
        if (newest?.state === state) return newest;
        if (Date.now() > until) {
          throw new Error(
            `No change became ${state}; the newest: ${JSON.stringify(newest, null, 1)}`,
          );
        }
        await systemClock.sleep(20);
      }
    },
    async wake(changeId) {
      const queue = openWorkQueue(redis.url);
      await queue.scheduleWake(changeId, Date.now());
      await queue.close();
    },
    async stop() {
      await product?.stop();
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await Promise.all(nodes.map((node) => node.stop()));
      await members.close();
      await slack.close();
      await redis.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
