import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { WatchRules } from '../../src/watch/rules.ts';
import { SIGNING_KEY, type Stage } from './stage.ts';

const SCRIPT = resolve(import.meta.dirname, 'watcher.mjs');

/** The role watch of the built product, in a process of its own. */
export interface WatcherProcess {
  kill(): Promise<void>;
  stop(): Promise<void>;
  log(): string;
}

export async function startWatcherProcess(
  stage: Stage,
  watchRules: Partial<WatchRules>,
): Promise<WatcherProcess> {
  if (!existsSync(resolve(import.meta.dirname, '../../dist/bin/product.js'))) {
    throw new Error('dist is missing: run `npm run build`.');
  }
  const given = {
    redisUrl: stage.redis.url,
    inventoryPath: stage.inventoryPath,
    signingKey: SIGNING_KEY,
    botToken: stage.slack.botToken,
    apiUrl: stage.slack.apiUrl,
    watchRules,
  };
  const child = spawn(process.execPath, [SCRIPT], {
    env: { PATH: process.env.PATH ?? '', LB_WATCHER: JSON.stringify(given) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-100_000);
  });
  const gone = once(child, 'exit');
  const ready = once(createInterface({ input: child.stdout }), 'line');
  const first = await Promise.race([ready, gone.then(() => undefined)]);
  if (first === undefined) throw new Error(`The watcher did not start: ${log}`);
  const end = async (how: () => void) => {
    if (child.exitCode === null && child.signalCode === null) how();
    await gone;
  };
  return {
    kill: () => end(() => child.kill('SIGKILL')),
    stop: () => end(() => child.stdin.end()),
    log: () => log,
  };
}
