import { z } from 'zod';
import type { MinAvailable } from '../domain/inventory.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90s` in milliseconds; undefined when it is no duration. */
function durationMs(text: string): number | undefined {
  const match = /^(?<count>\d{1,9})(?<unit>ms|s|m|h)$/.exec(text)?.groups;
  const unit = UNIT_MS[match?.unit ?? ''];
  return match === undefined || unit === undefined ? undefined : Number(match.count) * unit;
}

/** A duration such as `15m` between two others, as milliseconds. */
export function duration(least: string, most: string) {
  const leastMs = durationMs(least) ?? 0;
  const mostMs = durationMs(most) ?? 0;
  const expected = `a duration from ${least} to ${most}, such as 90s or 15m`;
  return z.string({ error: expected }).transform((text, context) => {
    const ms = durationMs(text);
    if (ms !== undefined && ms >= leastMs && ms <= mostMs) return ms;
    context.addIssue(expected);
    return z.NEVER;
  });
}

const minAvailableExpected =
  'a whole number of members (0 to 1000) or a share such as "50%" (0% to 100%)';

/** `2` members or `50%` of them. */
export const minAvailable = z
  .union([z.number(), z.string()], { error: minAvailableExpected })
  .transform((given, context): MinAvailable => {
    if (typeof given === 'number') {
      if (Number.isInteger(given) && given >= 0 && given <= 1000)
        return { unit: 'members', value: given };
    } else {
      const percent = /^(?<value>\d{1,3})%$/.exec(given)?.groups?.value;
      if (percent !== undefined && Number(percent) <= 100)
        return { unit: 'percent', value: Number(percent) };
    }
    context.addIssue(minAvailableExpected);
    return z.NEVER;
  });
