import fc from 'fast-check';
import { histories, written } from './history.ts';
import { type Ran, run } from './run.ts';

export interface Exploring {
  /** Of the first history; each following one has the next number, so that it can be run alone. */
  readonly seed: number;
  /** How long a history may be, where `LB_HISTORY_EVENTS` says nothing else. */
  readonly eventsMax: number;
  readonly sideBySide: number;
  /** Whether another history, the so-manieth, is to begin. */
  readonly goesOn: (index: number) => boolean;
}

export interface Explored {
  readonly count: number;
  readonly writes: number;
  readonly looks: number;
  /** One report for each history that broke a promise. */
  readonly broken: readonly string[];
}

/** What `LB_HISTORY_SEED` says; else a new one where `npm run test:long` searches, and always the same in `npm test`. */
export function historySeed(): number {
  const searching = process.env.LB_TEST_LONG === '1';
  const own = searching ? Math.floor(Math.random() * 2 ** 31) : 4_711;
  return Number(process.env.LB_HISTORY_SEED ?? own);
}

function reportOf(again: string, history: string, faults: readonly string[], log: string): string {
  return [
    `${again} LB_HISTORY_RUNS=1 npx vitest run test/histories`,
    ...faults.map((words) => `  ✗ ${words}`),
    history,
    'what happened (ms):',
    log,
  ].join('\n');
}

/**
 * Runs one history after another and gathers what was broken. Nothing is shrunk: a smaller history that fails too takes
 * minutes to find, and the one at hand is short enough to be read.
 */
export async function explore(plan: Exploring): Promise<Explored> {
  const broken: string[] = [];
  let count = 0;
  let writes = 0;
  let looks = 0;
  const eventsMax = Number(process.env.LB_HISTORY_EVENTS ?? plan.eventsMax);
  const next = async (): Promise<void> => {
    while (plan.goesOn(count)) {
      const seed = plan.seed + count;
      count += 1;
      const [history] = fc.sample(histories(eventsMax), { seed, numRuns: 1 });
      if (history === undefined) throw new Error('fast-check made no history.');
      const begun = Date.now();
      let ran: Pick<Ran, 'faults' | 'log' | 'writes' | 'looks' | 'ends'>;
      try {
        ran = await run(history);
      } catch (thrown) {
        const words = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        ran = { faults: [`thrown: ${words}`], log: '', writes: 0, looks: 0, ends: {} };
      }
      writes += ran.writes;
      looks += ran.looks;
      const ends = JSON.stringify(ran.ends);
      console.info(
        `  ${seed}: ${history.events.length} happenings, ${Date.now() - begun} ms, ${ran.writes} writes, ${ends}${ran.faults.length > 0 ? ` ✗ ${ran.faults.length}` : ''}`,
      );
      if (ran.faults.length > 0)
        broken.push(
          reportOf(
            `LB_HISTORY_SEED=${seed} LB_HISTORY_EVENTS=${eventsMax}`,
            written(history),
            ran.faults,
            ran.log,
          ),
        );
    }
  };
  console.info(`histories: LB_HISTORY_SEED=${plan.seed}`);
  await Promise.all(Array.from({ length: plan.sideBySide }, next));
  return { count, writes, looks, broken };
}
