import { actors, pause } from './actors.ts';
import type { Check } from './checks.ts';
import { answeredBy, serversAt } from './second-reader.ts';
import { REQUESTER, SERVICE } from './site.ts';
import type { DemoSite } from './start.ts';
import { plainMessage } from './transcript.ts';

const TARGET = '192.168.100.78';
const DRAINED = 0x08;
const OUT = 0x01;
const RESTORED_WITHIN_MS = 5_000;
const STEP_MS_MAX = 25_000;

type Say = (text: string) => void;
type Judge = (checks: readonly Check[]) => void;

async function adminOn(site: DemoSite): Promise<ReadonlyMap<string, number>> {
  const seen = site.nodes.map(
    async (node) => [node.name, (await serversAt(node.socket)).get(TARGET)?.admin ?? -1] as const,
  );
  return new Map(await Promise.all(seen));
}

/** Polls the sockets until every node shows it; the check that follows says what is there instead. */
async function untilAdmin(
  site: DemoSite,
  holds: (admin: number) => boolean,
  withinMs: number,
): Promise<number> {
  const begun = performance.now();
  while (performance.now() - begun < withinMs) {
    if ([...(await adminOn(site)).values()].every(holds)) break;
    await pause(25);
  }
  return Math.round(performance.now() - begun);
}

async function judgeAdmin(
  site: DemoSite,
  judge: Judge,
  expected: string,
  holds: (admin: number) => boolean,
) {
  judge(
    [...(await adminOn(site))].map(([node, admin]) => ({
      expected: `${node}: ${TARGET} is ${expected}`,
      holds: holds(admin),
      seen: `administrative state ${admin}`,
    })),
  );
}

/** Requests the target answers while it is drained can only come from clients that stick to it. */
async function drainWithCookieClients(site: DemoSite, say: Say, judge: Judge): Promise<void> {
  const people = actors(site, say);
  const already = people.cards().length;
  say(`== a drain, while clients with a cookie still arrive ==`);
  await people.command(REQUESTER, `drain ${SERVICE} ${TARGET} until idle within 10s`);
  await people.approve(already + 1);
  await untilAdmin(site, (admin) => (admin & DRAINED) !== 0, STEP_MS_MAX);
  const earlier = answeredBy(site.members.members).get(TARGET) ?? 0;
  await judgeAdmin(site, judge, 'drained', (admin) => (admin & DRAINED) !== 0);
  await pause(3_000);
  const later = answeredBy(site.members.members).get(TARGET) ?? 0;
  judge([
    {
      expected: `cookie clients still reach ${TARGET} while it drains`,
      holds: later > earlier,
      seen: `${later - earlier} requests in 3 s`,
    },
  ]);
  await people.card(already + 1, 'the card says that it never became idle', (card) =>
    plainMessage(card).includes('Not idle within'),
  );
  await people.command(REQUESTER, `enable ${SERVICE} ${TARGET}`);
  await people.approve(already + 2);
  await people.card(already + 2, 'it is back', (card) =>
    plainMessage(card).includes('is enabled in'),
  );
}

async function timeBox(site: DemoSite, say: Say, judge: Judge): Promise<void> {
  const people = actors(site, say);
  const already = people.cards().length;
  say('== out for ten seconds, and back by itself ==');
  await people.command(REQUESTER, `disable ${SERVICE} ${TARGET} now for 10s`);
  await people.approve(already + 1);
  await untilAdmin(site, (admin) => (admin & OUT) !== 0, STEP_MS_MAX);
  await judgeAdmin(site, judge, 'out', (admin) => (admin & OUT) !== 0);
  await untilAdmin(site, (admin) => admin === 0, STEP_MS_MAX);
  await judgeAdmin(site, judge, 'back by itself', (admin) => admin === 0);
}

async function reload(site: DemoSite, say: Say, judge: Judge): Promise<void> {
  const people = actors(site, say);
  const already = people.cards().length;
  say('== a reload that does not undo a disable ==');
  await people.command(REQUESTER, `disable ${SERVICE} ${TARGET} now because a long repair`);
  await people.approve(already + 1);
  await people.card(already + 1, 'it is out', (card) =>
    plainMessage(card).includes('is disabled in'),
  );
  const [node] = site.nodes;
  if (node === undefined) return;
  say(`-- somebody reloads ${node.name}: HAProxy forgets what was set at run time`);
  await node.reload();
  const ms = await untilAdmin(site, (admin) => (admin & OUT) !== 0, RESTORED_WITHIN_MS);
  say(`-- ${TARGET} is out of ${node.name} again after ${ms} ms`);
  await judgeAdmin(site, judge, 'out again', (admin) => (admin & OUT) !== 0);
}

/** The second part: what happens after the first click. */
export async function storyOverTime(site: DemoSite, say: Say, judge: Judge): Promise<void> {
  await drainWithCookieClients(site, say, judge);
  await timeBox(site, say, judge);
  await reload(site, say, judge);
}
