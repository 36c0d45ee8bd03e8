import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import {
  type NotifyListener,
  startNotifyListener,
} from '../../../src/keepalived/notify/listener.ts';
import { eventually } from '../../fakes/eventually.ts';
import { type HandClock, handClock } from '../../fakes/hand-clock.ts';
import { type KeptIntake, keptIntake } from './intake.ts';

const TOKENS = new Map([
  ['lvs-1', new Secret('Zk3vQ8nT1xW6bR4yH7pL2sD9')],
  ['lvs-2', new Secret('Gt5mC2jF8wX1qN6zK4hV7rB3')],
]);
const NOW = 1_795_146_174_000;
const BOOT = '3f2c1a90-5b7d-4e6f-8a1b-2c3d4e5f6a7b';

const head = (last: number, ms = NOW) =>
  `lb-notify 1\nboot ${BOOT}\nclock ${ms} 900.50\nlast ${last}\n`;
const line = (sequence: number, said = 'INSTANCE "VI_1" MASTER 100', up = '900.25') =>
  `line ${sequence} ${up} ${said}\n`;

describe('the listener for what keepalived tells', () => {
  let intake: KeptIntake;
  let clock: HandClock;
  let listener: NotifyListener;
  let logged: string[];
  let counted: string[];

  beforeEach(async () => {
    intake = keptIntake();
    clock = handClock(NOW);
    logged = [];
    counted = [];
    const note = (message: string, data?: unknown) => {
      logged.push(`${message} ${JSON.stringify(data)}`);
    };
    listener = await startNotifyListener({
      host: '127.0.0.1',
      port: 0,
      tokens: TOKENS,
      intake,
      clock,
      log: { debug: note, info: note, warn: note, error: note },
      count: (end, director) => counted.push(director === undefined ? end : `${end} ${director}`),
    });
  });
  afterEach(() => listener.close());

  const post = (
    body: string | Buffer,
    {
      of = 'lvs-1',
      ...changed
    }: { of?: string; token?: string; path?: string; method?: string } = {},
  ) =>
    new Promise<number>((resolve, reject) => {
      const { path = '/notify', method = 'POST', token = TOKENS.get(of)?.reveal() } = changed;
      const sent = request(
        new URL(path, listener.url),
        {
          method,
          agent: false,
          headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });

  it('knows a director by its token alone, and when each line was said', async () => {
    expect(await post(`${head(2)}${line(1)}${line(2, 'INSTANCE "VI_1" BACKUP 90')}`)).toBe(200);
    expect(await post(`${head(1)}${line(1)}`, { of: 'lvs-2' })).toBe(200);
    expect(intake.lines.map(({ director, sequence }) => `${director} ${sequence}`)).toEqual([
      'lvs-1 1',
      'lvs-1 2',
      'lvs-2 1',
    ]);
  });

  it.each([
    ['no token', ''],
    ['a forged one', 'Zk3vQ8nT1xW6bR4yH7pL2sD8'],
    ['a longer one', 'Zk3vQ8nT1xW6bR4yH7pL2sD9x'],
  ])('answers 401 to a post with %s, and records nothing', async (_what, token) => {
    expect(await post(`${head(1)}${line(1)}`, { token })).toBe(401);
    expect(intake.offered).toEqual([]);
    expect(counted).toEqual(['unknown token']);
    expect(logged.join()).not.toContain('Zk3vQ8nT');
  });

  it.each([
    ['nothing', '', 400],
    ['noise', Buffer.from([0xff, 0xfe, 0x00, 0x9f]), 400],
    ['another language', head(0).replace('lb-notify 1', 'lb-notify 2'), 400],
    ['a boot id of its own', head(0).replace(BOOT, 'yesterday'), 400],
    ['a line cut off', `${head(1)}${line(1)}`.slice(0, -5), 400],
    ['lines out of order', `${head(2)}${line(2)}${line(1)}`, 400],
    ['the same number twice', `${head(1)}${line(1)}${line(1)}`, 400],
    ['a number beyond the last', `${head(1)}${line(2)}`, 400],
    ['a line that is none', `${head(1)}drop everything\n`, 400],
    ['a control character', `${head(1)}${line(1, 'INSTANCE "V\u0007I" MASTER 1')}`, 400],
    [
      'too many lines',
      head(300) + Array.from({ length: 201 }, (_, n) => line(n + 1)).join(''),
      413,
    ],
    ['too many bytes', `${head(1)}${line(1)}${'x'.repeat(70_000)}`, 413],
  ])('refuses %s', async (_what, body, status) => {
    expect(await post(body)).toBe(status);
    expect(intake.offered).toEqual([]);
  });

  it('passes over what keepalived says of other things, and keeps the rest', async () => {
    const others = [
      'GROUP "G" MASTER 100',
      'INSTANCE "VI_1" SOMEDAY 100',
      'INSTANCE "VI_1" MASTER 999',
    ];
    const body = head(4) + others.map((said, n) => line(n + 1, said)).join('') + line(4);
    expect(await post(body)).toBe(200);
    expect(intake.lines.map(({ sequence }) => sequence)).toEqual([4]);
  });

  it('answers 200 to a post that was recorded before, and records it once', async () => {
    const body = `${head(1)}${line(1)}`;
    expect([await post(body), await post(body)]).toEqual([200, 200]);
    expect(intake.lines).toHaveLength(1);
  });

  it('answers 503 while nothing can be recorded, so that the director keeps it', async () => {
    intake.setAway(true);
    expect(await post(`${head(1)}${line(1)}`)).toBe(503);
    expect(intake.beats).toEqual([]);
    intake.setAway(false);
    expect(await post(`${head(1)}${line(1)}`)).toBe(200);
    expect(counted).toEqual(['not recorded', 'taken lvs-1']);
  });

  it('takes a clock that is an hour off as it is, says so once, and tells ages by uptime', async () => {
    const hourOff = NOW - 3_600_000;
    expect(await post(`${head(1, hourOff)}${line(1)}`)).toBe(200);
    expect(await post(`${head(2, hourOff)}${line(2)}`)).toBe(200);
    expect(intake.lines[0]).toMatchObject({ at: hourOff - 250, ageMs: 250, receivedAt: NOW });
    const said = logged.filter((text) => text.startsWith('The clock of a director is wrong'));
    expect(said).toEqual([
      'The clock of a director is wrong {"director":"lvs-1","offSeconds":-3600}',
    ]);
  });

  it('lets a director post so often and no oftener, and another one all the same', async () => {
    const answers: number[] = [];
    for (let n = 0; n < 61; n += 1) answers.push(await post(head(0)));
    expect(answers.filter((status) => status === 200)).toHaveLength(60);
    expect(answers.at(-1)).toBe(429);
    expect(await post(head(0), { of: 'lvs-2' })).toBe(200);
    clock.advance(1_000);
    expect(await post(head(0))).toBe(200);
  });

  it('ends a flood of ten thousand lines with 429, and has bounded what it took', async () => {
    const answers: number[] = [];
    for (let n = 0; n < 50; n += 1) {
      const lines = Array.from({ length: 200 }, (_, k) => line(n * 200 + k + 1)).join('');
      answers.push(await post(`${head((n + 1) * 200)}${lines}`));
    }
    expect(answers.filter((status) => status === 200)).toHaveLength(10);
    expect(intake.lines).toHaveLength(2_000);
  });

  it('has one path and one method', async () => {
    expect(await post('', { path: '/metrics' })).toBe(404);
    expect(await post('', { method: 'PUT' })).toBe(405);
  });

  it('lets one host open few connections', async () => {
    const { port } = new URL(listener.url);
    const sockets = Array.from({ length: 20 }, () => connect(Number(port), '127.0.0.1'));
    let closed = 0;
    for (const socket of sockets) socket.on('error', () => {}).on('close', () => (closed += 1));
    await eventually(() => closed).toBe(4);
    for (const socket of sockets) socket.destroy();
    await eventually(async () => post(head(0)).catch(() => 0)).toBe(200);
  });

  it.each(['0.0.0.0', '192.168.100.1', '::', 'bot.example.net', '127.evil.example'])(
    'does not listen on %s without TLS',
    async (host) => {
      const asked = startNotifyListener({
        host,
        port: 0,
        tokens: TOKENS,
        intake,
        clock,
        log: { debug() {}, info() {}, warn() {}, error() {} },
      });
      await expect(asked).rejects.toThrow(/LB_NOTIFY_CERT/);
    },
  );
});
