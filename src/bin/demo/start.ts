import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { loadInventory } from '../../config/inventory.ts';
import { faultReport } from '../../config/report.ts';
import { OperationError } from '../../domain/errors.ts';
import { Secret } from '../../domain/secret.ts';
import type { Log } from '../../ports/log.ts';
import type { SandboxHaproxy } from '../../sandbox/haproxy.ts';
import { followAccessLogs } from '../../sandbox/lvs/access-logs.ts';
import type { LvsLab } from '../../sandbox/lvs/lab-process.ts';
import type { SandboxMembers } from '../../sandbox/members.ts';
import { Breakages } from '../../sandbox/slack/breakages.ts';
import { type LocalSlack, startLocalSlack } from '../../sandbox/slack/local-slack.ts';
import { LocalSlackRefused } from '../../sandbox/slack/options.ts';
import { startEmbeddedStore } from '../../store/embedded/start.ts';
import { startProduct } from '../product.ts';
import { breakableHaproxy, breakableMaster, breakableMembers } from './breakables.ts';
import { F5_NOTICE, F5_PASSWORD_IN, F5_UNITS } from './f5-names.ts';
import { openDemoFolder } from './folder.ts';
import { demoInventory } from './inventory.ts';
import {
  CHANNEL,
  type DemoService,
  GROUPS,
  haproxyService,
  MEMBERS,
  PEOPLE,
  SERVICE,
} from './site.ts';
import { type DemoF5, startDemoF5 } from './start-f5.ts';
import { type Ends, startDemoMembers, startDemoNodes } from './start-haproxy.ts';
import { startDemoLvs } from './start-lvs.ts';
import { type Strip, trafficStrip } from './strip.ts';
import { startTraffic, type Traffic } from './traffic.ts';

/** Everything the demo runs, all of it real but Slack and the BIG-IPs. */
export interface DemoSite {
  readonly slack: LocalSlack;
  readonly nodes: readonly SandboxHaproxy[];
  /** What the nodes serve. */
  readonly web: DemoService;
  readonly f5: DemoF5;
  /** Undefined unless it was asked for. */
  readonly lvs: LvsLab | undefined;
  readonly members: SandboxMembers;
  readonly traffic: Traffic;
  /** What can be broken and mended, on the page too. */
  readonly breakages: Breakages;
  readonly redisUrl: string;
  readonly inventoryPath: string;
  /** What `lb` in a shell needs to join. */
  readonly environment: Readonly<Record<string, string>>;
  /** The same as lines for a shell to read. */
  readonly environmentPath: string;
  stop(): Promise<void>;
}

export interface DemoSurroundings {
  readonly log: Log;
  /** Told in short lines what is being started. */
  readonly progress: (text: string) => void;
  /** Environment of the process: where programs are, and that it is no production. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Two LVS directors have the article's service then, and the HAProxy nodes another one. */
  readonly withLvs: boolean;
}

/** Starts the whole site in a folder of its own. When one part cannot start, the others are stopped again. */
export async function startDemo(surroundings: DemoSurroundings): Promise<DemoSite> {
  const ends: Ends = [];
  let stopped: Promise<void> | undefined;
  const stopAll = async () => {
    const failed: unknown[] = [];
    for (const end of ends.splice(0).reverse()) {
      // One part that does not stop well must not keep the others running.
      await Promise.resolve()
        .then(end)
        .catch((thrown: unknown) => failed.push(thrown));
    }
    if (failed.length > 0) throw failed[0];
  };
  const stop = () => {
    stopped ??= stopAll();
    return stopped;
  };
  try {
    return { ...(await startParts(surroundings, ends)), stop };
  } catch (thrown) {
    await stop();
    if (thrown instanceof LocalSlackRefused) {
      throw new OperationError('NOT_ALLOWED', thrown.message, { cause: thrown });
    }
    throw thrown;
  }
}

async function startParts(
  { log, progress, environment, withLvs }: DemoSurroundings,
  ends: Ends,
): Promise<Omit<DemoSite, 'stop'>> {
  const folder = openDemoFolder();
  ends.push(folder.remove);
  const web = haproxyService(withLvs);
  const members = await startDemoMembers(web, folder.path, ends);
  const strip = trafficStrip(withLvs ? [...MEMBERS, ...web.members] : web.members);
  members.subscribe((request) => {
    if (request.status === 200) strip.answered(request);
  });

  const breakages = new Breakages();
  // It refuses to run beside production or real tokens, so it comes before everything bigger.
  const slack = await startLocalSlack({
    users: PEOPLE,
    channels: [CHANNEL],
    userGroups: GROUPS,
    traffic: strip.source,
    breakages,
    notice: F5_NOTICE,
    environment,
    warn: (text) => log.warn(text),
  });
  ends.push(() => slack.close());

  const lvs = withLvs ? await startLvs(environment, progress, strip, ends) : undefined;

  progress('Starting the embedded store (Valkey) ...');
  mkdirSync(join(folder.path, 'data'));
  const store = await startEmbeddedStore({ directory: join(folder.path, 'data'), log });
  ends.push(() => store.stop());

  progress(`Starting two HAProxy nodes with ${web.members.length} members of ${web.name} ...`);
  const place = { directory: folder.path, searchPath: environment.PATH };
  const nodes = await startDemoNodes(web, members, place, ends);

  progress('Starting a simulated pair of BIG-IPs ...');
  const f5 = await startDemoF5();
  ends.push(() => f5.sim.close());

  progress('Starting the bot and a worker ...');
  const inventoryPath = join(folder.path, 'inventory.yml');
  const { urls, username, sim } = f5;
  const unit = { urls, username, passwordIn: F5_PASSWORD_IN, fingerprint: sim.fingerprint256 };
  const yaml = demoInventory({ web, haproxy: nodes, f5: unit, lvs }, userInfo().username);
  writeFileSync(inventoryPath, yaml, { mode: 0o600 });
  const loaded = loadInventory(yaml, inventoryPath);
  if (!loaded.ok) throw new OperationError('INTERNAL', faultReport(loaded.faults, inventoryPath));
  const signingKey = randomBytes(32).toString('hex');
  const product = await startProduct({
    roles: ['bot', 'worker', 'watch'],
    redisUrl: store.url,
    inventory: loaded.inventory,
    balancerSecrets: new Map([[F5_UNITS, new Secret(sim.password)]]),
    signingKey: new Secret(signingKey),
    slack: {
      botToken: new Secret(slack.botToken),
      appToken: new Secret(slack.appToken),
      apiUrl: slack.apiUrl,
    },
    log,
  });
  ends.push(() => product.stop());

  const fronts = nodes.map(({ frontUrl }) => ({ url: frontUrl, keepsClients: true }));
  const vip = lvs && { url: `http://${SERVICE}`, socketPath: lvs.clients, keepsClients: false };
  const traffic = startTraffic(vip === undefined ? fronts : [...fronts, vip], strip.failed);
  ends.push(() => traffic.stop());
  // Nothing that is being started again may be left when the others end.
  ends.push(() => breakages.close());
  breakages.add(
    ...(lvs === undefined ? [] : [breakableMaster(lvs)]),
    ...breakableMembers(members),
    ...nodes.slice(0, 1).map(breakableHaproxy),
  );
  const joining = {
    REDIS_URL: store.url,
    LB_INVENTORY: inventoryPath,
    LB_SIGNING_KEY: signingKey,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    [F5_PASSWORD_IN]: sim.password,
  };
  const environmentPath = join(folder.path, 'lb.env');
  const quoted = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;
  const lines = Object.entries(joining).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  writeFileSync(environmentPath, lines.join(''), { mode: 0o600 });
  return {
    slack,
    nodes,
    web,
    f5,
    lvs,
    members,
    traffic,
    breakages,
    redisUrl: store.url,
    inventoryPath,
    environment: joining,
    environmentPath,
  };
}

async function startLvs(
  environment: DemoSurroundings['environment'],
  progress: DemoSurroundings['progress'],
  strip: Strip,
  ends: Ends,
): Promise<LvsLab> {
  progress('Starting two LVS directors, each with a kernel of its own ...');
  const lvs = await startDemoLvs(environment);
  ends.push(() => lvs.stop());
  ends.push(followAccessLogs(lvs.realServers, strip.answered));
  return lvs;
}
