import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the tests call of `scripts/*.mjs`, which are plain JavaScript: they run before anything is built. */
export interface Surroundings {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  readonly prefix: string;
  readonly say: (line: string) => void;
}

interface SetupModule {
  readonly PACKAGES: Readonly<Record<string, string>>;
  readonly LAB: readonly string[];
  requireNode(version: string): void;
  installNpmPackages(here: Surroundings): Promise<void>;
  installPrograms(programs: readonly string[], here: Surroundings): Promise<void>;
  build(
    here: Surroundings,
    product: { project: string; outDir: string; sources: readonly string[] },
  ): Promise<void>;
}

interface TallyModule {
  tallyOf(report: unknown, exitCode: number): object;
  lastLine(tally: object): string;
}

export const scriptPath = (name: string) => resolve(import.meta.dirname, '../../scripts', name);
const load = (name: string): Promise<unknown> => import(pathToFileURL(scriptPath(name)).href);

export const setup = (await load('setup.mjs')) as SetupModule;
export const tally = (await load('tally.mjs')) as TallyModule;
