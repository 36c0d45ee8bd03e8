import { parseArgs } from 'node:util';

/** How long and how often everything is measured. */
export interface Extent {
  readonly pair: { readonly blocks: number; readonly changesPerBlock: number };
  readonly ack: { readonly seconds: number; readonly whileAway: number };
  readonly lanes: {
    readonly lanes: readonly number[];
    readonly changesPerRound: number;
    readonly rounds: number;
    readonly brief: boolean;
  };
  readonly status: { readonly members: number; readonly count: number };
  readonly directors: { readonly changes: number };
  readonly f5: { readonly changes: number; readonly commands: number };
  readonly reading: { readonly count: number };
  readonly watch: { readonly settleMs: number; readonly overMs: number; readonly deaths: number };
  readonly announce: {
    readonly settleMs: number;
    readonly overMs: number;
    readonly pairs: number;
    readonly moves: number;
  };
  readonly processes: {
    readonly starts: number;
    readonly helps: number;
    readonly restMs: number;
  };
}

const FULL: Extent = {
  pair: { blocks: 5, changesPerBlock: 20 },
  ack: { seconds: 10, whileAway: 6 },
  lanes: { lanes: [1, 10, 100], changesPerRound: 200, rounds: 2, brief: false },
  status: { members: 1_000, count: 30 },
  directors: { changes: 30 },
  f5: { changes: 300, commands: 9 },
  reading: { count: 50 },
  watch: { settleMs: 8_000, overMs: 30_000, deaths: 40 },
  announce: { settleMs: 8_000, overMs: 30_000, pairs: 6, moves: 8 },
  processes: { starts: 3, helps: 15, restMs: 2_000 },
};

const QUICK: Extent = {
  pair: { blocks: 2, changesPerBlock: 6 },
  ack: { seconds: 2, whileAway: 2 },
  lanes: { lanes: [1, 100], changesPerRound: 100, rounds: 1, brief: true },
  status: { members: 1_000, count: 10 },
  directors: { changes: 6 },
  f5: { changes: 100, commands: 3 },
  reading: { count: 20 },
  watch: { settleMs: 5_000, overMs: 10_000, deaths: 12 },
  announce: { settleMs: 4_000, overMs: 10_000, pairs: 4, moves: 4 },
  processes: { starts: 1, helps: 3, restMs: 300 },
};

export const PARTS = [
  'changes',
  'acknowledgement',
  'lanes',
  'status',
  'f5',
  'reading',
  'directors',
  'watch',
  'announce',
  'processes',
] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  readonly extent: Extent;
  readonly quick: boolean;
  readonly json: boolean;
  readonly parts: readonly Part[];
}

export const USAGE = `npm run bench [-- --quick] [--json] [--only ${PARTS.join(',')}]`;

/** Reads the command line; undefined when it is not understood. */
export function readOptions(args: readonly string[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        only: { type: 'string' },
      },
    });
    const named = values.only?.split(',').map((name) => name.trim());
    const parts = PARTS.filter((part) => named === undefined || named.includes(part));
    if (named !== undefined && parts.length !== named.length) return undefined;
    const { quick, json } = values;
    return { extent: quick ? QUICK : FULL, quick, json, parts };
  } catch {
    return undefined;
  }
}
