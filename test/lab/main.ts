import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LabState, openLab, startLab } from './lab.ts';
import { startedAt } from './leftovers.ts';
import { DIRECTOR_NAMES, VIP } from './places.ts';
import { until } from './until.ts';

/*
 * npm run lab -- up|down|status. `up` leaves a keeper behind, a process that holds the lab: when it ends, by
 * `down` or by anything else, so does all of the lab.
 */

const UP_MS_MAX = 90_000;
const STATE = join(tmpdir(), `lb-lab-${process.getuid?.() ?? 0}.json`);
const LOG = join(tmpdir(), `lb-lab-${process.getuid?.() ?? 0}.log`);

interface Kept {
  readonly keeper: number;
  readonly started: string;
  readonly lab: LabState;
}

function kept(): Kept | undefined {
  try {
    const found = JSON.parse(readFileSync(STATE, 'utf8')) as Kept;
    return startedAt(found.keeper) === found.started ? found : undefined;
  } catch {
    return undefined;
  }
}

async function keep(): Promise<void> {
  const { lab, stop } = await startLab();
  const end = async () => {
    await stop();
    rmSync(STATE, { force: true });
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.once(signal, () => void end());
  const state: Kept = { keeper: process.pid, started: startedAt(process.pid), lab: lab.state };
  writeFileSync(STATE, JSON.stringify(state), { mode: 0o600 });
  // Its listening sockets do not hold it.
  setInterval(() => {}, 3_600_000);
}

async function up(): Promise<void> {
  if (kept() !== undefined) return status();
  rmSync(STATE, { force: true });
  const log = openSync(LOG, 'w');
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'keep'], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let isGone = false;
  child.once('exit', () => {
    isGone = true;
  });
  await until('the lab', UP_MS_MAX, () => isGone || kept() !== undefined);
  if (kept() === undefined) throw new Error(readFileSync(LOG, 'utf8').trim());
  child.unref();
  await status();
}

async function down(): Promise<void> {
  const found = kept();
  if (found === undefined) return say('The lab is down.');
  process.kill(found.keeper, 'SIGTERM');
  await until('the end of the lab', 10_000, () => kept() === undefined);
  say('The lab is down.');
}

async function status(): Promise<void> {
  const found = kept();
  if (found === undefined) return say('The lab is down; up: npm run lab -- up');
  const lab = openLab(found.lab);
  say(
    `The lab is up, held by process ${found.keeper}. VIP ${VIP}:80 is 127.0.0.1:${found.lab.ports.vip}.`,
  );
  for (const name of DIRECTOR_NAMES) {
    const director = lab.director(name);
    const { port } = director.ssh('root');
    const { code, stdout } = await director.run('ip -4 -o addr show eth0');
    const held = stdout.includes(`${VIP}/`) ? 'holds the VIP' : 'does not hold the VIP';
    const role = code === 0 ? held : 'does not answer';
    say(`${name} ${director.address} ${role}`);
    say(`  ssh -i ${found.lab.site.directory}/key -p ${port} root@127.0.0.1`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const VERBS: Readonly<Record<string, () => Promise<void>>> = { up, down, status, keep };
const verb = VERBS[process.argv[2] ?? ''];
if (verb === undefined) {
  process.stderr.write('Usage: npm run lab -- up|down|status\n');
  process.exitCode = 2;
} else {
  await verb().catch((thrown: unknown) => {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    process.exit(1);
  });
}
