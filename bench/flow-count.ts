import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { BenchBalancer } from './balancers.ts';
import { type Exchange, startCountingProxy } from './counting-proxy.ts';
import { oneChange } from './one-change.ts';
import { PAIR_SERVICE, pairInventory } from './pair.ts';
import { openSite } from './site.ts';
import { oneAfterAnother } from './statistics.ts';

/** What one change of one member on a pair costs in steps, counted where they pass. */
export interface FlowCount {
  /** Exchanges with the devices, until the last write was answered. */
  readonly untilChanged: readonly Exchange[];
  /** The same until the change was over: read-back and the table after it included. */
  readonly untilPosted: readonly Exchange[];
  /** Commands that Redis executed for it, those inside scripts included. */
  readonly redisCommands: number;
}

/**
 * From the command to the changed device a change is handed on twice: plan (src/operations/request.ts to plan.ts)
 * and lane (plan.ts to apply.ts; from a click approve.ts to apply.ts, once). To the posted outcome once more: card
 * (finish.ts to announce.ts). Jobs beside that way (the cards in between, the report) are not counted: nothing
 * waits for them.
 */
export const hopsUntilChanged = (approval: boolean) => (approval ? 1 : 2);
export const hopsUntilPosted = (approval: boolean) => hopsUntilChanged(approval) + 1;

const isWrite = ({ command }: Exchange) => !command.startsWith('show ');

async function commandsOf(client: Redis): Promise<number> {
  const info = await client.info('stats');
  return Number(/total_commands_processed:(\d+)/.exec(info)?.[1] ?? 0);
}

/**
 * Makes one change through counting proxies, on a site of its own; with approval only what comes after the click is
 * counted.
 */
export async function countFlow(
  directory: string,
  nodes: readonly BenchBalancer[],
  approval: boolean,
): Promise<FlowCount> {
  const proxies = await Promise.all(
    nodes.map((node) =>
      startCountingProxy(
        join(directory, `${node.name}-count-${approval}.sock`),
        node.sockets[0] ?? '',
      ),
    ),
  );
  const site = await openSite({
    directory: join(directory, `count-${approval}`),
    store: 'off',
    inventory: pairInventory(
      proxies.map(({ socket }) => socket),
      approval,
    ),
  });
  try {
    const change = { service: PAIR_SERVICE, member: 'm1' };
    // The first one also opens connections and reads who may do what.
    await oneChange(site, nodes, { ...change, verb: 'disable' });
    await oneChange(site, nodes, { ...change, verb: 'enable' });
    for (const { exchanges } of proxies) exchanges.length = 0;
    const before = await commandsOf(site.client);
    const { from } = await oneChange(site, nodes, { ...change, verb: 'disable' });
    const redisCommands = (await commandsOf(site.client)) - before;
    const untilPosted = proxies
      .flatMap(({ exchanges }) => exchanges)
      .filter((exchange) => !approval || exchange.from >= from);
    await oneChange(site, nodes, { ...change, verb: 'enable' });
    const lastWrite = Math.max(...untilPosted.filter(isWrite).map(({ to }) => to));
    return {
      untilPosted,
      untilChanged: untilPosted.filter(({ to }) => to <= lastWrite),
      redisCommands,
    };
  } finally {
    await site.stop();
    await Promise.all(proxies.map((proxy) => proxy.close()));
  }
}

/** The bare time of these exchanges one after another, in ms: each command at the price of its kind. */
export function bareMs(exchanges: readonly Exchange[], price: ReadonlyMap<string, number>): number {
  return exchanges.reduce((sum, exchange) => sum + (price.get(kindOf(exchange)) ?? 0), 0);
}

/** The part of it that had to come one after another, as the flow is: what ran side by side counts once. */
export function bareSerialMs(
  exchanges: readonly Exchange[],
  price: ReadonlyMap<string, number>,
): number {
  const share = oneAfterAnother(exchanges) / Math.max(1, exchanges.length);
  return bareMs(exchanges, price) * share;
}

/** `reading` or `write`. */
export function kindOf(exchange: Exchange): string {
  return isWrite(exchange) ? 'write' : 'reading';
}
