import { MEMBERS, SERVICE } from '../stage/inventory.ts';
import { ask, poolSeen, type SeenServer } from '../stage/second-reader.ts';
import type { Stage } from '../stage/stage.ts';
import type { Happening, Moment, Site } from './history.ts';

export type View = ReadonlyMap<string, SeenServer>;

/** A command of the product that reached HAProxy, with what the node showed right before and after it. */
export interface Written {
  readonly node: string;
  readonly command: string;
  readonly member: string;
  readonly at: number;
  readonly before: View;
  readonly after: View;
}

/** What the history itself did to a node. */
export interface Outside {
  readonly node: string;
  readonly kind: 'hand' | 'reload';
  readonly member?: string;
  readonly at: number;
  readonly until: number;
}

type Hand = Extract<Happening, { kind: 'hand' }>;

/** A moment at which to strike at a write: returns true when the client's connection is to end. */
export interface Strike {
  readonly when: Exclude<Moment, 'now'>;
  readonly act: () => void;
}

export interface Timeline {
  readonly writes: readonly Written[];
  readonly outside: readonly Outside[];
  /** What was seen that must never be. */
  readonly faults: readonly string[];
  /** How often the nodes were looked at beside the writes. */
  looks(): number;
  /** Strikes at the next write, once. */
  strike(strike: Strike): void;
  disarm(): void;
  byHand(hand: Hand): Promise<void>;
  reload(node: 0 | 1): Promise<void>;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 50;
/** The product reads, then writes: what a hand does in between it cannot see. A frozen Redis makes that longer. */
const UNSEEN_MS = 5_000;
const WEIGHT = 10;

const takes = ({ admin, weight }: SeenServer) => admin === 0 && weight > 0;
const inPool = (view: View) => [...view.values()].filter(takes);
const isWrite = (command: string) => !command.startsWith('show ');

export function shown(view: View): string {
  const odd = [...view].filter(([, { admin, weight }]) => admin !== 0 || weight !== WEIGHT);
  return odd.map(([name, { admin, weight }]) => `${name}:${admin}/${weight}`).join(' ') || 'all in';
}

/** What must stay in a pool, by the words of the inventory; on its own, not by the product's guard. */
export function fewest(minAvailable: Site['minAvailable']): number {
  if (!minAvailable.endsWith('%')) return Number(minAvailable);
  return Math.ceil((MEMBERS.length * Number.parseInt(minAvailable, 10)) / 100);
}

/** Watches the nodes of a stage from the outside for as long as a history lasts. */
export function watchStage(stage: Stage, site: Site): Timeline {
  const writes: Written[] = [];
  const outside: Outside[] = [];
  const faults: string[] = [];
  const strikes: Strike[] = [];
  const needed = fewest(site.minAvailable);
  let looks = 0;
  let isOver = false;
  let reloads: Promise<void> = Promise.resolve();

  // One at a time on each node, so that what is seen before and after belongs to one command.
  const turns = stage.nodes.map(() => Promise.resolve());
  const alone = <T>(at: number, work: () => Promise<T>): Promise<T> => {
    const mine = (turns[at] ?? Promise.resolve()).then(work);
    turns[at] = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  };
  const nodeAt = (at: number) => {
    const node = stage.nodes[at];
    if (node === undefined) throw new Error(`There is no node ${at}.`);
    return node;
  };
  const tookByHand = (node: string, from: number) =>
    outside.some((act) => act.node === node && act.kind === 'hand' && act.until >= from);

  for (const [at, proxy] of stage.proxies.entries()) {
    const { name, socket } = nodeAt(at);
    const struck = (when: Strike['when']) => {
      const index = strikes.findIndex((strike) => strike.when === when);
      const [strike] = index < 0 ? [] : strikes.splice(index, 1);
      strike?.act();
      return strike !== undefined;
    };
    proxy.hook = async (passing) => {
      const { command } = passing;
      if (!isWrite(command)) return passing.answer(await passing.forward());
      if (struck('before a write')) return passing.drop();
      const reply = await alone(at, async () => {
        const before = await poolSeen(socket);
        const begun = Date.now();
        const answer = await passing.forward();
        const after = await poolSeen(socket);
        const member = / (\S+)\/(?<member>\S+)/.exec(command)?.groups?.member ?? '';
        writes.push({ node: name, command, member, at: begun, before, after });
        const left = inPool(after).length;
        const isTaken = left < inPool(before).length;
        if (isTaken && left < needed && !tookByHand(name, begun - UNSEEN_MS)) {
          faults.push(
            `guard: "${command}" left ${left} of ${needed} on ${name}; before: ${shown(before)}`,
          );
        }
        return answer;
      });
      if (struck('after a write')) return passing.drop();
      passing.answer(reply);
    };
  }

  const look = async (at: number) => {
    const { name, socket } = nodeAt(at);
    let last = MEMBERS.length;
    let lastAt = Date.now();
    while (!isOver) {
      const begun = Date.now();
      try {
        const view = await poolSeen(socket);
        const count = inPool(view).length;
        looks += 1;
        if (count < needed && count < last && !tookByHand(name, lastAt - UNSEEN_MS)) {
          faults.push(`guard: ${name} was seen with ${count} of ${needed}: ${shown(view)}`);
        }
        last = count;
        lastAt = begun;
      } catch {
        // A process that was just replaced; the next look sees the new one.
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  const looking = Promise.all(stage.nodes.map((_node, at) => look(at)));

  return {
    writes,
    outside,
    faults,
    looks: () => looks,
    strike: (strike) => void strikes.push(strike),
    disarm: () => void strikes.splice(0),
    byHand: ({ node: at, member: given, isOut, words }) =>
      alone(at, async () => {
        const { name, socket } = nodeAt(at);
        const out = [...(await poolSeen(socket))].filter(([, server]) => !takes(server));
        const [member] = (isOut ? out[0] : undefined) ?? [given];
        const target = `${SERVICE}/${member}`;
        const [verb, weight] = words.split(' ');
        const begun = Date.now();
        const act = { node: name, kind: 'hand' as const, member, at: begun, until: begun };
        outside.push(act);
        await ask(
          socket,
          verb === 'weight'
            ? `set weight ${target} ${weight}`
            : `set server ${target} state ${verb}`,
        );
        act.until = Date.now();
      }),
    // Beside the writes: one may well go to the process that is on its way out.
    reload(at) {
      const node = nodeAt(at);
      reloads = reloads.then(async () => {
        const begun = Date.now();
        const act = { node: node.name, kind: 'reload' as const, at: begun, until: begun };
        outside.push(act);
        await node.reload();
        act.until = Date.now();
      });
      return reloads;
    },
    async stop() {
      isOver = true;
      await looking;
      for (const proxy of stage.proxies) proxy.hook = undefined;
    },
  };
}
