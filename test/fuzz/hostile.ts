import fc from 'fast-check';

/** `npm run test:long` looks for what nobody found yet; `npm test` says the same of the same tree each time. */
const searching = process.env.LB_TEST_LONG === '1';

/** `LB_FUZZ_SEED` runs the same inputs again. */
export const seed = Number(
  process.env.LB_FUZZ_SEED ?? (searching ? Math.floor(Math.random() * 2 ** 31) : 20_261),
);

/** How many times the usual number of inputs. */
const times = Number(process.env.LB_FUZZ_TIMES ?? (searching ? 10 : 1));

/**
 * Tries so many inputs; `faultOf` says what is wrong with what came of one, or nothing. What fails is made smaller and
 * shown with the seed.
 */
export function never<T>(
  arbitrary: fc.Arbitrary<T>,
  count: number,
  faultOf: (input: T) => string | undefined,
): void {
  const property = fc.property(arbitrary, (input) => {
    const fault = faultOf(input);
    if (fault !== undefined) throw new Error(fault);
  });
  fc.assert(property, { seed, numRuns: Math.max(1, Math.round(count * times)) });
}

/** The same where what comes of an input must be waited for. */
export async function neverLater<T>(
  arbitrary: fc.Arbitrary<T>,
  count: number,
  faultOf: (input: T) => Promise<string | undefined>,
): Promise<void> {
  const property = fc.asyncProperty(arbitrary, async (input) => {
    const fault = await faultOf(input);
    if (fault !== undefined) throw new Error(fault);
  });
  await fc.assert(property, { seed, numRuns: Math.max(1, Math.round(count * times)) });
}

const PIECES = [
  '<!channel>',
  '<!here|here>',
  '<@U0EVIL>',
  '<!subteam^S0EVIL>',
  '<#C0EVIL|general>',
  '<http://evil.example|good.example>',
  '<!date^1^{date}|x>',
  '&lt;!channel&gt;',
  '&amp;',
  '&',
  '<',
  '>',
  '<<',
  '|',
  '`',
  '```',
  '``',
  '*',
  '_',
  '~',
  '> quote',
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\u001b[2J',
  '\u0007',
  '\u007f',
  '\u0085',
  '\u200b',
  '\u200f',
  '\u202e',
  '\u2028',
  '\u2066',
  '\ufeff',
  '\ud800',
  '\udfff',
  '\u{e0041}',
  '\u3164',
  ';',
  '; shutdown',
  "'",
  '"',
  '\\',
  '$(id)',
  '`id`',
  '$\u007bIFS}',
  '$HOME',
  '!!',
  '#',
  '%',
  '../',
  '*/',
  '__proto__',
  'constructor',
  'a',
  'web-1',
  ' ',
  'x'.repeat(90),
  'é',
  'ＡＢＣ',
  '🚦',
  '测试',
] as const;

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
);

/** Text that wants to be more than text. */
export const hostile = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(''));

/** The same, sometimes too long for anything. */
export const hostileLong = fc.oneof(
  { weight: 19, arbitrary: hostile },
  {
    weight: 1,
    arbitrary: fc
      .tuple(hostile, fc.integer({ min: 20, max: 600 }))
      .map(([text, count]) => text.repeat(count).slice(0, 6_000)),
  },
);

/** One way to spoil a text: something cut out, put in, doubled, or swapped. */
const spoil = fc.record({
  at: fc.nat(10_000),
  length: fc.nat(40),
  how: fc.constantFrom('cut', 'put', 'double', 'replace', 'end'),
  with: hostile,
});

/** Texts like these, but spoilt in one to four places. */
export function spoilt(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(spoil, { minLength: 1, maxLength: 4 }))
    .map(([text, spoils]) =>
      spoils.reduce((done, { at: place, length, how, with: other }) => {
        const at = done.length === 0 ? 0 : place % done.length;
        const [head, tail] = [done.slice(0, at), done.slice(at)];
        switch (how) {
          case 'cut':
            return head + tail.slice(length);
          case 'put':
            return head + other + tail;
          case 'double':
            return head + tail.slice(0, length) + tail;
          case 'end':
            return head;
          default:
            return head + other + tail.slice(other.length);
        }
      }, text),
    );
}

/** Characters that move a cursor, end a line or turn it round; a line end is told apart by whoever asks. */
export const INVISIBLE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
