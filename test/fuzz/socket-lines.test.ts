import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { haproxyAdapter } from '../../src/adapters/haproxy/adapter.ts';
import { isPlainSocketPath } from '../../src/domain/endpoint.ts';
import { OperationError } from '../../src/domain/errors.ts';
import type { Step } from '../../src/domain/plan.ts';
import { oneCommandLine } from '../../src/transports/command-line.ts';
import type { RuntimeSocket } from '../../src/transports/runtime-socket.ts';
import { unixSocket } from '../../src/transports/unix-socket.ts';
import { step } from '../fakes/samples.ts';
import { hostile, never, neverLater, seed, spoilt } from './hostile.ts';

/** One line that a line protocol cannot take for two; written anew here. */
const ONE_LINE = /^(?![^\n]*(?:;|<<|\\))[\x20-\x7e]{1,1024}\n$/;
/** All that may ever change something. */
const OWN =
  /^(?:(?:disable|enable) server|set server|set weight) [A-Za-z0-9_.:-]+\/[A-Za-z0-9_.:-]+(?: state (?:drain|ready)| \d{1,3})?\n$/;

const COMMANDS = [
  'show info',
  'show servers state test.tianya.cn',
  'disable server shop/w1',
  'set server shop/w1 state drain',
  'set weight shop/w1 128',
  'show stat 3 4 -1',
];
const QUESTIONS = COMMANDS.filter((line) => line.startsWith('show '));
const command = fc.oneof(spoilt(COMMANDS), hostile, fc.constantFrom(...COMMANDS));

let directory: string;
let server: Server;
let socket: RuntimeSocket;
let received: string[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lb-fuzz-'));
  const path = join(directory, 'lines.sock');
  server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => undefined);
    // Each connection says one thing; all of it is kept, also what comes behind a newline.
    client.on('data', (bytes: Buffer) => {
      received.push(bytes.toString('latin1'));
      client.end('\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  socket = unixSocket(path);
});

afterAll(async () => {
  await socket.close();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true, force: true });
});

function signal() {
  return AbortSignal.timeout(30_000);
}

/** What reached the socket since the last question. */
function taken(): readonly string[] {
  const lines = received;
  received = [];
  return lines;
}

const named = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('shop', 'w1') },
  { weight: 2, arbitrary: spoilt(['shop', 'w1', 'web-3:8080']) },
  { weight: 1, arbitrary: hostile },
);
/** A step as it may come out of a store that somebody else wrote to. */
const storedStep: fc.Arbitrary<Step> = fc
  .tuple(named, named, fc.array(command, { minLength: 1, maxLength: 2 }))
  .map(([pool, member, commands]) => {
    const target = `${pool}/${member}`;
    const own = commands.map((line) => line.replaceAll('shop/w1', target));
    return { ...step(0), pool, member, commands: own };
  });

describe(`lines to a device (LB_FUZZ_SEED=${seed})`, () => {
  it('are one plain line, or are refused', () => {
    let lines = 0;
    never(command, 12_000, (text) => {
      try {
        const line = oneCommandLine(text, 'Sending');
        lines += 1;
        return ONE_LINE.test(line) && line === `${text}\n` ? undefined : JSON.stringify(line);
      } catch (thrown) {
        return thrown instanceof OperationError ? undefined : `threw ${String(thrown)}`;
      }
    });
    expect(lines).toBeGreaterThan(1_000);
  });

  it('reach the socket as that one line, byte for byte', async () => {
    let lines = 0;
    await neverLater(command, 1_500, async (text) => {
      const options = { doing: 'Sending', signal: signal(), isWhole: () => true };
      const failed = await socket.exchange(text, options).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      const sent = taken();
      lines += sent.length;
      if (failed !== undefined && !(failed instanceof OperationError)) return String(failed);
      if (failed !== undefined) return sent.length === 0 ? undefined : `refused, and yet ${sent}`;
      return sent.length === 1 && ONE_LINE.test(sent[0] ?? '') && sent[0] === `${text}\n`
        ? undefined
        : `the socket got ${JSON.stringify(sent)} for ${JSON.stringify(text)}`;
    });
    expect(lines).toBeGreaterThan(100);
  });

  it('of several questions are those questions and nothing else, or are refused', async () => {
    let lines = 0;
    const asking = { doing: 'Asking', isWhole: () => true };
    const words = fc.oneof(spoilt(QUESTIONS), command, fc.constantFrom(...QUESTIONS));
    await neverLater(fc.array(words, { maxLength: 4 }), 1_500, async (questions) => {
      const failed = await socket.ask(questions, { ...asking, signal: signal() }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      const sent = taken();
      lines += sent.length;
      if (failed !== undefined && !(failed instanceof OperationError)) return String(failed);
      if (failed !== undefined) return sent.length === 0 ? undefined : `refused, and yet ${sent}`;
      const parts = (sent[0] ?? '').replace(/\n$/, '').split(';');
      const isAsked = sent.length === 1 && parts.length === questions.length;
      const isQuestion = parts.every((part) => ONE_LINE.test(`${part}\n`) && /^show /.test(part));
      return isAsked && isQuestion ? undefined : `the socket got ${JSON.stringify(sent)}`;
    });
    expect(lines).toBeGreaterThan(100);
  });

  it('never change more than the member of their step, whatever the store says', async () => {
    let lines = 0;
    const adapter = haproxyAdapter('ha-1', socket, { now: () => 0 });
    const gate = async () => ({ validUntilMs: performance.now() + 10_000 });
    await neverLater(storedStep, 3_000, async (stored) => {
      const failed = await adapter.apply(stored, gate, { signal: signal() }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      const sent = taken();
      lines += sent.length;
      if (failed !== undefined && !(failed instanceof OperationError)) return String(failed);
      const target = ` ${stored.pool}/${stored.member}`;
      const odd = sent.find((line) => !OWN.test(line) || !line.includes(target));
      return odd === undefined ? undefined : `the socket got ${JSON.stringify(odd)}`;
    });
    expect(lines).toBeGreaterThan(100);
  });
});

describe('the path of a socket on another host', () => {
  it('has no character that a shell there would take for more', () => {
    const path = fc.oneof(spoilt(['/run/haproxy/admin.sock']), hostile);
    never(path, 3_000, (text) =>
      isPlainSocketPath(text) && !/^[A-Za-z0-9/._+@-]+$/.test(text) ? text : undefined,
    );
  });
});
