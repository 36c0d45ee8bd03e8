import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { insideWords, type Site } from './site.ts';
import { until } from './until.ts';

/** One question of a client, on a connection of its own. */
export interface Sample {
  /** When it was asked, in ms since the epoch. */
  readonly at: number;
  /** How long it took until the end of the answer, or until it was given up. */
  readonly ms: number;
  /** Who answered; or else what went wrong. */
  readonly server?: string;
  readonly status?: number;
  readonly error?: string;
}

export interface ProbeOptions {
  readonly address: string;
  readonly port?: number;
  readonly everyMs?: number;
  readonly timeoutMs?: number;
  /** So many clients with addresses of their own, who ask in turn; 0: the client itself. At most 250. */
  readonly clients?: number;
}

export interface Probe {
  readonly samples: readonly Sample[];
  /** Resolves when so many more questions were asked and over. */
  more(count: number): Promise<void>;
  stop(): Promise<readonly Sample[]>;
}

/** Asks the address again and again from a host of the lab, with `GET /`. */
export async function startProbe(site: Site, host: string, options: ProbeOptions): Promise<Probe> {
  const { address, port = 80, everyMs = 50, timeoutMs = 1_000, clients = 0 } = options;
  const settings = [address, port, everyMs, timeoutMs, clients].map(String);
  const words = [process.execPath, join(site.directory, 'probe.mjs'), ...settings];
  const [program = '', ...args] = insideWords(site, words, host);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const samples: Sample[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    samples.push(JSON.parse(line) as Sample);
  });
  const more = async (count: number) => {
    const enough = samples.length + count;
    await until(`${count} samples of ${address}`, 30_000, () => samples.length >= enough);
  };
  await more(1);
  return {
    samples,
    more,
    async stop() {
      const gone = once(child, 'close');
      child.stdin.end();
      await gone;
      return samples;
    },
  };
}

/**
 * The longest time in ms for which nobody was answered: from the last question before it that was answered to the
 * first one after it. 0 when all were answered. Samples may come in any order.
 */
export function longestGapMs(samples: readonly Sample[]): number {
  const inOrder = [...samples].sort((one, other) => one.at - other.at);
  let longest = 0;
  let lastGood: number | undefined;
  let isBad = false;
  for (const { at, error } of inOrder) {
    if (error !== undefined) {
      isBad = true;
      lastGood ??= at;
    } else {
      if (isBad && lastGood !== undefined) longest = Math.max(longest, at - lastGood);
      lastGood = at;
      isBad = false;
    }
  }
  const end = inOrder.at(-1)?.at;
  return isBad && lastGood !== undefined && end !== undefined
    ? Math.max(longest, end - lastGood)
    : longest;
}
