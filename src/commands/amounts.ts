import type { WantedWeight } from '../domain/command.ts';
import { parseDuration } from '../domain/duration.ts';
import { quoted, UsageProblem } from './usage.ts';

const TIME_MIN = '10s';
const TIME_MAX = '7d';
const WEIGHT_MAX = 256;
/** What comes out of it must still be a weight; the balancer says so where it is not. */
const PERCENT_MAX = 1000;
const WEIGHT_EXPECTED = `a weight is a number from 0 to ${WEIGHT_MAX}, or a share of the configured one from 0% to ${PERCENT_MAX}%`;

/** `30m` in ms. Throws UsageProblem for what is no time, or out of the bounds. */
export function readTime(typed: string): number {
  const ms = parseDuration(typed.toLowerCase());
  if (ms === undefined) {
    throw new UsageProblem(
      `${quoted(typed)} is no time: a number with s, m, h or d, such as 30m, from ${TIME_MIN} to ${TIME_MAX}.`,
    );
  }
  const least = parseDuration(TIME_MIN) ?? 0;
  const most = parseDuration(TIME_MAX) ?? 0;
  if (ms >= least && ms <= most) return ms;
  const fault = ms < least ? 'short' : 'long';
  throw new UsageProblem(`${quoted(typed)} is too ${fault}: from ${TIME_MIN} to ${TIME_MAX}.`);
}

/** `128` or `50%`. Throws UsageProblem. */
export function readWeight(typed: string | undefined): WantedWeight {
  if (typed === undefined) throw new UsageProblem(`The weight is missing: ${WEIGHT_EXPECTED}.`);
  const match = /^(?<value>\d{1,6})(?<percent>%?)$/.exec(typed)?.groups;
  if (match?.value === undefined) {
    throw new UsageProblem(
      `${quoted(typed)} is no weight: ${WEIGHT_EXPECTED}. Several members are separated by commas.`,
    );
  }
  const value = Number(match.value);
  const unit = match.percent === '%' ? 'percent' : 'absolute';
  if (value <= (unit === 'percent' ? PERCENT_MAX : WEIGHT_MAX)) return { unit, value };
  throw new UsageProblem(`${quoted(typed)} is too much: ${WEIGHT_EXPECTED}.`);
}
