import { actors, pause, StoryStopped } from './actors.ts';
import { type Check, checkLines, checksWhenBack, checksWhenOut, type Observed } from './checks.ts';
import { watchLosses } from './losses.ts';
import { answeredBy, serversAt } from './second-reader.ts';
import { APPROVER, MEMBERS, REQUESTER, SERVICE } from './site.ts';
import type { DemoSite } from './start.ts';
import { storyOfBreakages } from './story-broken.ts';
import { storyOfF5 } from './story-f5.ts';
import { storyOfLvs } from './story-lvs.ts';
import { storyOfMaster } from './story-master.ts';
import { storyOverTime } from './story-over-time.ts';
import { SLOW_MS } from './traffic.ts';
import { countTable, hasButton, headlineOf, indented, type ShownMessage } from './transcript.ts';

const TARGET = '192.168.100.78';
const APPROVE = 'change.approve';
/** What was in flight when the outcome was shown may still end; then the counting begins. */
const SETTLE_MS = SLOW_MS + 500;
const COUNT_MS = 2_000;

/**
 * Plays the whole story as people would, and writes it down line by line. Resolves with true when everything
 * that was checked held.
 */
export async function playStory(site: DemoSite, say: (text: string) => void): Promise<boolean> {
  const checks: Check[] = [];
  const losses = watchLosses(site.traffic);
  const judge = (found: readonly Check[]) => {
    checks.push(...found);
    say(`${checkLines(found)}\n`);
    // What follows would only fail for the same reason.
    if (found.some(({ holds }) => !holds)) throw new StoryStopped('The story stops here.');
  };
  try {
    if (site.lvs === undefined) await story(site, say, judge);
    else await storyOfLvs(site, site.lvs, say, judge);
    await storyOfF5(site, say, judge);
    if (site.lvs === undefined) {
      await storyOverTime(site, say, judge);
      await storyOfBreakages(site, say, judge, losses);
    } else {
      await storyOfMaster(site, site.lvs, say, judge, losses);
    }
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    const { message } = thrown;
    say(thrown instanceof StoryStopped ? message : `FAILED  ${message}`);
    checks.push({ expected: 'the story is played to its end', holds: false, seen: message });
  }
  const failed = losses.unexcused();
  checks.push({
    expected: 'requests failed while nothing was broken: 0',
    holds: failed === 0,
    seen: `requests failed: ${failed}`,
  });
  if (failed > 0) {
    for (const { reason } of site.traffic.failures()) say(`a request failed: ${reason}`);
  }
  const broken = checks.filter(({ holds }) => !holds).length;
  const figures = `${site.traffic.answered()} requests answered, requests failed: ${failed}, and ${losses.excused()} while something was broken`;
  say(
    broken === 0
      ? `The story held: ${checks.length} of ${checks.length} checks, ${figures}`
      : `The story did not hold: ${broken} of ${checks.length} checks failed, ${figures}`,
  );
  return broken === 0;
}

async function story(
  site: DemoSite,
  say: (text: string) => void,
  judge: (checks: readonly Check[]) => void,
): Promise<void> {
  const people = actors(site, say);

  say(`== ${SERVICE} as it is ==`);
  const before = await observe(site, say);
  judge(checksWhenBack(TARGET, before.nodes, before, MEMBERS));
  await people.command(REQUESTER, `status ${SERVICE}`);
  await people.toldAlone(REQUESTER, (text) => text.includes(TARGET));

  say(`== ${REQUESTER.name} takes ${TARGET} out ==`);
  await people.command(REQUESTER, `disable ${SERVICE} ${TARGET} because a new kernel`);
  await people.card(1, 'a card that asks for approval', (card) => hasButton(card, APPROVE));

  say(`== ${REQUESTER.name} may not approve what they asked for ==`);
  await people.click(REQUESTER);
  await people.toldAlone(REQUESTER, () => true);
  judge(
    [...(await nodesNow(site))].map(([node, servers]) => ({
      expected: `${node} still has ${TARGET} in service`,
      holds: servers.get(TARGET)?.admin === 0,
      seen: `administrative state ${servers.get(TARGET)?.admin}`,
    })),
  );

  say(`== ${APPROVER.name} approves ==`);
  await people.click(APPROVER);
  await people.card(1, 'the same card with the outcome', isDone('is disabled in'));
  judge(checksWhenOut(TARGET, MEMBERS, await observe(site, say)));

  say(`== ${REQUESTER.name} brings ${TARGET} back ==`);
  await people.command(REQUESTER, `enable ${SERVICE} ${TARGET}`);
  await people.card(2, 'a second card that asks for approval', (card) => hasButton(card, APPROVE));
  await people.click(APPROVER);
  await people.card(2, 'the second card with the outcome', isDone('is enabled in'));
  judge(checksWhenBack(TARGET, before.nodes, await observe(site, say), MEMBERS));

  const cards = people.cards().length;
  judge([
    { expected: 'one card per change, two in all', holds: cards === 2, seen: `${cards} cards` },
  ]);
}

/** The buttons are gone and the header says that it is done. */
function isDone(words: string): (card: ShownMessage) => boolean {
  return (card) => !hasButton(card, APPROVE) && headlineOf(card).includes(words);
}

async function nodesNow(site: DemoSite): Promise<Observed['nodes']> {
  const seen = site.nodes.map(async (node) => [node.name, await serversAt(node.socket)] as const);
  return new Map(await Promise.all(seen));
}

/** Counts for a while who answers, then looks at the sockets. */
async function observe(site: DemoSite, say: (text: string) => void): Promise<Observed> {
  await pause(SETTLE_MS);
  const earlier = answeredBy(site.members.members);
  await pause(COUNT_MS);
  const later = answeredBy(site.members.members);
  const answered = new Map(
    [...later].map(([name, count]) => [name, count - (earlier.get(name) ?? 0)]),
  );
  const failed = site.traffic.failed();
  say(`Answered within ${COUNT_MS / 1000} s, by the members' access logs:`);
  say(indented(`${countTable(answered)}\nrequests failed: ${failed}`));
  return { nodes: await nodesNow(site), answered, failed };
}
