import { expect } from 'vitest';
import type { WatchRules } from '../../src/watch/rules.ts';
import { DIRECTOR_NAMES, type DirectorName, VIP } from '../lab/places.ts';
import { killKeepalived, setPriority, startKeepalived, stopKeepalived } from '../lab/vrrp.ts';
import { DISABLE, openDirectorPair, PAIR, TARGET } from '../stage/director-pair.ts';
import { incidentBook } from './incident-book.ts';
import type { WatchedPair } from './pair-scenes.ts';

const PATIENCE_MS = 120_000;

/** Two real directors, watched by the whole product; the member `.78` of the article's service is disabled. */
export interface WatchedDirectors extends WatchedPair {
  calm(): Promise<void>;
  stop(): Promise<void>;
}

export async function openWatchedDirectors(
  watchRules: Partial<WatchRules>,
): Promise<WatchedDirectors> {
  const pair = await openDirectorPair({ watchRules });
  const { lab, stage } = pair;
  await pair.change(DISABLE, 'done');
  const requests = () => lab.requests().get(TARGET) ?? 0;
  let reached = requests();
  const probe = await lab.probe({ everyMs: 100 });
  const book = incidentBook(stage, PAIR, PATIENCE_MS);
  const own = (node: string): DirectorName => {
    const found = DIRECTOR_NAMES.find((each) => each === node);
    if (found === undefined) throw new Error(`There is no director ${node}.`);
    return found;
  };
  const director = (node: string) => lab.director(own(node));
  const holdsVip = async (node: string) => {
    const { stdout } = await director(node).run('ip -4 -o addr show eth0');
    return stdout.includes(`${VIP}/`);
  };
  return {
    lane: PAIR,
    first: 'lvs-1',
    second: 'lvs-2',
    stage,
    book,
    holdsVip,
    stopKeepalived: (node) => stopKeepalived(director(node)),
    killKeepalived: (node) => killKeepalived(director(node)),
    startKeepalived: (node) => startKeepalived(director(node)),
    giveWay: (isGiving) => setPriority(lab.director('lvs-1'), isGiving ? 80 : 100),
    async freeze(node, isFrozen) {
      if (isFrozen) director(node).freeze();
      else director(node).thaw();
    },
    powerOff: (node) => director(node).kill(),
    powerOn: (node) => director(node).boot(),
    plug: (node, isIn) => lab.plug(own(node), isIn),
    separate: (isCut) => lab.separate(isCut),
    async expectStillOut(...nodes) {
      for (const node of nodes.length === 0 ? DIRECTOR_NAMES : nodes) {
        await expect.poll(() => pair.weight(own(node)), { timeout: PATIENCE_MS }).toBe(0);
      }
      await probe.more(3);
      expect(requests() - reached).toBe(0);
    },
    async takenOutAgain() {
      for (const node of DIRECTOR_NAMES) {
        await expect.poll(() => pair.weight(node), { timeout: PATIENCE_MS }).toBe(0);
      }
      reached = requests();
    },
    async calm() {
      await expect
        .poll(async () => [await holdsVip('lvs-1'), await holdsVip('lvs-2')], {
          timeout: PATIENCE_MS,
        })
        .toEqual([true, false]);
      await book.open('lvs-1', 'lvs-2');
    },
    async stop() {
      await probe.stop();
      await pair.stop();
    },
  };
}
