import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ran, runInside, type Site } from './site.ts';
import { until } from './until.ts';

export const WEB_VIP = '192.168.1.1';
export const WEB_NODES = ['ha-1', 'ha-2'] as const;
export const WEB_SERVERS = ['webA', 'webB', 'webC', 'webD'] as const;
export type WebNode = (typeof WEB_NODES)[number];
export type WebServer = (typeof WEB_SERVERS)[number];

const UP_MS_MAX = 60_000;

/**
 * Two HAProxy nodes (192.168.1.3 and .4, `listen webfarm`, cookie prefix) which share 192.168.1.1 by VRRP: ha-1 has
 * priority 100, ha-2 99, and each 2 more while its HAProxy runs.
 */
export interface WebPair {
  /** The stats socket of a node, level admin; it can be used from outside of the lab. */
  socket(node: WebNode): string;
  /** Runs a program on a node, or on the client (`webclient`). */
  on(host: WebNode | 'webclient', words: readonly string[], msMax?: number): Promise<Ran>;
  holdsVip(node: WebNode): Promise<boolean>;
  /** All processes of the node's HAProxy at once. */
  killHaproxy(node: WebNode): Promise<void>;
  startHaproxy(node: WebNode): Promise<void>;
  setSick(server: WebServer, isSick: boolean): void;
  /** Lines of a web server, for instance `1795146174130 / s12`: time, path, session or `-`. */
  accessLog(server: WebServer): readonly string[];
  keepalivedLog(node: WebNode): string;
  stop(): Promise<void>;
}

/** Starts the pair anew, whatever was there of it, and waits until ha-1 alone has the VIP and serves it. */
export async function startWebPair(site: Site): Promise<WebPair> {
  const folder = join(site.directory, 'web');
  const script = async (what: string) => {
    const words = ['sh', join(site.directory, 'web-pair.sh'), what, site.directory];
    const { code, stderr } = await runInside(site, undefined, [...words, process.execPath], 30_000);
    if (code !== 0) throw new Error(`web-pair.sh ${what}: ${stderr.trim()}`);
  };
  const on = (host: WebNode | 'webclient', words: readonly string[], msMax?: number) => {
    if (host === 'webclient') return runInside(site, host, words, msMax);
    const pid = readFileSync(join(folder, `${host}.pid`), 'utf8').trim();
    const within = ['nsenter', '--target', pid, '--mount', '--net', '--pid', '--', ...words];
    return runInside(site, undefined, within, msMax);
  };
  const textOf = (name: string) => {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  const pair: WebPair = {
    socket: (node) => join(folder, `${node}.sock`),
    on,
    async holdsVip(node) {
      const { stdout } = await on(node, ['ip', '-4', '-o', 'addr', 'show', 'eth0']);
      return stdout.includes(` ${WEB_VIP}/`);
    },
    async killHaproxy(node) {
      await on(node, ['pkill', '-9', '-x', 'haproxy']);
      await until(`the end of HAProxy on ${node}`, 5_000, async () => {
        const { code } = await on(node, ['pidof', 'haproxy']);
        return code === 1;
      });
    },
    async startHaproxy(node) {
      const log = join(folder, `${node}.haproxy`);
      const line = `setsid haproxy -W -f /run/haproxy.cfg </dev/null >>${log} 2>&1 &`;
      await on(node, ['sh', '-c', line]);
    },
    setSick(server, isSick) {
      const file = join(folder, `sick.${server}`);
      if (isSick) writeFileSync(file, '');
      else rmSync(file, { force: true });
    },
    accessLog: (server) => textOf(`${server}.log`).split('\n').slice(0, -1),
    keepalivedLog: (node) => textOf(`${node}.keepalived`),
    stop: () => script('down'),
  };
  await script('down');
  await script('up');
  const isThere = (node: WebNode) => existsSync(join(folder, `${node}.pid`));
  await until('the HAProxy nodes', UP_MS_MAX, () => WEB_NODES.every(isThere));
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
