import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Lab } from './lab.ts';
import { VIP } from './places.ts';
import { insideWords } from './site.ts';

/** What clients that come one after another have got so far. */
export interface Clients {
  /** Answers by real server. */
  readonly answers: ReadonlyMap<string, number>;
  readonly failures: () => number;
  readonly stop: () => void;
}

/** Lets a client come to the VIP every `everyMs`, each from an address of its own, until `stop`. */
export function startClients(lab: Lab, path: string, everyMs: number): Clients {
  const program = fileURLToPath(new URL('clients.mjs', import.meta.url));
  const words = [process.execPath, program, VIP, path, String(everyMs)];
  const [command = '', ...args] = insideWords(lab.state.site, words, 'client');
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const answers = new Map<string, number>();
  let failed = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, , server = '-'] = line.split(' ');
    if (server === '-') failed += 1;
    else answers.set(server, (answers.get(server) ?? 0) + 1);
  });
  return { answers, failures: () => failed, stop: () => void child.kill('SIGKILL') };
}
