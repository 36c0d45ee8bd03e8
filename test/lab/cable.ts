import type { DirectorName } from './places.ts';
import { DIRECTOR_NAMES } from './places.ts';
import { runInside, type Site } from './site.ts';

/** Pulls the cable of a director, or puts it back. The director's own end does not notice. */
export function plug(site: Site, name: DirectorName, isIn: boolean): Promise<void> {
  return link(site, ['link', 'set', 'dev', `p${name}`, isIn ? 'up' : 'down']);
}

/** Keeps the directors from reaching each other, VRRP too; everybody else reaches both. Or lets them again. */
export async function separate(site: Site, isCut: boolean): Promise<void> {
  const state = isCut ? 'on' : 'off';
  for (const name of DIRECTOR_NAMES) {
    await link(site, ['link', 'set', 'dev', `p${name}`, 'type', 'bridge_slave', 'isolated', state]);
  }
}

/** All cables in, nobody kept from anybody. */
export async function mendAll(site: Site): Promise<void> {
  for (const name of DIRECTOR_NAMES) await plug(site, name, true);
  await separate(site, false);
}

async function link(site: Site, words: readonly string[]): Promise<void> {
  const { code, stderr } = await runInside(site, undefined, ['ip', ...words]);
  if (code !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr.trim()}`);
}
