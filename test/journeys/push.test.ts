import { request } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { itLong } from '../long.ts';
import { CHANNEL, SERVICE } from '../stage/inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { type NodeName, startVrrpSite, type VrrpSite } from '../stage/vrrp-site.ts';

let site: VrrpSite;
let stage: Stage;
/** What clients reach at the VIP. */
let vip: Server;

const listen = (port = 0) =>
  new Promise<Server>((resolve) => {
    const server = createServer((client) => client.on('error', () => {}).end());
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
const gone = (server: Server) => new Promise((resolve) => server.close(resolve));
const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeEach(async () => {
  vip = await listen();
  site = await startVrrpSite(`, probe: 50ms, probe_at: "127.0.0.1:${portOf(vip)}"`);
  const { yaml, notify } = site;
  stage = await openStage({ site: { yaml, secrets: new Map() }, notify });
  await expect.poll(usual, { timeout: 20_000 }).toBe('ha-1');
});
afterEach(async () => {
  await stage.stop();
  await site.stop();
  await gone(vip);
});

const usual = () => stage.records.watched.read('web').then(({ scene }) => scene.vrrp.master);
const url = () => stage.product()?.notifyUrl() ?? '';
const LONG = { timeout: 20_000 };

/** Messages in the channel itself, without threads. */
function messages(words: string): readonly string[] {
  return stage.slack.state
    .channel(CHANNEL)
    .filter(({ thread_ts: thread, ts }) => thread === undefined || thread === ts)
    .map(({ text, blocks }) => JSON.stringify([text, blocks]))
    .filter((text) => text.includes(words));
}

const BOOT = '3f2c1a90-5b7d-4e6f-8a1b-2c3d4e5f6a7b';

interface Posted {
  readonly token?: string;
  readonly boot?: string;
  /** Of the director's clock; in ms. */
  readonly clock?: number;
}

/** One post of lines, each with its number, as the script on a director makes it. */
function post(
  node: NodeName,
  lines: readonly (readonly [sequence: number, said: string])[],
  { token = site.tokens[node], boot = BOOT, clock = Date.now() }: Posted = {},
): Promise<number> {
  const last = Math.max(0, ...lines.map(([sequence]) => sequence));
  // Said a hundredth of a second after each other, the last of them just now.
  const up = (index: number) => (900.5 - (lines.length - index) / 100).toFixed(2);
  const told = lines.map(
    ([sequence, said], index) => `line ${sequence} ${up(index)} INSTANCE "VI_1" ${said}\n`,
  );
  const body = `lb-notify 1\nboot ${boot}\nclock ${clock} 900.50\nlast ${last}\n${told.join('')}`;
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const sent = request(
      url(),
      { method: 'POST', headers, ca: site.certificate, servername: 'localhost', agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const lineEvents = async () =>
  (await stage.records.watched.events(['web'], 2_000)).filter(({ witness }) => witness === 'line');

describe('what keepalived on two directors says', () => {
  it('comes by the printed script, curl and TLS to the channel, as one message for both and the looks', async () => {
    const [first, second] = [site.reader('ha-1', url()), site.reader('ha-2', url())];
    first.say('INSTANCE "VI_1" MASTER 100');
    second.say('INSTANCE "VI_1" BACKUP 90');
    const heard = () =>
      stage.records.watched.read('web').then(({ scene }) => Object.keys(scene.lines).length);
    await expect.poll(heard, LONG).toBe(2);

    const measuring = () =>
      stage.records.watched.read('web').then(({ scene }) => scene.probe?.since);
    await expect.poll(measuring, LONG).toBeDefined();

    const port = portOf(vip);
    const begun = performance.now();
    await gone(vip);
    site.show('ha-1', 'gone');
    first.say('INSTANCE "VI_1" STOP 100');
    const silent = () =>
      stage.records.watched.read('web').then(({ scene }) => scene.probe?.silences.length);
    await expect.poll(silent, LONG).toBe(1);
    vip = await listen(port);
    const awayMs = performance.now() - begun;
    site.show('ha-2', 2);
    second.say('INSTANCE "VI_1" MASTER 90');
    await expect.poll(() => messages('Fail-over on web').length, LONG).toBe(1);
    await expect
      .poll(() => messages('keepalived on ha-1 does not run any more').length, LONG)
      .toBe(1);
    await expect.poll(async () => (await lineEvents()).length, LONG).toBe(2);
    expect(messages('ha-1 was MASTER, ha-2 took over')).toHaveLength(1);
    expect(messages('Fail-over')).toHaveLength(1);
    const met = () => /Clients met:\* no answer for ([\d.]+) s/.exec(messages('web')[0] ?? '')?.[1];
    await expect.poll(met, LONG).toBeDefined();
    expect(Math.abs(Number(met()) * 1_000 - awayMs)).toBeLessThan(200);
    expect([first.said(), second.said()]).toEqual(['', '']);
  });
});

describe('posts that are not what they should be', () => {
  it('with a forged token, garbage or too much of it tell nothing to anybody', async () => {
    expect(await post('ha-2', [[1, 'MASTER 90']], { token: 'Zk3vQ8nT1xW6bR4yH7pL2sD8' })).toBe(401);
    expect(await post('ha-2', [[1, 'MASTER\n90']])).toBe(400);
    expect(await post('ha-2', [[1, 'x'.repeat(70_000)]])).toBe(413);
    expect(await post('ha-2', [[1, 'BACKUP 90']])).toBe(200);
    await expect
      .poll(async () => (await stage.records.watched.read('web')).scene.lines)
      .toEqual({
        'ha-2': expect.objectContaining({ sequence: 1 }),
      });
    expect(messages('ha-')).toEqual([]);
  });

  it('that are replayed change nothing, neither of this boot nor of one that is over', async () => {
    const old = '9a2c1a90-5b7d-4e6f-8a1b-2c3d4e5f6a7b';
    expect(await post('ha-1', [[7, 'MASTER 100']], { boot: old })).toBe(200);
    expect(
      await post('ha-1', [
        [1, 'BACKUP 100'],
        [2, 'MASTER 100'],
      ]),
    ).toBe(200);
    const before = await stage.records.watched.events(['web'], 100);
    for (const [number, boot] of [
      [7, old],
      [8, old],
      [1, BOOT],
    ] as const) {
      expect(await post('ha-1', [[number, 'FAULT 100']], { boot })).toBe(200);
    }
    expect(await stage.records.watched.events(['web'], 100)).toEqual(before);
    expect(messages('web')).toEqual([]);
  });

  it('whose numbers come out of order within one are refused as a whole, and late ones are put in their place', async () => {
    expect(
      await post('ha-2', [
        [2, 'MASTER 90'],
        [1, 'BACKUP 90'],
      ]),
    ).toBe(400);
    expect(await lineEvents()).toEqual([]);
    site.show('ha-2', 2);
    site.show('ha-1', 1);
    expect(await post('ha-2', [[2, 'MASTER 90']])).toBe(200);
    expect(await post('ha-2', [[1, 'BACKUP 90']])).toBe(200);
    await expect.poll(() => messages('Fail-over on web').length, LONG).toBe(1);
    const { scene } = await stage.records.watched.read('web');
    expect(scene.roles['ha-2']?.at(-1)?.role).toBe('MASTER');
  });

  it('by a clock that is an hour off are believed, and the clock is told once', async () => {
    site.show('ha-1', 1);
    site.show('ha-2', 2);
    const clock = Date.now() - 3_600_000;
    expect(await post('ha-2', [[1, 'MASTER 90']], { clock })).toBe(200);
    await expect.poll(() => messages('Fail-over on web').length, LONG).toBe(1);
    await expect
      .poll(() => messages('The clock of ha-2 is 60 min behind ours').length, LONG)
      .toBe(1);
    expect(await post('ha-2', [[2, 'MASTER_PRIORITY 90']], { clock: clock + 1_000 })).toBe(200);
    const [newest] = await lineEvents();
    expect(Math.abs((newest?.at ?? 0) - Date.now())).toBeLessThan(10_000);
    expect(messages('The clock of ha-2')).toHaveLength(1);
  });
});

describe('a flood of events', () => {
  const turns = (from: number, node: NodeName) =>
    Array.from({ length: 200 }, (_, index): readonly [number, string] => {
      const isMaster = (index + (node === 'ha-1' ? 0 : 1)) % 2 === 0;
      return [from + index, `${isMaster ? 'MASTER' : 'BACKUP'} 100`];
    });
  const flood = async (node: NodeName, count: number) => {
    const answers: number[] = [];
    for (let from = 1; from <= count; from += 200)
      answers.push(await post(node, turns(from, node)));
    return answers;
  };

  const isSurvived = async (count: number) => {
    const floods = Promise.all([flood('ha-1', count / 2), flood('ha-2', count / 2)]);
    const tookMs: number[] = [];
    const answered = () => stage.whispers().split('192.168.100.74').length - 1;
    for (let turn = 0; turn < 3; turn += 1) {
      const before = answered();
      const begun = performance.now();
      await stage.type(`status ${SERVICE}`);
      await expect.poll(answered, LONG).toBeGreaterThan(before);
      tookMs.push(performance.now() - begun);
    }
    for (const status of (await floods).flat()) expect([200, 429]).toContain(status);
    expect(Math.max(...tookMs)).toBeLessThan(10_000);
    await expect
      .poll(() => messages('web flaps').length, { timeout: 30_000 })
      .toBe(1)
      .catch((e) => {
        console.log(messages('').slice(-5));
        throw e;
      });
    expect(messages('Fail-over on web')).toHaveLength(0);
    const told = () => /the MASTER changed (\d+) times/.exec(messages('web flaps')[0] ?? '')?.[1];
    expect(Number(told())).toBeGreaterThan(3);
    const { scene } = await stage.records.watched.read('web');
    expect(JSON.stringify(scene).length).toBeLessThan(100_000);
    expect((await stage.records.watched.events(['web'], 10_000)).length).toBeLessThanOrEqual(2_000);
    const key = '{lb}:notices:ha-1:lines';
    expect(await stage.redis.client.llen(key)).toBe(Math.min(1_000, count / 2));
  };

  it(
    'is one message that says that it flaps; commands are answered meanwhile',
    () => isSurvived(800),
    60_000,
  );

  itLong('of ten thousand in a minute leaves no more behind', () => isSurvived(10_000), 180_000);
});
