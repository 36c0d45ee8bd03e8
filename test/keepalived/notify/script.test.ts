import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import {
  type NotifyListener,
  startNotifyListener,
} from '../../../src/keepalived/notify/listener.ts';
import { NOTIFY_SCRIPT } from '../../../src/keepalived/notify/script.ts';
import { selfSigned } from '../../../src/sandbox/f5/certificate.ts';
import { eventually } from '../../fakes/eventually.ts';
import { type KeptIntake, keptIntake } from './intake.ts';
import { type Reader, startReader, writeSettings } from './reader.ts';

const TOKEN = 'Zk3vQ8nT1xW6bR4yH7pL2sD9';
const SHELLS = ['dash', 'busybox sh', 'bash --posix'];
const certificate = selfSigned('localhost');
const LONG = { timeout: 20_000 };

describe('the reader on a director', () => {
  let folder: string;
  let intake: KeptIntake;
  let listener: NotifyListener | undefined;
  let readers: Reader[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lb-notify-'));
    intake = keptIntake();
    readers = [];
  });
  afterEach(async () => {
    for (const reader of readers) await reader.close();
    await listener?.close();
    listener = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const listen = async (port = 0) => {
    listener = await startNotifyListener({
      host: '127.0.0.1',
      port,
      tls: { cert: certificate.certificate, key: certificate.key },
      tokens: new Map([['lvs-1', new Secret(TOKEN)]]),
      intake,
      clock: { now: () => Date.now(), sleep: async () => {} },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
    const { port: bound } = new URL(listener.url);
    writeSettings(folder, `https://localhost:${bound}/notify`, TOKEN, certificate.certificate);
    return Number(bound);
  };
  const start = (shell = 'dash') => {
    const reader = startReader(folder, shell.split(' '));
    readers.push(reader);
    return reader;
  };
  const told = () => intake.lines.map(({ sequence, state }) => `${sequence} ${state}`);

  it.each(SHELLS)('is understood by %s', (shell) => {
    const [program = '', ...words] = shell.split(' ');
    execFileSync(program, [...words, '-n'], { input: NOTIFY_SCRIPT });
  });

  it.each(SHELLS)('passes on what keepalived says, in order, run by %s', async (shell) => {
    await listen();
    const reader = start(shell);
    const before = Date.now();
    reader.say('INSTANCE "VI_1" BACKUP 100', 'GROUP "G1" BACKUP 100', 'INSTANCE "VI_1" MASTER 100');
    await eventually(told, LONG).toEqual(['1 BACKUP', '3 MASTER']);
    const [first] = intake.lines;
    expect(first).toMatchObject({ director: 'lvs-1', instance: 'VI_1', priority: 100 });
    expect(first?.bootId).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
    const saidAt = (first?.receivedAt ?? 0) - (first?.ageMs ?? 0);
    expect(Math.abs(saidAt - before)).toBeLessThan(5_000);
    expect(Math.abs((first?.at ?? 0) - before)).toBeLessThan(5_000);
  });

  it('keeps what nobody takes, and tells it in order when somebody does', async () => {
    const port = await listen();
    await listener?.close();
    const reader = start();
    reader.say(
      'INSTANCE "VI_1" MASTER 100',
      'INSTANCE "VI_1" FAULT 100',
      'INSTANCE "VI_1" BACKUP 90',
    );
    await eventually(
      () => readFileSync(join(folder, 'run/kept'), 'utf8').split('\n').length,
      LONG,
    ).toBe(4);
    await listen(port);
    await eventually(told, LONG).toEqual(['1 MASTER', '2 FAULT', '3 BACKUP']);
    await eventually(() => readFileSync(join(folder, 'run/kept'), 'utf8'), LONG).toBe('');
  });

  it('keeps a line until it is recorded, and is not misled by one that is known', async () => {
    await listen();
    intake.setAway(true);
    const reader = start();
    reader.say('INSTANCE "VI_1" MASTER 100');
    await eventually(() => intake.offered.length, LONG).toBeGreaterThan(0);
    expect(intake.lines).toEqual([]);
    intake.setAway(false);
    await eventually(told, LONG).toEqual(['1 MASTER']);
  });

  it('says the last word after its master stopped, and the next one goes on counting', async () => {
    await listen();
    const first = start();
    first.say('INSTANCE "VI_1" MASTER 100');
    await eventually(told, LONG).toEqual(['1 MASTER']);
    // As keepalived does at its end: the signal first, then the word, then the FIFO is closed.
    process.kill(-(first.child.pid ?? 0), 'SIGTERM');
    first.say('INSTANCE "VI_1" STOP 100');
    await first.close();
    await eventually(told, LONG).toEqual(['1 MASTER', '2 STOP']);
    start().say('INSTANCE "VI_1" BACKUP 100');
    await eventually(told, LONG).toEqual(['1 MASTER', '2 STOP', '3 BACKUP']);
  });

  it('gives signs of life while there is nothing to say', async () => {
    await listen();
    start();
    await eventually(() => intake.beats.length, LONG).toBeGreaterThan(1);
    expect(intake.beats.at(-1)).toMatchObject({ director: 'lvs-1', sequence: 0 });
    expect(intake.lines).toEqual([]);
  });

  it('keeps at most a thousand lines; what it dropped is a gap in the numbers', async () => {
    const port = await listen();
    await listener?.close();
    const reader = start();
    const kept = () => readFileSync(join(folder, 'run/kept'), 'utf8').split('\n').length - 1;
    reader.say('INSTANCE "VI_1" MASTER 100');
    await eventually(kept, LONG).toBe(1);
    for (let turn = 0; turn < 12; turn += 1) {
      reader.say(...Array.from({ length: 100 }, () => 'INSTANCE "VI_1" BACKUP 100'));
      await eventually(() => Number(readFileSync(join(folder, 'run/sequence'), 'utf8')), LONG).toBe(
        1 + (turn + 1) * 100,
      );
      expect(kept()).toBeLessThanOrEqual(1_000);
    }
    await listen(port);
    await eventually(() => intake.lines.at(-1)?.sequence, LONG).toBe(1_201);
    expect(intake.lines.length).toBeLessThanOrEqual(1_000);
    expect(intake.lines[0]?.sequence).toBeGreaterThan(200);
  });

  it('shows its token on no command line', async () => {
    await listen();
    const reader = start();
    reader.say('INSTANCE "VI_1" MASTER 100');
    const seen: string[] = [];
    await eventually(() => {
      seen.push(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }));
      return intake.lines.length;
    }, LONG).toBe(1);
    expect(seen.join('\n')).not.toContain(TOKEN);
    expect(NOTIFY_SCRIPT).toContain('-H "@$etc/header"');
  });

  it.each([
    ['a plain address that is not this machine', 'http://198.51.100.7/notify', 0o600],
    ['a header file that others may read', 'https://localhost:1/notify', 0o644],
  ])('does not begin with %s', async (_what, url, mode) => {
    writeSettings(folder, url, TOKEN);
    execFileSync('chmod', [mode.toString(8), join(folder, 'etc/header')]);
    const reader = start();
    const code = await new Promise((resolve) => reader.child.once('exit', resolve));
    expect(code).toBe(1);
  });
});
