import { actors, pause } from './actors.ts';
import { HAPROXY, MEMBER } from './breakables.ts';
import type { Check } from './checks.ts';
import type { Losses } from './losses.ts';
import { askSocket, type ServerSeen, serversAt } from './second-reader.ts';
import { MEMBERS } from './site.ts';
import type { DemoSite } from './start.ts';

/** The one of the list, and the one that is disabled meanwhile. */
const [STOPPED = ''] = MEMBERS;
const DISABLED = '192.168.100.78';
/** 50% of five, rounded up. */
const NEEDED = 3;
const SEEN_MS_MAX = 15_000;
const POLL_MS = 25;

type Say = (text: string) => void;
type Judge = (checks: readonly Check[]) => void;
type OnNode = (servers: ReadonlyMap<string, ServerSeen>) => boolean;

/** What happens by itself, or by somebody else's hand: the channel hears of it, and of its end. */
export async function storyOfBreakages(
  site: DemoSite,
  say: Say,
  judge: Judge,
  losses: Losses,
): Promise<void> {
  await memberStops(site, say, judge, losses);
  await haproxyIsKilled(site, say, judge, losses);
}

async function memberStops(site: DemoSite, say: Say, judge: Judge, losses: Losses): Promise<void> {
  const people = actors(site, say);
  const isUp: OnNode = (servers) => servers.get(STOPPED)?.isUp === true;
  say(`== a member stops: ${STOPPED} ==`);
  const broken = losses.excuse();
  await site.breakages.break(MEMBER);
  const down = await checksOnNodes(
    site,
    `${STOPPED} down by its health check`,
    (servers) => !isUp(servers),
  );
  broken();
  const told = await people.hears(`${STOPPED} is down on ${names(site)}; `);
  judge([
    ...down,
    ...(await distanceChecks(site, told.text)),
    countCheck('messages about it', 1, people.announced(`${STOPPED} is down`).length),
  ]);

  say(`-- ${STOPPED} is started again`);
  await site.breakages.mend(MEMBER);
  const up = await checksOnNodes(site, `${STOPPED} up`, isUp);
  const over = await people.hears('every member that was down is up again');
  judge([
    ...up,
    { expected: 'the same message says so', holds: over.ts === told.ts, seen: over.text },
    lostCheck('since the health checks took it out', losses),
  ]);
}

/** How many are left is what the nodes themselves show. */
async function distanceChecks(site: DemoSite, text: string): Promise<Check[]> {
  return onNodes(site, (node, servers) => {
    const left = [...servers.values()].filter(({ admin, isUp }) => admin === 0 && isUp).length;
    const words = `${left} of ${MEMBERS.length} members left, at least ${NEEDED} needed`;
    const line = text.split('\n').find((each) => each.startsWith(`${node}: `));
    return {
      expected: `the message says of ${node}: ${words}`,
      holds: line?.includes(words) === true,
      seen: line ?? text,
    };
  });
}

async function haproxyIsKilled(
  site: DemoSite,
  say: Say,
  judge: Judge,
  losses: Losses,
): Promise<void> {
  const people = actors(site, say);
  const [node] = site.nodes;
  if (node === undefined) return;
  say(`== a HAProxy is killed: ${node.name} ==`);
  // Its clients ask it and nobody else; those of the other node must not notice.
  const broken = losses.excuse(node.frontUrl);
  await site.breakages.break(HAPROXY);
  const told = await people.hears(`${node.name} cannot be watched`);
  const answer = await askSocket(node.socket, 'show info').catch(() => undefined);
  judge([
    {
      expected: `nobody answers on the socket of ${node.name}`,
      holds: answer === undefined,
      seen: answer ?? 'nobody',
    },
    countCheck('messages about it', 1, people.announced(`${node.name} cannot be watched`).length),
    lostCheck('by clients of the other node', losses),
  ]);

  say(`-- ${node.name} is started again, and knows nothing of what was set at run time`);
  await site.breakages.mend(HAPROXY);
  const begunMs = performance.now();
  await pause(POLL_MS);
  broken();
  const out = await checksOnNodes(
    site,
    `${DISABLED} still disabled`,
    (servers) => servers.get(DISABLED)?.isOut === true,
  );
  say(`-- ${DISABLED} is out of it again after ${Math.round(performance.now() - begunMs)} ms`);
  const back = await people.hears(`${node.name} can be watched again`);
  judge([
    ...out,
    { expected: 'the same message says so', holds: back.ts === told.ts, seen: back.text },
    lostCheck(`since ${node.name} is back`, losses),
  ]);
}

const names = ({ nodes }: DemoSite) => nodes.map(({ name }) => name).join(', ');

/** Polls the sockets until every node shows it, now or in a moment. */
async function checksOnNodes(site: DemoSite, expected: string, holds: OnNode): Promise<Check[]> {
  const giveUpMs = performance.now() + SEEN_MS_MAX;
  for (;;) {
    const checks = await onNodes(site, (node, servers) => ({
      expected: `${node} has ${expected}`,
      holds: holds(servers),
      seen: [...servers]
        .map(([name, { admin, isUp }]) => `${name} ${admin} ${isUp ? 'up' : 'down'}`)
        .join(', '),
    }));
    if (performance.now() > giveUpMs || checks.every((check) => check.holds)) return checks;
    await pause(POLL_MS);
  }
}

function onNodes(
  { nodes }: DemoSite,
  check: (node: string, servers: ReadonlyMap<string, ServerSeen>) => Check,
): Promise<Check[]> {
  return Promise.all(nodes.map(async ({ name, socket }) => check(name, await serversAt(socket))));
}

function countCheck(what: string, expected: number, seen: number): Check {
  return { expected: `${what}: ${expected}`, holds: seen === expected, seen: `${seen}` };
}

function lostCheck(since: string, losses: Losses): Check {
  const lost = losses.unexcused();
  return { expected: `requests failed ${since}: 0`, holds: lost === 0, seen: `${lost}` };
}
