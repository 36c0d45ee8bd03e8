import { type Check, checkLines, checksWhenBack, checksWhenOut, type Observed } from './checks.ts';
import { answeredBy, serversAt } from './second-reader.ts';
import { APPROVER, CHANNEL, MEMBERS, REQUESTER, SERVICE } from './site.ts';
import type { DemoSite } from './start.ts';
import { SLOW_MS } from './traffic.ts';
import {
  countTable,
  hasButton,
  headlineOf,
  indented,
  plainMessage,
  type ShownMessage,
} from './transcript.ts';

const TARGET = '192.168.100.78';
const APPROVE = 'change.approve';
const STEP_MS_MAX = 20_000;
const POLL_MS = 25;
/** What was in flight when the outcome was shown may still end; then the counting begins. */
const SETTLE_MS = SLOW_MS + 500;
const COUNT_MS = 3_000;

type Person = typeof REQUESTER;

/** Something did not come about; the message says what was expected and what was there instead. */
class StoryStopped extends Error {}

/**
 * Plays the whole story as people would, and writes it down line by line. Resolves with true when everything
 * that was checked held.
 */
export async function playStory(site: DemoSite, say: (text: string) => void): Promise<boolean> {
  const checks: Check[] = [];
  const judge = (found: readonly Check[]) => {
    checks.push(...found);
    say(`${checkLines(found)}\n`);
    // What follows would only fail for the same reason.
    if (found.some(({ holds }) => !holds)) throw new StoryStopped('The story stops here.');
  };
  try {
    await story(site, say, judge);
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    const { message } = thrown;
    say(thrown instanceof StoryStopped ? message : `FAILED  ${message}`);
    checks.push({ expected: 'the story is played to its end', holds: false, seen: message });
  }
  for (const { reason } of site.traffic.failures()) say(`a request failed: ${reason}`);
  const broken = checks.filter(({ holds }) => !holds).length;
  say(
    broken === 0
      ? `The story held: ${checks.length} of ${checks.length} checks, ${site.traffic.answered()} requests answered, requests failed: ${site.traffic.failed()}`
      : `The story did not hold: ${broken} of ${checks.length} checks failed, requests failed: ${site.traffic.failed()}`,
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

/** What people do on the local Slack, and what they get to see, each written down. */
function actors(site: DemoSite, say: (text: string) => void) {
  const { human, state } = site.slack;
  /** Ephemeral messages of the past, which answer nothing that is asked now. */
  const read = new Set<string>();
  const shown = new Set<string>();

  const cards = () =>
    state
      .channel(CHANNEL.id)
      .filter(({ bot_id, thread_ts }) => bot_id !== undefined && thread_ts === undefined);
  const whispers = (person: Person) =>
    state.ephemerals(person.id).filter(({ ts, bot_id }) => bot_id !== undefined && !read.has(ts));

  return {
    cards,
    async command(person: Person, text: string) {
      for (const { ts } of whispers(person)) read.add(ts);
      say(`${person.name}> /lb ${text}`);
      const { ok, error } = await human.command({
        user: person.id,
        channel: CHANNEL.id,
        command: '/lb',
        text,
      });
      if (!ok) throw stopped('an acknowledged command', String(error));
    },
    async click(person: Person) {
      for (const { ts } of whispers(person)) read.add(ts);
      const card = cards().at(-1);
      say(`${person.name} clicks [ Approve ]`);
      const { ok, error } = await human.click({
        user: person.id,
        channel: CHANNEL.id,
        ts: card?.ts ?? '',
        action_id: APPROVE,
      });
      if (!ok) throw stopped('an acknowledged click', String(error));
    },
    async toldAlone(person: Person, fits: (text: string) => boolean) {
      const told = () => whispers(person).map(plainMessage);
      const text = await until(
        `an answer that only ${person.name} sees`,
        () => told().find(fits),
        () => told().join('\n') || 'nothing',
      );
      say(`lb, to ${person.name} alone:\n${indented(text)}\n`);
    },
    async card(number: number, expected: string, fits: (card: ShownMessage) => boolean) {
      const card = await until(
        expected,
        () => {
          const found = cards()[number - 1];
          return found !== undefined && fits(found) ? found : undefined;
        },
        () => cards().map(plainMessage).join('\n') || 'no card',
      );
      say(`lb, in #${CHANNEL.name}${shown.has(card.ts) ? ', the same card' : ''}:`);
      shown.add(card.ts);
      say(`${indented(plainMessage(card))}\n`);
    },
  };
}

async function until<T>(
  expected: string,
  look: () => T | undefined,
  seen: () => string,
): Promise<T> {
  const giveUpMs = performance.now() + STEP_MS_MAX;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > giveUpMs) throw stopped(expected, seen());
    await pause(POLL_MS);
  }
}

function stopped(expected: string, seen: string): StoryStopped {
  return new StoryStopped(
    checkLines([{ expected: `${expected} within ${STEP_MS_MAX / 1000} s`, holds: false, seen }]),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
