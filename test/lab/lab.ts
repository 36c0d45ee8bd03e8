import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../src/sandbox/child.ts';
import { plug, separate } from './cable.ts';
import { type Director, directorOf } from './director.ts';
import { type DirectorOptions, writeDirectorFiles } from './director-files.ts';
import { openForwards } from './forward.ts';
import { makeKey } from './keys.ts';
import { claimFolder, FOLDER_PREFIX, removeLeftovers } from './leftovers.ts';
import { DIRECTOR_NAMES, type DirectorName, NET, PROGRAMS, REAL_SERVERS, VIP } from './places.ts';
import { type Probe, type ProbeOptions, startProbe } from './probe.ts';
import { resetLab, rolesSettle } from './reset.ts';
import { type Ran, runInside, type Site, startSite } from './site.ts';

/** What a process needs to know to use a lab that another one holds up. */
export interface LabState {
  readonly site: Site;
  /** Of this machine's loopback: `lvs-1`, `lvs-2` (ssh) and `vip` (its port 80). */
  readonly ports: Readonly<Record<string, number>>;
}

export interface Lab {
  readonly state: LabState;
  director(name: DirectorName): Director;
  /** Runs a program on the client, or on a real server (`rs78`). */
  on(host: string, words: readonly string[], msMax?: number): Promise<Ran>;
  /** Lines of the access log of a real server, for instance `1795146174130 http 192.168.100.200 GET /`. */
  accessLog(address: string): readonly string[];
  /** How many requests of HTTP each real server took since the last reset, by address. */
  requests(): ReadonlyMap<string, number>;
  setSick(address: string, isSick: boolean): void;
  /** A client that asks the VIP (or what the options name) again and again. */
  probe(options?: Partial<ProbeOptions>): Promise<Probe>;
  /** Pulls the cable of a director, or puts it back. */
  plug(name: DirectorName, isIn: boolean): Promise<void>;
  /** Keeps the directors from hearing each other (VRRP too) while everybody else reaches both; or lets them again. */
  separate(isCut: boolean): Promise<void>;
  /**
   * Back to the agreed start, whatever was done to it: tables, keepalived and its configuration, lvs-1 as MASTER,
   * no connections, nobody sick, empty access logs, cables in, frozen and dead directors back. Without options, those
   * of the last time. Takes 1 s where keepalived still runs as it was started, else 5 s.
   */
  reset(options?: DirectorOptions): Promise<void>;
}

/** The Debian packages that are missing for the lab. */
export function missingPackages(path = process.env.PATH ?? ''): readonly string[] {
  const missing = Object.entries(PROGRAMS).filter(
    ([program]) => findProgram(program, path) === undefined,
  );
  return [...new Set(missing.map(([, name]) => name))];
}

/** Starts the lab. It ends with this process, or by `stop`; nothing of it can outlive either. */
export async function startLab(
  options: DirectorOptions = {},
): Promise<{ readonly lab: Lab; readonly stop: () => Promise<void> }> {
  const missing = missingPackages();
  if (missing.length > 0) {
    throw new Error(`The lab needs ${missing.join(', ')}: apt-get install ${missing.join(' ')}`);
  }
  removeLeftovers(tmpdir());
  const directory = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  claimFolder(directory);
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', remove);
  const keyFile = join(directory, 'key');
  makeKey(keyFile);
  for (const name of DIRECTOR_NAMES) {
    writeDirectorFiles(directory, name, `${keyFile}.pub`, options);
  }
  const { site, child } = await startSite(directory, fileURLToPath(new URL('.', import.meta.url)));
  const end = () => {
    // Its PID 1 takes everything with it.
    if (child.exitCode === null && child.signalCode === null) process.kill(site.pid, 'SIGKILL');
  };
  process.prependOnceListener('exit', end);
  const forwards = await openForwards(directory, [...DIRECTOR_NAMES, 'vip']);
  const stop = async () => {
    forwards.close();
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      end();
      await gone;
    }
    process.off('exit', end);
    process.off('exit', remove);
    remove();
  };
  try {
    const state = { site, ports: Object.fromEntries(forwards.ports) };
    const lab = openLab(state, options);
    await Promise.all(DIRECTOR_NAMES.map((name) => lab.director(name).boot()));
    await rolesSettle(
      site,
      DIRECTOR_NAMES.map((name) => lab.director(name)),
    );
    return { lab, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** Uses a lab that another process holds up. */
export function openLab(state: LabState, options: DirectorOptions = {}): Lab {
  let agreed = options;
  const { site } = state;
  const ports = new Map(Object.entries(state.ports));
  const directors = new Map(
    DIRECTOR_NAMES.map((name) => [name, directorOf(site, name, ports)] as const),
  );
  const accessLog = (address: string) => {
    const file = join(site.directory, `${address}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  };
  const setSick = (address: string, isSick: boolean) => {
    const file = join(site.directory, `sick.${address}`);
    if (isSick) writeFileSync(file, '');
    else rmSync(file, { force: true });
  };
  return {
    state,
    director(name) {
      const director = directors.get(name);
      if (director === undefined) throw new Error(`There is no director ${name}.`);
      return director;
    },
    on: (host, words, msMax) => runInside(site, host, words, msMax),
    accessLog,
    requests: () =>
      new Map(
        REAL_SERVERS.map((last) => {
          const address = `${NET}.${last}`;
          return [address, accessLog(address).filter((line) => / http /.test(line)).length];
        }),
      ),
    setSick,
    probe: (options) => startProbe(site, 'client', { address: VIP, ...options }),
    plug: (name, isIn) => plug(site, name, isIn),
    separate: (isCut) => separate(site, isCut),
    async reset(anew = agreed) {
      agreed = anew;
      for (const last of REAL_SERVERS) setSick(`${NET}.${last}`, false);
      await resetLab(site, [...directors.values()], agreed);
    },
  };
}
