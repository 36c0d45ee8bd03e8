import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeKey } from './keys.ts';
import { missingPackages } from './lab.ts';
import { claimFolder, FOLDER_PREFIX, removeLeftovers } from './leftovers.ts';
import { type Site, startSite } from './site.ts';

/** Namespaces of one's own, without directors, for root: gone with this process at the latest. */
export async function startOwnSite(): Promise<{
  readonly site: Site;
  readonly stop: () => Promise<void>;
}> {
  const missing = missingPackages();
  if (missing.length > 0) {
    throw new Error(`The lab needs ${missing.join(', ')}: apt-get install ${missing.join(' ')}`);
  }
  removeLeftovers(tmpdir());
  const directory = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  claimFolder(directory);
  makeKey(join(directory, 'key'));
  const { site, child } = await startSite(directory, fileURLToPath(new URL('.', import.meta.url)));
  // Its PID 1 takes everything with it.
  const end = () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(site.pid, 'SIGKILL');
  };
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  process.prependOnceListener('exit', end);
  process.once('exit', remove);
  if (!site.isRoot) {
    end();
    remove();
    throw new Error(
      'Root alone can play it: the keepalived of an ordinary user starts no script and says nothing of itself.',
    );
  }
  return {
    site,
    async stop() {
      const gone = new Promise((resolve) => child.once('close', resolve));
      end();
      await gone;
      process.off('exit', end);
      process.off('exit', remove);
      remove();
    },
  };
}
