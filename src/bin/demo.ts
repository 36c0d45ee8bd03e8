import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { OperationError } from '../domain/errors.ts';
import type { LabDirector, LvsLab } from '../sandbox/lvs/lab-process.ts';
import { createLog } from '../telemetry/log.ts';
import { F5_NOTICE, F5_SERVICE, F5_TARGETS } from './demo/f5-names.ts';
import { SERVICE } from './demo/site.ts';
import { type DemoSite, startDemo } from './demo/start.ts';
import { playStory } from './demo/story.ts';
import { untilOver } from './demo/until-over.ts';

const HELP = `lb demo            a whole site on this machine, and a page to play with
lb demo --script   plays the story by itself and checks it; exit code 0 or 1
lb demo --json     one line on standard output when all is ready, for other programs
  --with-lvs       with each of them: two LVS directors too, with a kernel of their own
`;

type Mode = 'page' | 'script' | 'json' | 'help';

function readArguments(args: readonly string[]): {
  readonly mode: Mode;
  readonly withLvs: boolean;
} {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { script: flag, json: flag, help: flag, 'with-lvs': flag },
    });
    const { script, json, help } = values;
    if (script && json) throw new Error('--script and --json do not go together.');
    const mode = help ? 'help' : script ? 'script' : json ? 'json' : 'page';
    return { mode, withLvs: values['with-lvs'] };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new OperationError('USAGE', `${reason}\n${HELP.trimEnd()}`);
  }
}

/**
 * `lb demo`: starts members, two HAProxy nodes, a simulated BIG-IP pair, an embedded store, a local Slack, bot and
 * worker, and ends them all when it is told to. Every start is a fresh one. Returns the exit code.
 */
export async function demo(args: readonly string[]): Promise<number> {
  const { mode, withLvs } = readArguments(args);
  if (mode === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (process.env.NODE_ENV === 'production') {
    throw new OperationError(
      'NOT_ALLOWED',
      'The demo does not run with NODE_ENV=production: on its page anybody can approve anything.',
    );
  }
  // Whoever read the other end of a pipe may be gone first; that is no reason to leave things running.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const progress = (text: string) => process.stderr.write(`${text}\n`);
  const beganMs = performance.now();

  const over = untilOver().then(() => 'over' as const);
  let stopping = false;
  const destination = {
    // What breaks because it is being ended is no news.
    write: (line: string) => void (stopping || process.stderr.write(line)),
  };
  const log = createLog({ level: 'warn', destination });
  const site = await Promise.race([
    startDemo({ log, progress, environment: process.env, withLvs }),
    over,
  ]);
  // Half started: the exit listeners of its parts end them.
  if (site === 'over') process.exit(1);

  let code = 0;
  try {
    progress(`Ready after ${((performance.now() - beganMs) / 1000).toFixed(1)} s.`);
    if (mode === 'script') {
      const held = await Promise.race([playStory(site, say), over]);
      code = held === true ? 0 : 1;
    } else {
      say(mode === 'json' ? readyLine(site) : welcome(site));
      await over;
    }
  } finally {
    stopping = true;
    if (mode === 'page') progress('\nStopping everything ...');
    await site.stop();
  }
  return code;
}

/** One line for programs; what its fields mean is in the readme of the sandbox. */
function readyLine(site: DemoSite): string {
  const { slack, nodes, members, f5, lvs } = site;
  return JSON.stringify({
    page: slack.url,
    control: new URL('_human/', slack.url).href,
    haproxy: nodes.map(({ name, socket, frontUrl }) => ({ name, socket, front: frontUrl })),
    f5: {
      simulated: true,
      units: f5.sim.units.map(({ name, url, role }) => ({ name, url, role })),
      control: f5.sim.controlUrl,
      username: f5.sim.username,
      password: f5.sim.password,
      certificate: f5.sim.certificate,
    },
    ...(lvs === undefined ? {} : { lvs: lvsLine(lvs) }),
    members: members.members.map(({ name, logPath, address, port }) => ({
      name,
      log: logPath,
      url: `http://${address}:${port}/`,
    })),
    break: site.breakages.list().map(({ thing, name, effect }) => ({ thing, name, effect })),
    redis: site.redisUrl,
    inventory: site.inventoryPath,
    environment: site.environment,
  });
}

function lvsLine({ vip, url, clients, directors, realServers }: LvsLab) {
  const ssh = ({ host, port, keyFile }: LabDirector) =>
    `ssh -i ${keyFile} -p ${port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@${host}`;
  return {
    vip,
    front: url,
    clients,
    directors: directors.map((one) => ({ name: one.name, address: one.address, ssh: ssh(one) })),
    realServers: realServers.map(({ address, log }) => ({ name: address, log })),
  };
}

function welcome(site: DemoSite): string {
  return `
  Open this page:  ${site.slack.url}

  and type there:  /lb status ${SERVICE}
                   /lb disable ${SERVICE} 192.168.100.78
                   /lb disable ${F5_SERVICE} ${F5_TARGETS.join(',')}
  Then act as lin (top right) and click Approve. Or break something, by the buttons on the left, and see what the
  channel hears. Ctrl-C ends everything.

  Real here: ${site.lvs === undefined ? '' : 'LVS and its real servers, '}HAProxy, its members and their traffic. Not real: Slack, and
  ${F5_NOTICE}.

  In another terminal:  . ${site.environmentPath}
                        node ${relative(process.cwd(), process.argv[1] ?? '')} status
`;
}
