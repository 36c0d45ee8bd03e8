/** Connections of one member on one unit. Counted in fractions; readers see whole ones. */
export interface Load {
  current: number;
  max: number;
  total: number;
  /** What the member has when it takes new connections. */
  normal: number;
  /** What stays by persistence when it is disabled. */
  sticky: number;
  bitsIn: number;
  bitsOut: number;
}

export type Flow = 'takes new' | 'keeps sticky' | 'loses all';

export const startLoad = (connections: number, sticky: number): Load => ({
  current: connections,
  max: connections,
  total: connections * 40,
  normal: connections,
  sticky,
  bitsIn: connections * 320_000,
  bitsOut: connections * 2_560_000,
});

/**
 * Moves a load on by `ms`: half of the way to where it is going per half-life. Nothing is random, so that
 * the same times give the same numbers.
 */
export function flow(load: Load, to: Flow, ms: number, halfLifeMs: number): void {
  if (ms <= 0) return;
  const goal = { 'takes new': load.normal, 'keeps sticky': load.sticky, 'loses all': 0 }[to];
  const left = 0.5 ** (ms / halfLifeMs);
  const before = load.current;
  load.current = goal + (before - goal) * left;
  if (to === 'loses all') return;
  const arrived = (goal * ms) / halfLifeMs;
  load.total += arrived;
  load.bitsIn += arrived * 8_000;
  load.bitsOut += arrived * 64_000;
  load.max = Math.max(load.max, load.current);
}
