import { request } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect } from 'vitest';
import { CHANNEL, SERVICE } from '../stage/inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { type NodeName, startVrrpSite, type VrrpSite } from '../stage/vrrp-site.ts';

export const LONG = { timeout: 20_000 };
export const BOOT = '3f2c1a90-5b7d-4e6f-8a1b-2c3d4e5f6a7b';

export type Line = readonly [sequence: number, said: string];

export interface Posted {
  readonly token?: string;
  readonly boot?: string;
  /** Of the director's clock; in ms. */
  readonly clock?: number;
}

/** A pair whose nodes are looked at, tell by themselves, and have a VIP that is probed; ha-1 is MASTER. */
export interface PushStory {
  readonly site: VrrpSite;
  readonly stage: Stage;
  url(): string;
  /** Messages in the channel itself, without threads, that say this. */
  messages(words: string): readonly string[];
  /** One post of lines, each with its number, as the script on a director makes it; resolves with the answer's status. */
  post(node: NodeName, lines: readonly Line[], over?: Posted): Promise<number>;
  /** What clients reach at the VIP goes away, and comes back. */
  vipGoes(): Promise<void>;
  vipComes(): Promise<void>;
  stop(): Promise<void>;
}

const listen = (port = 0) =>
  new Promise<Server>((resolve) => {
    const server = createServer((client) => client.on('error', () => {}).end());
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
const closed = (server: Server) =>
  new Promise<void>((resolve) => void server.close(() => resolve()));

export async function openPushStory(): Promise<PushStory> {
  let vip = await listen();
  const { port } = vip.address() as AddressInfo;
  const site = await startVrrpSite(`, probe: 50ms, probe_at: "127.0.0.1:${port}"`);
  const { yaml, notify } = site;
  const stage = await openStage({ site: { yaml, secrets: new Map() }, notify });
  const url = () => stage.product()?.notifyUrl() ?? '';
  const master = () => stage.records.watched.read('web').then(({ scene }) => scene.vrrp.master);
  await expect.poll(master, LONG).toBe('ha-1');
  return {
    site,
    stage,
    url,
    messages: (words) =>
      stage.slack.state
        .channel(CHANNEL)
        .filter(({ thread_ts: thread, ts }) => thread === undefined || thread === ts)
        .map(({ text, blocks }) => JSON.stringify([text, blocks]))
        .filter((text) => text.includes(words)),
    post: (node, lines, { token = site.tokens[node], ...over } = {}) =>
      send(url(), site.certificate, token, bodyOf(lines, over)),
    vipGoes: () => closed(vip),
    async vipComes() {
      vip = await listen(port);
    },
    async stop() {
      await stage.stop();
      await site.stop();
      await closed(vip);
    },
  };
}

/** Said a hundredth of a second after each other, the last of them just now. */
function bodyOf(lines: readonly Line[], { boot = BOOT, clock = Date.now() }: Posted): string {
  const last = Math.max(0, ...lines.map(([sequence]) => sequence));
  const up = (index: number) => (900.5 - (lines.length - index) / 100).toFixed(2);
  const told = lines.map(
    ([sequence, said], index) => `line ${sequence} ${up(index)} INSTANCE "VI_1" ${said}\n`,
  );
  return `lb-notify 1\nboot ${boot}\nclock ${clock} 900.50\nlast ${last}\n${told.join('')}`;
}

function send(url: string, ca: string, token: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const settings = { method: 'POST', headers, ca, servername: 'localhost', agent: false };
    const sent = request(url, settings, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const PER_POST = 200;

/** Both nodes change their roles `count` times together, as fast as it is taken, while somebody asks for a status. */
export async function floodedBy(count: number, story: PushStory): Promise<void> {
  const { stage, post, messages } = story;
  const turns = (from: number, node: NodeName) =>
    Array.from({ length: PER_POST }, (_, index): Line => {
      const isMaster = (index + (node === 'ha-1' ? 0 : 1)) % 2 === 0;
      return [from + index, `${isMaster ? 'MASTER' : 'BACKUP'} 100`];
    });
  const flood = async (node: NodeName) => {
    const answers: number[] = [];
    for (let from = 1; from <= count / 2; from += PER_POST) {
      answers.push(await post(node, turns(from, node)));
    }
    return answers;
  };
  const floods = Promise.all([flood('ha-1'), flood('ha-2')]);
  const answered = () => stage.whispers().split('192.168.100.74').length - 1;
  for (let turn = 0; turn < 3; turn += 1) {
    const before = answered();
    await stage.type(`status ${SERVICE}`);
    await expect.poll(answered, { timeout: 10_000 }).toBeGreaterThan(before);
  }
  for (const status of (await floods).flat()) expect([200, 429]).toContain(status);
  await expect.poll(() => messages('web flaps').length, { timeout: 30_000 }).toBe(1);
  expect(messages('Fail-over on web')).toHaveLength(0);
  const told = /the MASTER changed (\d+) times/.exec(messages('web flaps')[0] ?? '')?.[1];
  expect(Number(told)).toBeGreaterThan(3);
  const { scene } = await stage.records.watched.read('web');
  expect(JSON.stringify(scene).length).toBeLessThan(100_000);
  expect((await stage.records.watched.events(['web'], 10_000)).length).toBeLessThanOrEqual(2_000);
  const kept = await stage.redis.client.llen('{lb}:notices:ha-1:lines');
  expect(kept).toBe(Math.min(1_000, count / 2));
}
