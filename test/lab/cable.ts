import type { DirectorName } from './places.ts';
import { DIRECTOR_NAMES } from './places.ts';
import { runInside, type Site } from './site.ts';

/** Pulls the cable of a director, or puts it back. The director's own end does not notice. */
export function plug(site: Site, name: DirectorName, isIn: boolean): Promise<void> {
  return run(site, [plugged(name, isIn)]);
}

/** Keeps the directors from reaching each other, VRRP too; everybody else reaches both. Or lets them again. */
export function separate(site: Site, isCut: boolean): Promise<void> {
  return run(site, separated(isCut));
}

/** All cables in, nobody kept from anybody. */
export function mendAll(site: Site): Promise<void> {
  return run(site, [...DIRECTOR_NAMES.map((name) => plugged(name, true)), ...separated(false)]);
}

const plugged = (name: DirectorName, isIn: boolean) =>
  `ip link set dev p${name} ${isIn ? 'up' : 'down'}`;

const separated = (isCut: boolean) =>
  DIRECTOR_NAMES.map(
    (name) => `ip link set dev p${name} type bridge_slave isolated ${isCut ? 'on' : 'off'}`,
  );

async function run(site: Site, lines: readonly string[]): Promise<void> {
  const script = lines.join(' && ');
  const { code, stderr } = await runInside(site, undefined, ['sh', '-c', script]);
  if (code !== 0) throw new Error(`${script}: ${stderr.trim()}`);
}
