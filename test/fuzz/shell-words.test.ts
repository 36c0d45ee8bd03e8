import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byHand } from '../../src/adapters/haproxy/by-hand.ts';
import type { HaproxySettings } from '../../src/adapters/haproxy/schema.ts';
import { hostile, never, seed, spoilt } from './hostile.ts';

/** Stands among the words where a pipe is; no word can be it. */
const PIPE = Symbol('|');

/** The words of a line as a POSIX shell reads it, with its pipes; undefined for anything more than that. */
function wordsOf(line: string): readonly (string | typeof PIPE)[] | undefined {
  const words: (string | typeof PIPE)[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? '';
    if (char === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) return undefined;
      word = (word ?? '') + line.slice(at + 1, end);
      at = end;
    } else if (char === '"') {
      const end = line.indexOf('"', at + 1);
      const inside = line.slice(at + 1, end);
      if (end < 0 || /[$`\\!]/.test(inside)) return undefined;
      word = (word ?? '') + inside;
      at = end;
    } else if (char === '\\') {
      word = (word ?? '') + (line[at + 1] ?? '');
      at += 1;
    } else if (char === ' ' || char === '|') {
      if (word !== undefined) words.push(word);
      word = undefined;
      if (char === '|') words.push(PIPE);
    } else if (/[A-Za-z0-9@%+=:,./_-]/.test(char)) word = (word ?? '') + char;
    else return undefined;
  }
  return word === undefined ? words : [...words, word];
}

const path = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('/run/haproxy/admin.sock', 'tcp://10.0.0.1:9999') },
  { weight: 3, arbitrary: hostile.map((text) => `/run/${text.replaceAll('\0', '')}`) },
);
const host = fc.record({
  user: fc.oneof(fc.constant('ops'), hostile),
  host: fc.oneof(fc.constant('10.0.0.1'), hostile),
  port: fc.constantFrom(22, 2222),
  login: fc.constantFrom({ keyFile: '/etc/lb/key' }, { keyFile: "/etc/it's $HOME/key" }),
});
/** A balancer on this machine. */
const HERE = { name: fc.constant('ha-1'), kind: fc.constant('haproxy' as const) };
const settings = fc.record({
  ...HERE,
  socket: path,
  ssh: fc.option(host, { nil: undefined }),
}) as fc.Arbitrary<HaproxySettings>;
const command = fc.oneof(
  fc.constantFrom('disable server shop/w1', 'set weight shop/w1 50'),
  spoilt(['disable server shop/w1']),
  hostile,
);

/** What the line gives to which program: the text, then the words behind the pipe. */
function meant(given: HaproxySettings, line: string): string | undefined {
  const words = wordsOf(line);
  if (words === undefined) return `a shell reads more than words in ${line}`;
  const pipe = words.indexOf(PIPE);
  if (words[0] !== 'echo' || pipe !== 2 || words.lastIndexOf(PIPE) !== 2) return `odd: ${line}`;
  const program = given.ssh === undefined ? 'socat' : 'ssh';
  return words[pipe + 1] === program ? undefined : `runs ${String(words[pipe + 1])}`;
}

const withoutZero = (text: string) => text.replaceAll('\0', '');

describe(`the line to type by hand (LB_FUZZ_SEED=${seed})`, () => {
  it('is plain words with one pipe, whatever is in the names', () => {
    never(fc.tuple(settings, command), 6_000, ([given, text]) => {
      const line = byHand(given, text);
      const fault = meant(given, line);
      if (fault !== undefined) return fault;
      const said = wordsOf(line)?.[1];
      return said === text ? undefined : `echoes ${JSON.stringify(said)}`;
    });
  });

  it('gives a real shell the same words', () => {
    const lines = fc
      .sample(fc.tuple(fc.record({ ...HERE, socket: path }), command), { seed, numRuns: 150 })
      .filter(([given, text]) => isText(given.socket) && isText(text))
      .map(([given, text]) => ({
        line: byHand(given, withoutZero(text)),
        text: withoutZero(text),
      }));
    // Stand-ins of the same names: they write down what they were given and do nothing.
    const script = [
      'echo() { printf %s "$1"; }',
      'socat() { printf \'%s\\0\' "$(cat; printf x)" "$@" >&3; }',
      ...lines.map(({ line }) => `${line}\nprintf 'end\\0' >&3`),
    ].join('\n');
    const { output, status } = spawnSync('/bin/sh', ['-s'], {
      input: script,
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    expect(status).toBe(0);
    expect(String(output[1])).toBe('');
    const fields = (output[3] ?? Buffer.from('')).toString('utf8').split('\0').slice(0, -1);
    const wanted = lines.flatMap(({ line, text }) => {
      const words = wordsOf(line) ?? [];
      return [`${text}x`, ...words.slice(4), 'end'];
    });
    expect(lines.length).toBeGreaterThan(20);
    expect(fields).toEqual(wanted);
  });
});

/** Lone surrogates become something else in every file and pipe. */
function isText(text: string): boolean {
  return Buffer.from(text, 'utf8').toString('utf8') === text;
}
