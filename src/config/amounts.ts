import { z } from 'zod';
import { parseDuration } from '../domain/duration.ts';
import type { MinAvailable } from '../domain/inventory.ts';

/** A duration such as `15m` between two others, as milliseconds. */
export function duration(least: string, most: string) {
  const leastMs = parseDuration(least) ?? 0;
  const mostMs = parseDuration(most) ?? 0;
  const expected = `a duration from ${least} to ${most}, such as 90s or 15m`;
  return z.string({ error: expected }).transform((text, context) => {
    const ms = parseDuration(text);
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
