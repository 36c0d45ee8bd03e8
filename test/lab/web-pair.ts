import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SshHost } from '../../src/domain/inventory.ts';
import { openForwards } from './forward.ts';
import { fingerprintOf, makeKey } from './keys.ts';
import { type Ran, runInside, type Site } from './site.ts';
import { until } from './until.ts';

export const WEB_VIP = '192.168.1.1';
export const WEB_NODES = ['ha-1', 'ha-2'] as const;
export const WEB_SERVERS = ['webA', 'webB', 'webC', 'webD'] as const;
export type WebNode = (typeof WEB_NODES)[number];
export type WebServer = (typeof WEB_SERVERS)[number];

const UP_MS_MAX = 60_000;

/** `article`: adverts every second, HAProxy looked at every two; `quick`: five times a second, and every second. */
export type WebPace = 'article' | 'quick';

/**
 * Two HAProxy nodes (192.168.1.3 and .4, `listen webfarm`, cookie prefix) which share 192.168.1.1 by VRRP: ha-1 has
 * priority 100, ha-2 99, and each 2 more while its HAProxy runs. sshd listens on a network of its own.
 */
export interface WebPair {
  /** The stats socket of a node, level admin; it can be used from outside of the lab. */
  socket(node: WebNode): string;
  /** What its HAProxy reads when it starts, on what the node has for a disk. */
  stateFile(node: WebNode): string;
  /** How root of a node is reached from outside of the lab. */
  ssh(node: WebNode): SshHost;
  /** Runs a program on a node, or on the client (`webclient`). */
  on(host: WebNode | 'webclient', words: readonly string[], msMax?: number): Promise<Ran>;
  holdsVip(node: WebNode): Promise<boolean>;
  /** All processes of the node's HAProxy at once. */
  killHaproxy(node: WebNode): Promise<void>;
  startHaproxy(node: WebNode): Promise<void>;
  /** Ends keepalived in good order: it gives the VIP up and says so to the other node. */
  stopKeepalived(node: WebNode): Promise<void>;
  /** All its processes at once, without a word to anybody: the VIP stays on the interface. */
  killKeepalived(node: WebNode): Promise<void>;
  startKeepalived(node: WebNode): Promise<void>;
  /** By priority: the node lets the other one take over, or takes back what is its own. */
  giveWay(node: WebNode, isGiving: boolean): Promise<void>;
  /** Stops every process of the node in its tracks; its kernel goes on, as the lab's. */
  freeze(node: WebNode, isFrozen: boolean): Promise<void>;
  /** Power failure: every process at once, and no link on any interface. */
  powerOff(node: WebNode): Promise<void>;
  powerOn(node: WebNode): Promise<void>;
  /** Pulls the cable of the service network, or puts it back; sshd is reached all the same. */
  plug(node: WebNode, isIn: boolean): Promise<void>;
  /** Keeps the nodes from hearing each other (VRRP too) while everybody else reaches both; or lets them again. */
  separate(isCut: boolean): Promise<void>;
  /** Everything back to where it was at the start, as far as a node has power. */
  mend(): Promise<void>;
  setSick(server: WebServer, isSick: boolean): void;
  /** Lines of a web server, for instance `1795146174130 / s12`: time, path, session or `-`. */
  accessLog(server: WebServer): readonly string[];
  keepalivedLog(node: WebNode): string;
  stop(): Promise<void>;
}

/** Starts the pair anew, whatever was there of it, and waits until ha-1 alone has the VIP and serves it. */
export async function startWebPair(site: Site, pace: WebPace = 'article'): Promise<WebPair> {
  const folder = join(site.directory, 'web');
  const hostKey = (node: WebNode) => join(site.directory, `${node}.host-key`);
  for (const node of WEB_NODES) makeKey(hostKey(node));
  const inLab = async (words: readonly string[]) => {
    const { code, stderr } = await runInside(site, undefined, words, 30_000);
    if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr.trim()}`);
  };
  const script = (what: string, ...more: readonly string[]) => {
    const words = ['sh', join(site.directory, 'web-pair.sh'), what, site.directory];
    return inLab([...words, process.execPath, pace, ...more]);
  };
  const on = (host: WebNode | 'webclient', words: readonly string[], msMax?: number) => {
    if (host === 'webclient') return runInside(site, host, words, msMax);
    const pid = readFileSync(join(folder, `${host}.pid`), 'utf8').trim();
    const within = ['nsenter', '--target', pid, '--mount', '--net', '--pid', '--', ...words];
    return runInside(site, undefined, within, msMax);
  };
  const shell = async (node: WebNode, line: string) => {
    const { code, stderr } = await on(node, ['sh', '-c', line]);
    if (code !== 0) throw new Error(`${line} on ${node}: ${stderr.trim()}`);
  };
  const gone = (node: WebNode, program: string) =>
    until(`the end of ${program} on ${node}`, 10_000, async () => {
      const { code } = await on(node, ['pidof', program]);
      return code === 1;
    });
  const isUp = (node: WebNode) => existsSync(join(folder, `${node}.pid`));
  const textOf = (name: string) => {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  await script('down');
  await script('up');
  const forwards = await openForwards(
    folder,
    WEB_NODES.map((node) => `ssh-${node}`),
  );
  const pair: WebPair = {
    socket: (node) => join(folder, `${node}.sock`),
    stateFile: (node) => join(folder, `${node}.state`),
    ssh: (node) => ({
      user: 'root',
      host: '127.0.0.1',
      port: forwards.ports.get(`ssh-${node}`) ?? 0,
      login: { keyFile: join(site.directory, 'key') },
      proof: { fingerprint: fingerprintOf(`${hostKey(node)}.pub`) },
    }),
    on,
    async holdsVip(node) {
      if (!isUp(node)) return false;
      const { stdout } = await on(node, ['ip', '-4', '-o', 'addr', 'show', 'eth0']);
      return stdout.includes(` ${WEB_VIP}/`);
    },
    async killHaproxy(node) {
      await on(node, ['pkill', '-9', '-x', 'haproxy']);
      await gone(node, 'haproxy');
    },
    startHaproxy: (node) => shell(node, 'sh /run/start-haproxy'),
    async stopKeepalived(node) {
      await shell(node, 'pkill -o -x keepalived');
      await gone(node, 'keepalived');
    },
    // Stopped first: its children end in good order when they see their parent go.
    killKeepalived: (node) => shell(node, 'pkill -STOP -x keepalived && pkill -9 -x keepalived'),
    startKeepalived: (node) => shell(node, 'sh /run/start-keepalived'),
    giveWay: (node, isGiving) => shell(node, `echo ${isGiving ? 1 : 0} >/run/lb-yield.VI_1`),
    // All but its PID 1 and the one who says so.
    freeze: (node, isFrozen) => shell(node, `kill -${isFrozen ? 'STOP' : 'CONT'} -1`),
    powerOff: (node) => script('off', node),
    async powerOn(node) {
      await script('on', node);
      await until(node, UP_MS_MAX, () => isUp(node));
    },
    plug: (node, isIn) => inLab(['ip', 'link', 'set', `br1${node}`, isIn ? 'up' : 'down']),
    async separate(isCut) {
      for (const node of WEB_NODES) {
        const isolated = ['type', 'bridge_slave', 'isolated', isCut ? 'on' : 'off'];
        await inLab(['ip', 'link', 'set', 'dev', `br1${node}`, ...isolated]);
      }
    },
    async mend() {
      for (const node of WEB_NODES) {
        if (!isUp(node)) await pair.powerOn(node);
        await pair.plug(node, true);
        await pair.freeze(node, false);
        await pair.giveWay(node, false);
        for (const program of ['keepalived', 'haproxy']) {
          await shell(node, `pidof ${program} >/run/pids || sh /run/start-${program}`);
        }
      }
      await pair.separate(false);
    },
    setSick(server, isSick) {
      const file = join(folder, `sick.${server}`);
      if (isSick) writeFileSync(file, '');
      else rmSync(file, { force: true });
    },
    accessLog: (server) => textOf(`${server}.log`).split('\n').slice(0, -1),
    keepalivedLog: (node) => textOf(`${node}.keepalived`),
    async stop() {
      forwards.close();
      await script('down');
    },
  };
  await until('the HAProxy nodes', UP_MS_MAX, () => WEB_NODES.every(isUp));
  await until('ha-1 as MASTER', UP_MS_MAX, async () => {
    const held = await Promise.all(WEB_NODES.map((node) => pair.holdsVip(node)));
    return held.join() === 'true,false';
  });
  await until(`an answer of ${WEB_VIP}`, UP_MS_MAX, async () => {
    const words = ['curl', '-sf', '-m', '1', '-o', '/dev/null', `http://${WEB_VIP}/`];
    return (await on('webclient', words)).code === 0;
  });
  return pair;
}
