import { readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haproxyAdapter } from '../../src/adapters/haproxy/adapter.ts';
import { commandsFor } from '../../src/adapters/haproxy/commands.ts';
import {
  isWholeReply,
  parseInfo,
  parseServersState,
  parseStat,
} from '../../src/adapters/haproxy/parse.ts';
import { OperationError } from '../../src/domain/errors.ts';
import type { MemberState, PoolState } from '../../src/domain/member.ts';
import type { QuestionOptions, RuntimeSocket } from '../../src/transports/runtime-socket.ts';
import { fixture } from '../adapters/haproxy/fixture.ts';
import { step } from '../fakes/samples.ts';
import { hostile, never, neverLater, seed, spoilt } from './hostile.ts';

const NAMES = readdirSync(new URL('../fixtures/haproxy/2.6/', import.meta.url))
  .filter((name) => name.endsWith('.txt'))
  .map((name) => name.replace('.txt', ''));
const REPLIES = NAMES.map(fixture);
const STATES = NAMES.filter((name) => name.startsWith('show-servers-state')).map(fixture);
const STATS = NAMES.filter((name) => name.startsWith('show-stat')).map(fixture);
const INFO = fixture('show-info');
const POOL = 'test.tianya.cn';
const TRUE_TEXTS = {
  info: INFO,
  state: fixture('show-servers-state'),
  stat: fixture('show-stat'),
};

/** Whole lines lost, doubled or in another order, and cells that say something else. */
const reordered = (texts: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(), fc.nat(3), hostile)
    .map(([text, one, other, how, words]) => {
      const lines = text.trimEnd().split('\n');
      const [at, to] = [one % lines.length, other % lines.length];
      const line = lines[at] ?? '';
      if (how === 0) lines.splice(at, 1);
      if (how === 1) lines.splice(to, 0, line);
      if (how === 2) [lines[at], lines[to]] = [lines[to] ?? '', line];
      if (how === 3) {
        const mark = line.includes(',') ? ',' : ' ';
        const cells = line.split(mark);
        cells[other % cells.length] = words;
        lines[at] = cells.join(mark);
      }
      return `${lines.join('\n')}\n\n`;
    });

/** Mostly the true reply, so that what is spoilt elsewhere is looked at, too. */
const some = (texts: readonly string[]) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...texts) },
    { weight: 4, arbitrary: spoilt(texts).map((text) => `${text.trimEnd()}\n\n`) },
    { weight: 4, arbitrary: reordered(texts) },
    { weight: 1, arbitrary: spoilt(REPLIES) },
    { weight: 1, arbitrary: hostile },
  );
/** A server of the same odd name in both replies: then it is read, and its name must go no further. */
const renamed = fc
  .tuple(hostile, fc.constantFrom('www75', '192.168.100.75'))
  .map(([text, name]) => {
    const odd = `${name}${text.replaceAll(/[\s,"]/gu, '')}`;
    const named = (texts: readonly string[]) =>
      texts.find((reply) => reply.includes(name))?.replaceAll(name, odd) ?? '';
    return { info: INFO, state: named(STATES), stat: named(STATS) };
  });
const anywhere = fc.record({
  info: fc.oneof({ weight: 4, arbitrary: fc.constant(INFO) }, some([INFO])),
  state: some(STATES),
  stat: some(STATS),
});
const replies = fc.oneof({ weight: 9, arbitrary: anywhere }, { weight: 1, arbitrary: renamed });

interface Texts {
  readonly info: string;
  readonly state: string;
  readonly stat: string;
}

const answerTo = (command: string, texts: Texts) =>
  command.startsWith('show servers')
    ? texts.state
    : command.startsWith('show stat')
      ? texts.stat
      : texts.info;

/** Answers as the transport does: a reply that broke off is none. `join`: several answers as they come out of it. */
function answering(texts: Texts, join = (answers: string[]) => answers.join('')): RuntimeSocket {
  const whole = (reply: string, { isWhole, doing }: QuestionOptions) => {
    if (isWhole(reply)) return reply;
    throw new OperationError('CUT_REPLY', doing);
  };
  return {
    exchange: async (command, options) => whole(answerTo(command, texts), options),
    ask: async (commands, options) =>
      whole(join(commands.map((command) => answerTo(command, texts))), options),
    close: async () => undefined,
  };
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const ADMINS = ['enabled', 'drained', 'disabled'];
const HEALTHS = [
  ...['up', 'failing', 'recovering', 'down', 'stopping', 'unchecked', 'suspended', 'unknown'],
];

function memberFault(member: MemberState): string | undefined {
  const counts = [member.port, member.weight, member.configuredWeight, member.sessions];
  if (![...counts, member.sessionsTotal].every(isCount)) return 'a number that is none';
  if (member.stickyTotal !== undefined && !isCount(member.stickyTotal)) return 'stickyTotal';
  if (!ADMINS.includes(member.admin) || !HEALTHS.includes(member.health)) return 'its state';
  if (typeof member.backup !== 'boolean' || member.name === '') return 'its name';
  return undefined;
}

/** What is wrong with a state; undefined when it is one that a device can have. */
function stateFault({ members, device, pool }: PoolState): string | undefined {
  if (pool !== POOL || device.incarnation === '' || !isCount(device.uptimeSeconds)) return 'device';
  const names = new Set(members.map(({ name }) => name));
  if (names.size !== members.length) return `a member twice: ${[...names].join(' ')}`;
  for (const member of members) {
    const fault = memberFault(member);
    if (fault !== undefined) return `${member.name}: ${fault}`;
  }
  return undefined;
}

const PLAIN_LINE = /^(?:disable|enable|set) [A-Za-z0-9_.:/ -]+$/;

/** Nothing that a device shows may come back to it as more than one plain command. */
function wordsFault({ members }: PoolState): string | undefined {
  for (const member of members) {
    for (const admin of ADMINS) {
      try {
        const intent = { admin: admin as MemberState['admin'], weight: 7 };
        const odd = commandsFor(POOL, member, intent).commands.find(
          (line) => !PLAIN_LINE.test(line),
        );
        if (odd !== undefined) return `the command ${odd}`;
      } catch (thrown) {
        if (!(thrown instanceof OperationError)) return `threw ${String(thrown)}`;
      }
    }
  }
  return undefined;
}

const parsers = [parseInfo, parseServersState, parseStat] as const;

/** How several answers may come out of one connection, and not only one behind the other. */
const joins = fc
  .tuple(fc.nat(9), fc.double({ min: 0, max: 1, noNaN: true }), hostile)
  .map(([how, part, words]) => (answers: string[]) => {
    const text = answers.join('');
    const at = Math.floor(part * answers.length);
    const rest = answers.toSpliced(at, 1);
    const cut = text.slice(0, Math.floor(part * text.length));
    switch (how) {
      case 0:
      case 1:
        return cut;
      case 2:
        return rest.join('');
      case 3:
        return [...answers, answers[at]].join('');
      case 4:
        return answers.toReversed().join('');
      case 5:
        return answers.toSpliced(at, 0, `${words}\n\n`).join('');
      case 6:
        return `${cut}\n\n${text.slice(cut.length)}`;
      case 7:
        return answers.map((answer) => answer.trimEnd()).join('\n');
      default:
        return text;
    }
  });

describe(`what a device says (LB_FUZZ_SEED=${seed})`, () => {
  it('is a true state or a fault of ours, however it is spoilt', async () => {
    let states = 0;
    await neverLater(replies, 7_000, async (texts) => {
      const adapter = haproxyAdapter('ha-1', answering(texts), { now: () => 0 });
      try {
        const state = await adapter.read(POOL, { signal: AbortSignal.timeout(60_000) });
        states += 1;
        return stateFault(state) ?? wordsFault(state);
      } catch (thrown) {
        return thrown instanceof OperationError ? undefined : `threw ${String(thrown)}`;
      }
    });
    expect(states).toBeGreaterThan(500);
  });

  it('is one true state or a fault of ours, however its answers come together', async () => {
    let states = 0;
    const truth = haproxyAdapter('ha-1', answering(TRUE_TEXTS), { now: () => 0 });
    const signal = AbortSignal.timeout(60_000);
    const expected = await truth.read(POOL, { signal });
    await neverLater(joins, 3_000, async (join) => {
      const adapter = haproxyAdapter('ha-1', answering(TRUE_TEXTS, join), { now: () => 0 });
      try {
        const state = await adapter.read(POOL, { signal: AbortSignal.timeout(60_000) });
        states += 1;
        return isDeepStrictEqual(state, expected) ? undefined : 'another state than the true one';
      } catch (thrown) {
        return thrown instanceof OperationError ? undefined : `threw ${String(thrown)}`;
      }
    });
    expect(states).toBeGreaterThan(100);
  });

  it('is read without anything but a fault of ours being thrown', () => {
    never(fc.tuple(spoilt(REPLIES), fc.nat(2)), 9_000, ([text, which]) => {
      try {
        isWholeReply(text);
        parsers[which]?.(text, 'Reading');
      } catch (thrown) {
        return thrown instanceof OperationError ? undefined : `threw ${String(thrown)}`;
      }
      return undefined;
    });
  });

  it('is a success only when it is the one word of success', async () => {
    const answer = fc.oneof(spoilt(REPLIES), fc.constantFrom('\n', '\n\n', ' \n', ''), hostile);
    await neverLater(answer, 2_000, async (reply) => {
      const socket = answering({ info: reply, state: reply, stat: reply });
      const adapter = haproxyAdapter('ha-1', socket, { now: () => 0 });
      const signal = AbortSignal.timeout(60_000);
      try {
        await adapter.apply(step(0), async () => ({ validUntilMs: Infinity }), { signal });
      } catch (thrown) {
        return thrown instanceof OperationError ? undefined : `threw ${String(thrown)}`;
      }
      return reply === '\n' ? undefined : `took ${JSON.stringify(reply)} for a success`;
    });
  });
});
