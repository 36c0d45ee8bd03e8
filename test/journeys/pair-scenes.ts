import { expect, it } from 'vitest';
import type { Stage } from '../stage/stage.ts';
import type { IncidentBook } from './incident-book.ts';

/** A pair with real keepalived that is watched by the whole product; one member behind it is disabled. */
export interface WatchedPair {
  readonly lane: string;
  /** MASTER when all is well, and the other node. */
  readonly first: string;
  readonly second: string;
  readonly stage: Stage;
  readonly book: IncidentBook;
  holdsVip(node: string): Promise<boolean>;
  stopKeepalived(node: string): Promise<void>;
  /** All of it at once, without a word: the VIP stays on the interface. */
  killKeepalived(node: string): Promise<void>;
  startKeepalived(node: string): Promise<void>;
  /** By priority: the first lets the second take over, or takes back what is its own. */
  giveWay(isGiving: boolean): Promise<void>;
  freeze(node: string, isFrozen: boolean): Promise<void>;
  powerOff(node: string): Promise<void>;
  powerOn(node: string): Promise<void>;
  plug(node: string, isIn: boolean): Promise<void>;
  /** Keeps the two from hearing each other, and nobody else from either. */
  separate(isCut: boolean): Promise<void>;
  /** By the devices' own word and by the member's access log: no client reached it since it was disabled. */
  expectStillOut(...nodes: readonly string[]): Promise<void>;
  /** Resolves when it is out on both again; who reached it before that counts no more. */
  takenOutAgain(): Promise<void>;
}

const PATIENCE = { timeout: 30_000, interval: 50 };

interface Expected {
  /** Why, while the cable of the first is out, and once it is back. */
  readonly cable: readonly [RegExp, RegExp];
  /** What a node is told, it remembers when it boots. */
  readonly keeps: boolean;
}

export const over = ({ lane, first, second }: WatchedPair) =>
  new RegExp(`Fail-over on ${lane}: ${first} was MASTER, ${second} took over`);
export const back = ({ first }: WatchedPair) => new RegExp(`${first} is MASTER again`);
const stopped = ({ first }: WatchedPair) =>
  new RegExp(`Cause:\\* keepalived on ${first} does not run any more`);

/** Each way in which a pair breaks, played once: one incident of the right kind, and its end. */
export function playScenes(pair: () => WatchedPair, { cable, keeps }: Expected): void {
  const LONG = 240_000;

  it(
    'tells a split brain, not a fail-over, when all of keepalived is killed and the VIP stays',
    async () => {
      const { book, first, lane, ...its } = pair();
      await its.killKeepalived(first);
      await book.told(
        new RegExp(`Split brain on ${lane}: .* both answer for the VIP`),
        new RegExp(`${first}: has the VIP without being MASTER`),
      );
      await its.expectStillOut();
      await its.startKeepalived(first);
      await book.toldOver(/Split brain on .* is over/, new RegExp(`${first} alone does now`));
    },
    LONG,
  );

  it(
    'tells one fail-over when the cable of the MASTER is pulled',
    async () => {
      const { book, first, second, ...its } = pair();
      await its.plug(first, false);
      await book.told(over(pair()), cable[0]);
      await its.expectStillOut(second);
      await its.plug(first, true);
      await book.toldOver(back(pair()), cable[1]);
      await its.expectStillOut();
    },
    LONG,
  );

  it(
    'tells a split brain when the two do not hear each other',
    async () => {
      const { book, first, second, lane, ...its } = pair();
      await its.separate(true);
      await book.told(
        new RegExp(`Split brain on ${lane}: .* both answer for the VIP`),
        new RegExp(`${first}: MASTER, priority \\d+; ${second}: MASTER, priority \\d+`),
      );
      await its.expectStillOut();
      await its.separate(false);
      await book.toldOver(/Split brain on .* is over/, new RegExp(`${first} alone does now`));
    },
    LONG,
  );

  it(
    'tells of a frozen node that it does not answer, and then that it was not restarted',
    async () => {
      const { book, first, second, ...its } = pair();
      await its.freeze(first, true);
      await book.told(over(pair()), new RegExp(`Cause:\\* ${first} does not answer`));
      await its.expectStillOut(second);
      await its.freeze(first, false);
      await book.toldOver(back(pair()), /(and was not restarted|stood still)/);
      await its.expectStillOut();
    },
    LONG,
  );

  it(
    'sums up a pair that flaps ten times',
    async () => {
      const { book, first, second, lane, stage, ...its } = pair();
      for (let turn = 0; turn < 10; turn += 1) {
        const isGiving = turn % 2 === 0;
        await its.giveWay(isGiving);
        const next = isGiving ? second : first;
        await expect.poll(() => its.holdsVip(next), PATIENCE).toBe(true);
        // Who looks now and then must have a chance to see it.
        const seen = async () => (await stage.records.watched.read(lane)).scene.roles[next]?.at(-1);
        await expect.poll(async () => (await seen())?.role, PATIENCE).toBe('MASTER');
      }
      await book.told(new RegExp(`${lane} flaps: the MASTER changed (9|10) times`));
      await book.toldOver(/It has been calm since/);
      await its.expectStillOut();
    },
    LONG,
  );

  it(
    'tells one incident when both lose their power, as the worst there is',
    async () => {
      const { book, first, second, lane, ...its } = pair();
      await its.powerOff(second);
      await its.powerOff(first);
      await book.told(
        new RegExp(`‼ No MASTER of ${lane} is to be seen: ${first} and ${second} do not answer`),
      );
      await its.powerOn(first);
      await its.powerOn(second);
      if (!keeps) await its.takenOutAgain();
      await book.toldOver(
        new RegExp(`${lane} had no MASTER that could be seen for a while; ${first} is it now`),
      );
      await its.expectStillOut();
    },
    LONG,
  );

  it(
    'tells one fail-over while Redis is started anew',
    async () => {
      const { book, first, second, stage, ...its } = pair();
      await its.stopKeepalived(first);
      await stage.redis.kill();
      await expect.poll(() => its.holdsVip(second), PATIENCE).toBe(true);
      await stage.redis.start();
      await book.told(over(pair()), stopped(pair()), new RegExp(`New master:\\* ${second}`));
      await its.startKeepalived(first);
      await book.toldOver(back(pair()), stopped(pair()));
      await its.expectStillOut();
    },
    LONG,
  );

  it(
    'tells it once when Slack, which answered 503, answers again',
    async () => {
      const { book, first, stage, ...its } = pair();
      stage.slack.human.fault({ method: 'chat.postMessage', times: 1_000, status: 503 });
      await its.stopKeepalived(first);
      await expect
        .poll(async () => (await stage.records.watched.due()).length, { timeout: 30_000 })
        .toBe(1);
      expect(book.messages()).toEqual([]);
      stage.slack.human.fault({ clear: true });
      await book.told(over(pair()), stopped(pair()));
      await its.startKeepalived(first);
      await book.toldOver(back(pair()));
      await its.expectStillOut();
    },
    LONG,
  );
}

/** Played on every kind of pair in the short run too; `keeps`: what a node is told it remembers when it boots. */
export function playPowerFailure(pair: () => WatchedPair, { keeps }: { readonly keeps: boolean }) {
  it('tells one incident when the MASTER loses its power; the member stays out while it is away and when it is back', async () => {
    const { book, first, second, ...its } = pair();
    await its.powerOff(first);
    await book.told(over(pair()), new RegExp(`Cause:\\* ${first} does not answer`));
    await its.expectStillOut(second);
    await its.powerOn(first);
    if (!keeps) await its.takenOutAgain();
    await book.toldOver(
      back(pair()),
      new RegExp(`Cause:\\* ${first} was started anew since: it lost its power`),
    );
    await its.expectStillOut();
  }, 240_000);
}
