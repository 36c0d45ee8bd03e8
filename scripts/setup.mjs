import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installDebianPackages } from './debian.mjs';
import { run, SetupError, tail } from './process.mjs';

const nodeNeeded = [20, 19];

/** Debian packages by program, or by folder of Debian's Python where there is no program to look for. */
export const PACKAGES = {
  haproxy: 'haproxy',
  'redis-server': 'redis-server',
  chromium: 'chromium',
  sshd: 'openssh-server',
  socat: 'socat',
  'linux.uml': 'user-mode-linux',
  insmod: 'kmod',
  ip: 'iproute2',
  sysctl: 'procps',
  ipvsadm: 'ipvsadm',
  keepalived: 'keepalived',
  ssh: 'openssh-client',
  sudo: 'sudo',
  curl: 'curl',
  killall: 'psmisc',
  busybox: 'busybox',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  'python3:suds': 'python3-suds',
  'python3:ansible_collections/f5networks': 'ansible',
};

/** What the lab of LVS directors needs (see test/lab). */
export const LAB = [
  ...['linux.uml', 'insmod', 'ip', 'sysctl', 'ipvsadm', 'keepalived', 'sshd', 'ssh', 'sudo'],
  ...['curl', 'haproxy', 'killall', 'unshare', 'nsenter', 'setpriv'],
];

const PYTHON = 'python3:';
const pythonFolder = '/usr/lib/python3/dist-packages';

/** Where Debian puts daemons; often not on the PATH of an ordinary user. */
const daemonFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * What the set-up works on: the project, the environment for programs it starts (with the daemons'
 * folders on the PATH) and where progress is told.
 */
export function surroundings({ say = (line) => process.stderr.write(`${line}\n`), ...rest } = {}) {
  const path = process.env.PATH ?? '';
  return {
    root: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, PATH: [path, ...daemonFolders].join(delimiter) },
    uid: process.getuid?.(),
    prefix: '',
    say,
    ...rest,
  };
}

/** Throws SetupError when this Node.js is too old. */
export function requireNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorNeeded, minorNeeded] = nodeNeeded;
  if (major > majorNeeded || (major === majorNeeded && minor >= minorNeeded)) return;
  throw new SetupError(
    `lb-chatops needs Node.js ${nodeNeeded.join('.')} or newer; this is ${version}. Install it from https://nodejs.org, then start again.`,
  );
}

/** `npm ci` when node_modules is missing or older than package-lock.json. */
export async function installNpmPackages({ root, env, say }) {
  const installed = changedAt(join(root, 'node_modules', '.package-lock.json'));
  if (installed >= changedAt(join(root, 'package-lock.json'))) return;
  say('Installing npm packages with npm ci ...');
  const result = await run(
    'npm',
    ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'],
    {
      cwd: root,
      env,
    },
  );
  if (result.code !== 0) {
    throw new SetupError(
      `Installing npm packages did not work:\n${tail(result.text)}\nType: npm ci --ignore-scripts`,
    );
  }
}

/** Debian packages of these programs and folders that are not there. */
export function missingPackages(programs, { env, prefix = '' }) {
  const isThere = (name) =>
    name.startsWith(PYTHON)
      ? existsSync(join(`${prefix}${pythonFolder}`, name.slice(PYTHON.length)))
      : isOnPath(name, env.PATH);
  const missing = programs.filter((name) => !isThere(name)).map((name) => PACKAGES[name]);
  return [...new Set(missing)];
}

/** Installs what is missing of these programs. Throws SetupError with the command to type. */
export async function installPrograms(programs, context) {
  const missing = missingPackages(programs, context);
  if (missing.length > 0) await installDebianPackages(missing, context);
}

/** Compiles when a source is newer than the last build that succeeded. */
export async function build({ root, env, say }, { project, outDir, sources }) {
  const stamp = join(root, outDir, '.built');
  const inputs = [...sources, project, 'tsconfig.json', 'package-lock.json'];
  if (changedAt(stamp) > Math.max(...inputs.map((input) => newestIn(join(root, input))))) return;
  const begun = new Date();
  say(`Building ${outDir} ...`);
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const result = await run(tsc, ['-p', project], { cwd: root, env });
  if (result.code !== 0) throw new SetupError(`Building ${outDir}:\n${tail(result.text, 30)}`);
  for (const source of sources)
    await copyAssets(join(root, source), join(root, outDir, assetFolder(source, sources)));
  writeFileSync(stamp, '');
  // A source that was changed while the compiler ran is newer.
  utimesSync(stamp, begun, begun);
}

/** What `npm run build` makes, and what the executable runs from. */
export const PRODUCT = { project: 'tsconfig.build.json', outDir: 'dist', sources: ['src'] };
export const BENCH = {
  project: 'tsconfig.bench.json',
  outDir: 'dist-bench',
  sources: ['src', 'bench'],
};
/** The LVS lab: `npm run lab`, and the part of the demo that has directors. */
export const LAB_BUILD = {
  project: 'tsconfig.lab.json',
  outDir: 'dist-bench/lab',
  sources: ['src', 'test/lab'],
};

/** Goes on as `node <path> <args>` in this very process: signals, streams and exit code are its own. */
export async function become(path, args) {
  process.argv = [process.execPath, path, ...args];
  await import(pathToFileURL(path).href);
}

/** Runs a set-up; prints what it could not do and ends with 1. */
export async function orExit(setUp) {
  try {
    await setUp();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/** One project maps src to the output folder itself, several keep their names below it. */
const assetFolder = (source, sources) => (sources.length > 1 ? source : '');

/** Pages and the like, which the compiler leaves behind. */
async function copyAssets(from, to) {
  if (!existsSync(from)) return;
  await cp(from, to, {
    recursive: true,
    filter: (path) => statSync(path).isDirectory() || !/\.(ts|md)$/.test(path),
  });
}

function isOnPath(program, path) {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** In ms since the epoch; 0 when there is no such file. */
function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Latest change of a file or of anything in a folder; a folder changes too when a file goes. */
function newestIn(path) {
  const own = changedAt(path);
  if (own === 0 || !statSync(path).isDirectory()) return own;
  return Math.max(own, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}
