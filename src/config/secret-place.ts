import { z } from 'zod';

const variable = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
const path = /^\/[^\p{Cc}]{1,1000}$/u;

/**
 * Where a secret is kept: a variable of the environment, or a file. Not a union of zod's: that would report `no option
 * fits`. What was typed there is shown nowhere. `what` is its name in a sentence, for instance `the password`.
 */
export function secretPlace(what: string) {
  const expected = `where ${what} is kept, never ${what} itself: { env: NAME } or { file: /path }`;
  return z.unknown().transform((given, context) => {
    const read = z
      .union([
        z.strictObject({ env: z.string().regex(variable) }),
        z.strictObject({ file: z.string().regex(path) }),
      ])
      .safeParse(given);
    if (read.success) return read.data;
    context.addIssue(expected);
    return z.NEVER;
  });
}
