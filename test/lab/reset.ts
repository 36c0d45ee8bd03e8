import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { mendAll } from './cable.ts';
import type { Director } from './director.ts';
import { type DirectorOptions, writeDirectorFiles } from './director-files.ts';
import { DIRECTOR_NAMES, NET, REAL_SERVERS, VIP } from './places.ts';
import { runInside, type Site } from './site.ts';
import { until } from './until.ts';

const RESET_MS_MAX = 10_000;
const ROLES_MS_MAX = 40_000;

/** Where the VIP is, and, for the next reset, what runs (see director-reset.sh). */
const LOOK = 'ip -4 -o addr show eth0 && pidof keepalived >/run/lab/started.pids';

/** Brings everything back to the agreed start; what is so already stays as it is. */
export async function resetLab(
  site: Site,
  directors: readonly Director[],
  options: DirectorOptions,
): Promise<void> {
  const keys = join(site.directory, 'key.pub');
  for (const name of DIRECTOR_NAMES) writeDirectorFiles(site.directory, name, keys, options);
  await mendAll(site);
  const held = (await Promise.all(directors.map(resetDirector))).map((said) =>
    said.startsWith('untouched\n') ? said.includes(`${VIP}/`) : undefined,
  );
  if (held.join() !== 'true,false') await rolesSettle(site, directors);
  for (const last of REAL_SERVERS) cutAccessLog(site, `${NET}.${last}`);
}

/** What the script there said; nothing after a boot. */
async function resetDirector(director: Director): Promise<string> {
  if (director.isOn()) {
    director.thaw();
    const words = `sh /run/lab/host/director-reset.sh ${director.name} ${VIP}`;
    const ran = await director.run(words, RESET_MS_MAX).catch(() => undefined);
    if (ran?.code === 0) return ran.stdout;
    // It does not even take a login: as after a power failure.
    await director.kill();
  }
  await director.boot();
  return '';
}

/**
 * Resolves when lvs-1 alone has the VIP and answers there (whichever starts first is MASTER until the other is
 * there), and notes what runs then. No real server and no virtual service is used.
 */
export async function rolesSettle(site: Site, directors: readonly Director[]): Promise<void> {
  await until('lvs-1 as MASTER', ROLES_MS_MAX, async () => {
    const held = await Promise.all(
      directors.map(async (director) => {
        const { code, stdout } = await director.run(LOOK, 5_000);
        return code === 0 && stdout.includes(`${VIP}/`);
      }),
    );
    return held.join() === 'true,false';
  });
  await runInside(site, 'client', ['ip', 'neigh', 'flush', 'dev', 'eth0']);
  await until(`an answer of ${VIP}`, ROLES_MS_MAX, async () => {
    const knock = `exec 3<>/dev/tcp/${VIP}/22`;
    const words = ['timeout', '3', 'bash', '--norc', '-c', knock];
    return (await runInside(site, 'client', words)).code === 0;
  });
}

function cutAccessLog(site: Site, address: string): void {
  try {
    truncateSync(join(site.directory, `${address}.log`));
  } catch {
    // Nobody asked it yet.
  }
}
