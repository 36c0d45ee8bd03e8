import { expect } from 'vitest';
import type { WatchRules } from '../../src/watch/rules.ts';
import { startProbe } from '../lab/probe.ts';
import { until } from '../lab/until.ts';
import { startOwnSite } from '../lab/use-site.ts';
import {
  startWebPair,
  WEB_NODES,
  WEB_VIP,
  type WebNode,
  type WebPace,
  type WebPair,
} from '../lab/web-pair.ts';
import { APPROVER, CHANNEL, OPERATORS, REQUESTER } from '../stage/inventory.ts';
import { ask } from '../stage/second-reader.ts';
import { openStage } from '../stage/stage.ts';
import { startWatcherProcess, type WatcherProcess } from '../stage/watcher-process.ts';
import { became, idIn, typed } from './acting.ts';
import { incidentBook } from './incident-book.ts';
import type { WatchedPair } from './pair-scenes.ts';

const LANE = 'web';
const POOL = 'webfarm';
const OUT = 'webD';

/** Two real HAProxy nodes with real keepalived; the watcher is a process of its own. */
export interface WatchedWebPair extends WatchedPair {
  readonly pair: WebPair;
  calm(): Promise<void>;
  /** Another watcher, beside the ones there are. */
  addWatcher(): Promise<void>;
  killWatcher(): Promise<void>;
  stop(): Promise<void>;
}

function yamlOf(pair: WebPair): string {
  const node = (name: WebNode) => {
    const { user, host, port, login, proof } = pair.ssh(name);
    const key = login !== undefined && 'keyFile' in login ? login.keyFile : '';
    const print = proof !== undefined && 'fingerprint' in proof ? proof.fingerprint : '';
    return `  ${name}: { kind: haproxy, ssh: "${user}@${host}:${port}", ssh_key: ${key}, host_key: "${print}", socket: ${pair.socket(name)}, server_state_file: ${pair.stateFile(name)} }`;
  };
  return `environments:
  production:
    roles: { viewers: workspace, operators: [${OPERATORS}], approvers: [${APPROVER}] }
    guard: { min_available: 50% }
balancers:
${WEB_NODES.map(node).join('\n')}
pairs:
  ${LANE}: { nodes: [${WEB_NODES.join(', ')}], vrrp: VI_1, vips: [${WEB_VIP}] }
services:
  ${POOL}:
    environment: production
    channel: ${CHANNEL}
    quiet_for: 1s
    drain_for: 10s
    pools: [{ on: ${LANE}, backend: ${POOL} }]
shell: { root: ${REQUESTER} }
`;
}

export async function openWatchedWebPair(
  pace: WebPace,
  rules: Partial<WatchRules>,
  msMax = 30_000,
): Promise<WatchedWebPair> {
  const { site, stop: stopSite } = await startOwnSite();
  const pair = await startWebPair(site, pace);
  const stage = await openStage({
    roles: ['bot', 'worker'],
    site: { yaml: yamlOf(pair), secrets: new Map() },
  });
  const watchers: WatcherProcess[] = [await startWatcherProcess(stage, rules)];
  await became(stage, idIn(await typed(stage, `disable ${POOL} ${OUT}`)), 'done', 20_000);
  let reached = pair.accessLog(OUT).length;
  const probe = await startProbe(site, 'webclient', { address: WEB_VIP, everyMs: 100 });
  const book = incidentBook(stage, LANE, msMax);
  const isOutOn = async (node: WebNode) => {
    const reply = await ask(pair.socket(node), `show servers state ${POOL}`);
    const row = reply.split('\n').find((line) => line.split(' ')[3] === OUT);
    return (Number(row?.split(' ')[6]) & 1) === 1;
  };
  const own = (node: string): WebNode => {
    const found = WEB_NODES.find((each) => each === node);
    if (found === undefined) throw new Error(`There is no node ${node}.`);
    return found;
  };

  return {
    lane: LANE,
    first: 'ha-1',
    second: 'ha-2',
    stage,
    book,
    pair,
    holdsVip: (node) => pair.holdsVip(own(node)),
    stopKeepalived: (node) => pair.stopKeepalived(own(node)),
    killKeepalived: (node) => pair.killKeepalived(own(node)),
    startKeepalived: (node) => pair.startKeepalived(own(node)),
    giveWay: (isGiving) => pair.giveWay('ha-1', isGiving),
    freeze: (node, isFrozen) => pair.freeze(own(node), isFrozen),
    powerOff: (node) => pair.powerOff(own(node)),
    powerOn: (node) => pair.powerOn(own(node)),
    plug: (node, isIn) => pair.plug(own(node), isIn),
    separate: (isCut) => pair.separate(isCut),
    async expectStillOut(...nodes) {
      for (const node of nodes.length === 0 ? WEB_NODES : nodes) {
        await expect.poll(() => isOutOn(own(node)), { timeout: msMax }).toBe(true);
      }
      await probe.more(3);
      expect(pair.accessLog(OUT).length - reached).toBe(0);
    },
    async takenOutAgain() {
      for (const node of WEB_NODES) {
        await expect.poll(() => isOutOn(node).catch(() => false), { timeout: msMax }).toBe(true);
      }
      reached = pair.accessLog(OUT).length;
    },
    async calm() {
      // Whatever a test that failed left behind.
      stage.slack.human.fault({ clear: true });
      await stage.redis.start();
      await pair.mend();
      await until('ha-1 as MASTER', msMax, async () => {
        const held = await Promise.all(WEB_NODES.map((node) => pair.holdsVip(node)));
        return held.join() === 'true,false';
      });
      await book.open('ha-1', 'ha-2');
    },
    async addWatcher() {
      watchers.push(await startWatcherProcess(stage, rules));
    },
    async killWatcher() {
      await watchers.shift()?.kill();
    },
    async stop() {
      await probe.stop();
      await Promise.all(watchers.map((each) => each.stop()));
      await stage.stop();
      await pair.stop();
      await stopSite();
    },
  };
}
