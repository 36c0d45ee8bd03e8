import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { loadInventory } from '../src/config/inventory.ts';
import { faultReport } from '../src/config/report.ts';
import type { Inventory } from '../src/domain/inventory.ts';
import { type LocalSlack, startLocalSlack } from '../src/sandbox/slack/local-slack.ts';
import {
  APPROVER,
  CHANNEL,
  inventoryYaml,
  nextOperator,
  OPERATORS,
  type SiteInventory,
} from './inventory.ts';
import { type Environment, type Serving, startLb } from './lb-process.ts';
import { type BenchRedis, connectTo, type Durability, startRedis } from './redis-server.ts';
import { epochMs } from './time.ts';

export type Store = Durability | 'embedded';

export const SIGNING_KEY = 'a-signing-key-of-the-benchmark-0123456789abcdef';

/** A store, a local Slack and processes of `lb serve`, all of them this site's alone. */
export interface Site {
  readonly slack: LocalSlack;
  readonly redisUrl: string;
  /** The benchmark's own connection to the store. */
  readonly client: Redis;
  /** Absent with the embedded store. */
  readonly redis: BenchRedis | undefined;
  readonly inventory: Inventory;
  readonly environment: Environment;
  readonly processes: readonly Serving[];
  stop(): Promise<void>;
}

export interface SiteSettings {
  readonly directory: string;
  readonly store: Store;
  readonly inventory: SiteInventory;
  /** Variables that the inventory names. */
  readonly secrets?: Environment;
  /** Arguments of each `lb serve`; default: one process with all roles. */
  readonly processes?: readonly (readonly string[])[];
}

export function startSlack(): Promise<LocalSlack> {
  return startLocalSlack({
    users: [
      ...OPERATORS.map((id) => ({ id, name: id.toLowerCase() })),
      { id: APPROVER, name: 'approver' },
    ],
    channels: [{ id: CHANNEL, name: 'bench' }],
    now: epochMs,
  });
}

/** Starts everything of a site; when one part does not start, the others are stopped again. */
export async function openSite(settings: SiteSettings): Promise<Site> {
  const { directory, store } = settings;
  mkdirSync(directory, { recursive: true });
  const { inventoryPath, inventory } = writeInventory(settings);
  const slack = await startSlack();
  const redis =
    store === 'embedded' ? undefined : await startRedis(join(directory, 'redis'), store);
  const data = join(directory, 'data');
  const socket = join(data, 'valkey', 'valkey.sock');
  const environment: Environment = {
    ...(redis === undefined ? { LB_DATA: data } : { REDIS_URL: redis.url }),
    LB_INVENTORY: inventoryPath,
    LB_SIGNING_KEY: SIGNING_KEY,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    LB_HTTP_PORT: '0',
    ...settings.secrets,
  };
  const processes: Serving[] = [];
  let client = redis?.client;
  const stop = async () => {
    await Promise.all(processes.map((process) => process.stop()));
    await slack.close();
    client?.disconnect();
    await redis?.stop();
  };
  try {
    const wanted = settings.processes ?? [store === 'embedded' ? ['--embedded'] : []];
    for (const args of wanted) processes.push(await startLb(args, environment));
    client ??= connectTo(socket);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  const redisUrl = redis?.url ?? `unix://${socket}`;
  return { slack, redisUrl, client, redis, inventory, environment, processes, stop };
}

function writeInventory({ directory, inventory }: SiteSettings) {
  const inventoryPath = join(directory, 'inventory.yml');
  const yaml = inventoryYaml(inventory);
  writeFileSync(inventoryPath, yaml);
  const loaded = loadInventory(yaml, inventoryPath);
  if (!loaded.ok) throw new Error(faultReport(loaded.faults, inventoryPath));
  return { inventoryPath, inventory: loaded.inventory };
}

/** Types a command as the operator; resolves with how long the acknowledgement took, in ms, and its text. */
export async function type(
  site: Pick<Site, 'slack'>,
  text: string,
): Promise<{ readonly ackMs: number; readonly acknowledged: boolean; readonly answer: string }> {
  const begun = performance.now();
  const reply = await site.slack.human.command({
    user: nextOperator(),
    channel: CHANNEL,
    command: '/lb',
    text,
  });
  return {
    ackMs: performance.now() - begun,
    acknowledged: reply.ok,
    answer: typeof reply.answer?.text === 'string' ? reply.answer.text : '',
  };
}

/** Id of the change that an acknowledgement names. */
export function changeIdIn(answer: string): string {
  const id = /Change `([a-z0-9]+)`/.exec(answer)?.[1];
  if (id === undefined) throw new Error(`The command was not taken: ${answer}`);
  return id;
}
