import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, SetupError, tail } from './process.mjs';

/** Asked by Debian's package scripts before they start a service; 101 means "do not". */
const policyText =
  '#!/bin/sh\n# Temporary: the set-up of lb-chatops installs packages without starting them.\nexit 101\n';

const installOptions = [
  'install',
  '-y',
  '--no-install-recommends',
  '-o',
  'DPkg::Lock::Timeout=120',
];

/**
 * Installs Debian packages without starting their services. `prefix` stands before system paths and is
 * not empty only in tests. Throws SetupError with the command to type where it may not or cannot.
 */
export async function installDebianPackages(packages, { env, uid, prefix = '', say }) {
  const commands = [`apt-get install -y --no-install-recommends ${packages.join(' ')}`];
  if (listsAreEmpty(prefix)) commands.unshift('apt-get update');
  const missing = `Missing: ${packages.join(', ')}.`;
  const apt = await run('apt-get', ['--version'], { env });
  if (!existsSync(`${prefix}/etc/debian_version`) || apt.code !== 0) {
    throw new SetupError(
      `${missing} This is not Debian or Ubuntu with apt-get: install it with the tool of your system, then start again.`,
    );
  }
  if (uid !== 0) {
    const toType = commands.map((command) => `sudo ${command}`).join(' && ');
    throw new SetupError(`${missing} Type: ${toType}`);
  }
  say(`Installing ${packages.join(', ')} with apt-get (services are not started) ...`);
  await withoutStartingServices(prefix, async (stop) => {
    const aptEnv = { ...env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' };
    const aptGet = async (...args) => {
      if (stop.aborted) throw new SetupError('The set-up was ended in the middle.');
      return run('apt-get', args, { env: aptEnv, stop });
    };
    // A failed update is not the end: the lists that are there may do.
    if (listsAreEmpty(prefix)) await aptGet('update');
    let result = await aptGet(...installOptions, ...packages);
    if (result.code !== 0) {
      // Lists that are out of date name files that the mirror no longer has.
      await aptGet('update');
      result = await aptGet(...installOptions, ...packages);
    }
    if (result.code !== 0) {
      throw new SetupError(
        `Installing ${packages.join(', ')} did not work:\n${tail(result.text)}\nType: ${commands.join(' && ')}`,
      );
    }
  });
}

function listsAreEmpty(prefix) {
  const lists = `${prefix}/var/lib/apt/lists`;
  return !existsSync(lists) || !readdirSync(lists).some((name) => name.includes('Packages'));
}

/**
 * Leaves a policy-rc.d of somebody else alone, and takes its own away at the end: also when a signal ends
 * the set-up, but then only when apt-get, told by `stop`, has ended too.
 */
async function withoutStartingServices(prefix, work) {
  const policy = join(`${prefix}/`, 'usr/sbin/policy-rc.d');
  const stopping = new AbortController();
  const interrupted = (signal) => stopping.abort(signal);
  const isOurs = put(policy);
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  try {
    await work(stopping.signal);
  } finally {
    if (isOurs) rmSync(policy, { force: true });
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    if (stopping.signal.aborted) process.exit(stopping.signal.reason === 'SIGINT' ? 130 : 143);
  }
}

/** Writes the file. False when there is one that is not ours (ours: an earlier set-up was killed). */
function put(policy) {
  try {
    writeFileSync(policy, policyText, { flag: 'wx', mode: 0o755 });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return readFileSync(policy, 'utf8') === policyText;
  }
}
