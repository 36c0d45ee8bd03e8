import { expect } from 'vitest';
import type { Incident } from '../../src/domain/incident.ts';
import type { WatchRules } from '../../src/watch/rules.ts';
import { type Probe, startProbe } from '../lab/probe.ts';
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
import { openStage, type Stage } from '../stage/stage.ts';
import { startWatcherProcess, type WatcherProcess } from '../stage/watcher-process.ts';
import { became, idIn, typed } from './acting.ts';

const LANE = 'web';
const POOL = 'webfarm';
const OUT = 'webD';
const PATIENCE = { timeout: 30_000, interval: 50 };

/** Two real HAProxy nodes with real keepalived, watched by the whole product; one member of them is disabled. */
export interface WatchedWebPair {
  readonly pair: WebPair;
  readonly stage: Stage;
  /** Resolves when ha-1 is MASTER and all is well; whatever was told before counts no more. */
  calm(): Promise<void>;
  /** The messages of incidents in the channel since then, each as it stands now. */
  messages(): readonly string[];
  /** Resolves when the only message says all of this. */
  told(...words: readonly (string | RegExp)[]): Promise<void>;
  /** As `told`, of an incident that is over; then waits a moment and looks whether it is still the only one. */
  toldOver(...words: readonly (string | RegExp)[]): Promise<void>;
  /** By HAProxy's own word and by the member's access log: no client reached it since it was disabled. */
  expectStillOut(nodes?: readonly WebNode[]): Promise<void>;
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
): Promise<WatchedWebPair> {
  const { site, stop: stopSite } = await startOwnSite();
  const pair = await startWebPair(site, pace);
  const stage = await openStage({
    roles: ['bot', 'worker'],
    site: { yaml: yamlOf(pair), secrets: new Map() },
  });
  const watchers: WatcherProcess[] = [await startWatcherProcess(stage, rules)];
  const change = idIn(await typed(stage, `disable ${POOL} ${OUT}`));
  await became(stage, change, 'done', 20_000);
  const reached = pair.accessLog(OUT).length;
  let probe: Probe | undefined = await startProbe(site, 'webclient', {
    address: WEB_VIP,
    everyMs: 100,
  });
  let before = 0;

  const all = () =>
    stage.slack.state
      .channel(CHANNEL)
      .filter(({ metadata, thread_ts: thread, ts }) => {
        return metadata?.event_type === 'lb_incident' && (thread === undefined || thread === ts);
      })
      .map(({ text, blocks }) => JSON.stringify([text, blocks]));
  const messages = () => all().slice(before);
  const incidents = async (): Promise<readonly Incident[]> =>
    (await stage.records.watched.read(LANE)).scene.incidents;
  const told = async (...words: readonly (string | RegExp)[]) => {
    for (const each of words) {
      await expect.poll(() => messages().join('\n'), PATIENCE).toMatch(each);
    }
    expect(messages()).toHaveLength(1);
  };
  const isOutOn = async (node: WebNode) => {
    const reply = await ask(pair.socket(node), `show servers state ${POOL}`);
    const row = reply.split('\n').find((line) => line.split(' ')[3] === OUT);
    return (Number(row?.split(' ')[6]) & 1) === 1;
  };

  return {
    pair,
    stage,
    async calm() {
      await until('ha-1 as MASTER', 20_000, async () => {
        const held = await Promise.all(WEB_NODES.map((node) => pair.holdsVip(node)));
        return held.join() === 'true,false';
      });
      await until('nothing left to tell', 20_000, async () => {
        const open = (await incidents()).filter(({ state }) => state === 'open');
        return open.length === 0 && (await stage.records.watched.due()).length === 0;
      });
      // Or what one test did would be the beginning of what the next one does.
      await stage.redis.client.del(`{lb}:scene:${LANE}`);
      for (const key of await stage.redis.client.keys('{lb}:rate*')) {
        await stage.redis.client.del(key);
      }
      const { watched } = stage.records;
      const known = async () => (await watched.read(LANE)).scene;
      await until('both nodes seen well', 20_000, async () => {
        const { vrrp, roles } = await known();
        return vrrp.master === 'ha-1' && roles['ha-2']?.at(-1)?.role === 'BACKUP';
      });
      before = all().length;
    },
    messages,
    told,
    async toldOver(...words) {
      await told(...words, /✓ /);
      await until('nothing left to tell', 20_000, async () => {
        return (await stage.records.watched.due()).length === 0;
      });
      expect(messages()).toHaveLength(1);
      expect(await incidents()).toHaveLength(1);
    },
    async expectStillOut(nodes = WEB_NODES) {
      for (const node of nodes) await expect.poll(() => isOutOn(node), PATIENCE).toBe(true);
      expect(pair.accessLog(OUT).length - reached).toBe(0);
      await probe?.more(3);
    },
    async addWatcher() {
      watchers.push(await startWatcherProcess(stage, rules));
    },
    async killWatcher() {
      await watchers.shift()?.kill();
    },
    async stop() {
      await probe?.stop();
      probe = undefined;
      await Promise.all(watchers.map((each) => each.stop()));
      await stage.stop();
      await pair.stop();
      await stopSite();
    },
  };
}
