import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSource, printSource, type Statement } from '../../src/keepalived/source.ts';

/** A tree as plain lists: words, then what stands in the braces. */
type Tree = readonly [words: readonly string[], block?: readonly Tree[] | undefined];

const plain = (statements: readonly Statement[]): readonly Tree[] =>
  statements.map(({ words, block }) => (block === undefined ? [words] : [words, plain(block)]));

/** `<A>` stands for the braced name of a definition. */
const braced = (text: string) =>
  text.replace(/<([A-Z])>/g, (_all, name) => ['$', '{', name, '}'].join(''));

const read = (given: string, host?: string) => {
  const source = parseSource(braced(given), host === undefined ? {} : { host });
  if (!source.ok) throw new Error(JSON.stringify(source.faults));
  return plain(source.statements);
};

const SIGNS = [
  '{',
  '}',
  '"',
  '\\',
  '#',
  '!',
  '$A',
  '<A>',
  '@a ',
  '~SEQ(A,1,3) ',
  '$A=1',
  'é',
  '\uFEFF',
];
const piece = fc.oneof(
  fc.constantFrom(
    ...SIGNS,
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\r',
    'include x/*.conf',
    'real_server 10.0.0.1 80',
  ),
  fc.string({ maxLength: 6 }),
);

const word = fc
  .array(fc.constantFrom('a', 'B', '7', '.', ':', '/', '-', '_', ' ', '#', '!', '{', '}'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((each) => each.join(''));
const { tree } = fc.letrec<{ tree: Tree; trees: readonly Tree[] }>((tie) => ({
  tree: fc.tuple(
    fc
      .tuple(fc.constantFrom('vrrp_instance', 'real_server', 'weight'), word)
      .map((each) => [...each]),
    fc.option(tie('trees'), { nil: undefined, depthSize: 'small' }),
  ),
  trees: fc.array(tie('tree'), { maxLength: 3 }),
}));

/** One of the many ways to write it; `turns` chooses. */
function written(trees: readonly Tree[], turns: Iterator<number>): string {
  const turn = (count: number) => (turns.next().value as number) % count;
  const gap = () => [' ', '\t', '  '][turn(3)] ?? ' ';
  const comment = () => ['', ' # {', '!x }', '#"'][turn(4)] ?? '';
  return trees
    .map(([words, block]) => {
      const own = words
        .map((each) => (/[ #!{}]/.test(each) || turn(3) === 0 ? `"${each}"` : each))
        .join(gap());
      if (block === undefined) return `${gap()}${own}${comment()}\n`;
      const open = [' {', '{', `${comment()}\n{`][turn(3)] ?? '{';
      return `${own}${open}${comment()}\n${written(block, turns)}}${comment()}\n`;
    })
    .join('');
}

describe('the text of keepalived.conf', () => {
  it('is printed byte for byte, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = braced(pieces.join(''));
        expect(printSource(parseSource(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('says the same in each of the ways to write it', () => {
    fc.assert(
      fc.property(
        fc.array(tree, { maxLength: 4 }),
        fc.infiniteStream(fc.nat({ max: 1_000 })),
        (trees, turns) => {
          const wanted = JSON.parse(JSON.stringify(trees).replaceAll(',null]', ']'));
          expect(read(written(trees, turns[Symbol.iterator]()))).toEqual(wanted);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each<[string, string, readonly Tree[]]>([
    ['several parts on a line', 'a { b 1 } c 2', [[['a'], [[['b', '1']]]], [['c', '2']]]],
    ['a keyword that touches its brace', 'a{\nb\n}}'.slice(0, -1), [[['a'], [[['b']]]]]],
    ['an escaped sign of a comment', 'a b\\#c \\!d #e', [[['a', 'b#c', '!d']]]],
    ['a comment in the middle of a word', '10.0.0.1#x', [[['10.0.0.1']]]],
    ['quotes', 'script "/bin/x  { # y"', [[['script', '/bin/x  { # y']]]],
    ['a definition', '$A=7\nx $A y<A>z $B <C>', [[['x', '7', 'y7z', '$B', braced('<C>')]]]],
    ['a definition of a definition', '$A=1.<B>\n$B=2\n<A>.3\n$B=4\n$A', [[['1.2.3']], [['1.4']]]],
    [
      'a definition of several lines',
      '$I= \\\nreal_server 10.0.0.<N> 80 { \\\n  weight 1 \\\n}\n$N=1\n$I\n$N=2\n$I\n',
      [
        [['real_server', '10.0.0.1', '80'], [[['weight', '1']]]],
        [['real_server', '10.0.0.2', '80'], [[['weight', '1']]]],
      ],
    ],
    ['a sequence', '~SEQ(N, 0, 2) ip 10.0.<N>.1', [0, 1, 2].map((n) => [['ip', `10.0.${n}.1`]])],
    [
      'a sequence with a step',
      '~SEQx(N, 144, 16, 176) x $N',
      ['90', 'a0', 'b0'].map((n) => [['x', n]]),
    ],
    [
      'sequences of sequences',
      '~SEQ(A,2) ~SEQ(B,1,2) x <A><B>',
      ['11', '12', '21', '22'].map((n) => [['x', n]]),
    ],
    ['a list', '~LST(A, u, v) x $A', [[['x', 'u']], [['x', 'v']]]],
    ['a list of several', '~LST({A, B}, {1,2}, {3,4}) <A>-<B>', [[['1-2']], [['3-4']]]],
  ])('with %s is read as keepalived reads it', (_what, text, wanted) => {
    expect(read(text)).toEqual(wanted);
  });

  it('has definitions for some hosts only where the host is known', () => {
    const text = '@a $P=100\n@^a $P=90\npriority $P';
    expect(read(text, 'a')).toEqual([[['priority', '100']]]);
    expect(read(text, 'b')).toEqual([[['priority', '90']]]);
    expect(parseSource(text).ok).toBe(false);
  });

  it.each([
    ['a repetition that makes too many lines', '~SEQ(A,1,300) ~SEQ(B,1,300) x', /makes more than/],
    ['a repetition of nothing', '~SEQ(A) x', /repetition that is not followed/],
    ['a list of odd lengths', '~LST({A,B},{1}) x', /repetition that is not followed/],
    ['a definition that the file ends within', '$A= \\\nx \\', /ends within/],
  ])('with %s is refused', (_what, text, problem) => {
    const source = parseSource(text);
    expect(source.ok ? '' : source.faults[0]?.problem).toMatch(problem);
  });
});
