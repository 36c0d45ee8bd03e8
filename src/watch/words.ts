import { namedMax } from './rules.ts';

/** `0.6 s`, `12 s`, `3 min`. */
export function spanWords(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

const stepOf = (ms: number) => (ms < 10_000 ? 100 : ms < 120_000 ? 1_000 : 60_000);

/** `between 0.3 s and 2.1 s`: rounded outwards, so that what lies between still does. */
export function betweenWords(leastMs: number, mostMs: number): string {
  const [low, high] = [stepOf(leastMs), stepOf(mostMs)];
  const least = Math.floor(leastMs / low) * low;
  const most = Math.ceil(mostMs / high) * high;
  return `between ${spanWords(least)} and ${spanWords(most)}`;
}

/** The first few, and how many more there are. */
export function namesWords(names: readonly string[]): string {
  const shown = names.slice(0, namedMax).join(', ');
  const more = names.length - namedMax;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** `1 member`, `2 members`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
