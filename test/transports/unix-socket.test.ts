import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuntimeSocket } from '../../src/transports/runtime-socket.ts';
import { unixSocket } from '../../src/transports/unix-socket.ts';
import { type FakeHaproxy, startFakeHaproxy } from '../fakes/haproxy.ts';

/** Long enough for a busy machine; who waits in vain has less. */
const LIMITS = { exchangeMsMax: 10_000, replyBytesMax: 1024 * 1024, connectionsMax: 2 };
const HASTY = { ...LIMITS, exchangeMsMax: 200 };
const never = new AbortController().signal;
const isWhole = (reply: string) => reply === '\n' || reply.endsWith('\n\n');
const reading = { doing: 'Reading', signal: never, isWhole };

let directory: string;
let device: FakeHaproxy;
let socket: RuntimeSocket;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lb-'));
  device = await startFakeHaproxy(join(directory, 's'));
  socket = unixSocket(device.socket, LIMITS);
});

afterEach(async () => {
  await device.close();
  rmSync(directory, { recursive: true, force: true });
});

function writing(gate: () => Promise<{ validUntilMs: number }>) {
  return { ...reading, doing: 'Writing', gate };
}
const openGate = () => Promise.resolve({ validUntilMs: performance.now() + 10_000 });

describe('a reply', () => {
  it('comes back whole, with its empty line', async () => {
    await expect(socket.exchange('show info', reading)).resolves.toMatch(
      /^Name: HAProxy\n[\s\S]*\n\n$/,
    );
  });

  it('to several questions comes back as their answers one behind the other', async () => {
    const both = await socket.ask(['show info', 'show servers state web'], reading);
    const one = await socket.exchange('show info', reading);
    const other = await socket.exchange('show servers state web', reading);
    expect(both).toBe(`${one}${other}`);
    expect(device.received[0]).toBe('show info;show servers state web');
  });

  it.each([
    [['show info', 'disable server web/a']],
    [['show info;disable server web/a']],
    [['show info', 'show servers state web;show stat']],
    [['show info', 'show servers state web\nquit']],
    [['show info', 'show servers state <<web']],
    [['show info', ' show stat']],
    [['show info', 'show']],
    [Array(400).fill('show servers state web')],
    [[]],
  ])('to %j is not asked for', async (questions) => {
    await expect(socket.ask(questions, reading)).rejects.toMatchObject({ code: 'UNSAFE_NAME' });
    expect(device.received).toEqual([]);
  });

  it('that never comes is TIMEOUT and says after how long', async () => {
    device.manner = 'silent';
    const hasty = unixSocket(device.socket, HASTY);
    await expect(hasty.exchange('show info', reading)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'Reading: no answer within 0.2 s.',
    });
  });

  it('that breaks off is CUT_REPLY and shows where', async () => {
    device.manner = 'cut';
    await expect(socket.exchange('show info', reading)).rejects.toMatchObject({
      code: 'CUT_REPLY',
      message: expect.stringContaining('broke off after'),
    });
  });

  it('that is a closed connection is CUT_REPLY', async () => {
    device.manner = 'hang up';
    await expect(socket.exchange('show info', reading)).rejects.toMatchObject({
      code: 'CUT_REPLY',
      message: 'Reading: the device closed the connection without an answer.',
    });
  });

  it('cut by a reset is UNREACHABLE, for a write OUTCOME_UNKNOWN', async () => {
    // A socket closed with unread bytes in it resets the other side.
    const rude = createServer({ pauseOnConnect: true }, (connection) => {
      setTimeout(() => connection.destroy(), 20);
    });
    const path = join(directory, 'rude');
    await new Promise<void>((resolve) => rude.listen(path, resolve));
    const socketThere = unixSocket(path, LIMITS);
    await expect(socketThere.exchange('show info', reading)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'Reading: the device reset the connection.',
    });
    await expect(
      socketThere.exchange('disable server web/a', writing(openGate)),
    ).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    rude.close();
  });

  it('larger than the limit is TOO_LARGE and is not read to its end', async () => {
    device.manner = 'huge';
    await expect(socket.exchange('show info', reading)).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });

  it('is given up when the caller stops waiting', async () => {
    device.manner = 'silent';
    const caller = new AbortController();
    const reply = socket.exchange('show info', { ...reading, signal: caller.signal });
    await expect.poll(() => device.received).toEqual(['show info']);
    caller.abort();
    await expect(reply).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'Reading: stopped before an answer came.',
    });
  });
});

describe('connecting', () => {
  it('to an absent socket is UNREACHABLE in plain words', async () => {
    const absent = unixSocket(join(directory, 'none'), LIMITS);
    await expect(absent.exchange('show info', reading)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `Reading: ${join(directory, 'none')}: the socket does not exist (No such file or directory).`,
    });
  });

  it('to a socket nobody listens on any more is UNREACHABLE', async () => {
    await device.close();
    device = await startFakeHaproxy(join(directory, 'other'));
    await expect(socket.exchange('show info', reading)).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
  });

  it('serves more callers than connections, one after the other', async () => {
    const patient = unixSocket(device.socket, { ...LIMITS, exchangeMsMax: 10_000 });
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => patient.exchange('show info', reading)),
    );
    expect(replies).toHaveLength(10);
  });

  it('has no more connections open than allowed; who waits for one can give up', async () => {
    device.manner = 'silent';
    const patient = unixSocket(device.socket, { ...LIMITS, exchangeMsMax: 60_000 });
    const caller = new AbortController();
    const first = Promise.allSettled([1, 2].map(() => patient.exchange('show info', reading)));
    const third = patient.exchange('show info', { ...reading, signal: caller.signal });
    await expect.poll(() => device.received).toHaveLength(LIMITS.connectionsMax);
    caller.abort();
    await expect(third).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('2 earlier exchanges still wait. Nothing was sent.'),
    });
    expect(device.received).toHaveLength(LIMITS.connectionsMax);
    await patient.close();
    await first;
  });

  it('gives places back after failures', async () => {
    device.manner = 'hang up';
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(socket.exchange('show info', reading)).rejects.toMatchObject({
        code: 'CUT_REPLY',
      });
    }
    device.manner = 'true';
    await expect(socket.exchange('show info', reading)).resolves.toContain('Pid: 100');
  });

  it('is refused after close, and close ends what is under way', async () => {
    device.manner = 'silent';
    const reply = socket.exchange('show info', reading);
    await expect.poll(() => device.received).toHaveLength(1);
    await Promise.all([expect(reply).rejects.toMatchObject({ code: 'TIMEOUT' }), socket.close()]);
    await expect(socket.exchange('show info', reading)).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
  });
});

describe('a write', () => {
  it('asks the gate only when the connection stands', async () => {
    const absent = unixSocket(join(directory, 'none'), LIMITS);
    let asked = 0;
    const gate = () => {
      asked += 1;
      return openGate();
    };
    await expect(absent.exchange('disable server web/a', writing(gate))).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    expect(asked).toBe(0);
    await socket.exchange('disable server web/a', writing(gate));
    expect(asked).toBe(1);
    expect(device.bitsOf('a')).toBe(1);
  });

  it('is not sent when the gate refuses; its own error comes back', async () => {
    const refusal = new Error('no leave');
    await expect(
      socket.exchange(
        'disable server web/a',
        writing(() => Promise.reject(refusal)),
      ),
    ).rejects.toBe(refusal);
    expect(device.received).toEqual([]);
  });

  it.each([
    ['too old', () => performance.now() - 1],
    ['not a number', () => Number.NaN],
  ])('is FENCED and not sent when the permit is %s', async (_name, validUntilMs) => {
    const gate = () => Promise.resolve({ validUntilMs: validUntilMs() });
    await expect(socket.exchange('disable server web/a', writing(gate))).rejects.toMatchObject({
      code: 'FENCED',
    });
    expect(device.received).toEqual([]);
  });

  it('is TIMEOUT and not sent, also not later, when the gate answers after the deadline', async () => {
    let open: (permit: { validUntilMs: number }) => void = () => {};
    const gate = () => new Promise<{ validUntilMs: number }>((resolve) => (open = resolve));
    const hasty = unixSocket(device.socket, HASTY);
    await expect(hasty.exchange('disable server web/a', writing(gate))).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('nothing was sent'),
    });
    open({ validUntilMs: performance.now() + 10_000 });
    await hasty.close();
    await socket.exchange('show info', reading);
    expect(device.received).toEqual(['show info']);
  });

  it('is not sent when the caller gives up at the moment the gate opens', async () => {
    const caller = new AbortController();
    const gate = () => {
      const permit = openGate();
      queueMicrotask(() => caller.abort());
      return permit;
    };
    await expect(
      socket.exchange('disable server web/a', { ...writing(gate), signal: caller.signal }),
    ).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(device.received).toEqual([]);
  });

  it.each(['silent', 'cut', 'hang up', 'huge'] as const)(
    'that is answered by "%s" is OUTCOME_UNKNOWN',
    async (manner) => {
      device.manner = manner;
      const there = manner === 'silent' ? unixSocket(device.socket, HASTY) : socket;
      await expect(there.exchange('disable server web/a', writing(openGate))).rejects.toMatchObject(
        {
          code: 'OUTCOME_UNKNOWN',
          message: expect.stringMatching(
            /^Writing: the command was sent, then .* It may still be executed\.$/,
          ),
        },
      );
      expect(device.received).toEqual(['disable server web/a']);
    },
  );
});

describe('a line that is more than one command', () => {
  it.each([
    ['a semicolon', 'disable server web/a; disable server web/b'],
    ['a newline', 'disable server web/a\ndisable server web/b'],
    ['a carriage return', 'show info\r'],
    ['a zero byte', 'show info\u0000'],
    ['a payload mark', 'set ssl cert x <<'],
    ['an escape', 'show\\ info'],
    ['letters beyond ASCII', 'disable server web/ä'],
    ['nothing', ''],
    ['too many characters', 'x'.repeat(2_000)],
  ])('is refused: %s', async (_name, command) => {
    await expect(socket.exchange(command, reading)).rejects.toMatchObject({ code: 'UNSAFE_NAME' });
    expect(device.received).toEqual([]);
  });
});
