import type { LvsLab } from '../../sandbox/lvs/lab-process.ts';
import { actors, pause } from './actors.ts';
import type { Check } from './checks.ts';
import { requestsTo, type TableSeen, tablesOf } from './second-reader-lvs.ts';
import { APPROVER, MEMBERS, REQUESTER, SERVICE } from './site.ts';
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
const WEIGHT = 3;
const UNREAD = 'could not be read';
const TURNS_MAX = 5;
const APPROVE = 'change.approve';
const COUNT_MS = 2_000;
/** What was in flight when the outcome was shown may still end; then the counting begins. */
const SETTLE_MS = SLOW_MS + 500;

type Say = (text: string) => void;
type Judge = (checks: readonly Check[]) => void;

/** The article's command for LVS on two real directors: out on both, and back with the weight it had. */
export async function storyOfLvs(
  site: DemoSite,
  lab: LvsLab,
  say: Say,
  judge: Judge,
): Promise<void> {
  const people = actors(site, say);
  say(`== ${SERVICE} on two LVS directors ==`);
  // On a busy machine the first login may take longer than a reading may; a person would ask again.
  for (let isRead = false, turn = 0; !isRead && turn < TURNS_MAX; turn += 1) {
    await people.command(REQUESTER, `status ${SERVICE}`);
    const isAnswer = (text: string) => text.includes(TARGET) || text.includes(UNREAD);
    isRead = !(await people.toldAlone(REQUESTER, isAnswer)).includes(UNREAD);
  }
  judge([...(await tableChecks(lab, WEIGHT, say)), ...(await trafficChecks(lab, true, say))]);

  say(`== ${REQUESTER.name} takes ${TARGET} out ==`);
  const out = await planned(people, `disable ${SERVICE} ${TARGET} because a new kernel`);
  await people.click(APPROVER);
  await people.card(out, 'the same card with the outcome', isDone);
  judge([...(await tableChecks(lab, 0, say)), ...(await trafficChecks(lab, false, say))]);

  say(`== ${REQUESTER.name} brings ${TARGET} back ==`);
  const back = await planned(people, `enable ${SERVICE} ${TARGET}`);
  await people.click(APPROVER);
  await people.card(back, 'the second card with the outcome', isDone);
  judge([...(await tableChecks(lab, WEIGHT, say)), ...(await trafficChecks(lab, true, say))]);
}

/** The number of the card that asks for approval; where a director was too slow to be read, it is asked again. */
async function planned(people: ReturnType<typeof actors>, text: string): Promise<number> {
  for (let turn = 1; ; turn += 1) {
    const number = people.cards().length + 1;
    await people.command(REQUESTER, text);
    const isSlow = (card: ShownMessage) =>
      turn < TURNS_MAX && plainMessage(card).includes('did not answer in time');
    let isAsking = true;
    await people.card(number, 'a card that asks for approval', (card) => {
      isAsking = hasButton(card, APPROVE);
      return isAsking || isSlow(card);
    });
    if (isAsking) return number;
  }
}

function isDone(card: ShownMessage): boolean {
  return !hasButton(card, APPROVE) && headlineOf(card).startsWith('✓');
}

/** On both directors the target has this weight, and everything else is as it was in the beginning. */
async function tableChecks(lab: LvsLab, weight: number, say: Say): Promise<Check[]> {
  const tables = await tablesOf(lab);
  const [master, { text } = { text: '' }] = [...tables][0] ?? [];
  say(`ipvsadm -Ln on ${master}:\n${indented(text)}`);
  return [...tables].map(([director, table]) => {
    const wanted = MEMBERS.map((member) => rowText(member, member === TARGET ? weight : WEIGHT));
    const seen = rowsOf(table);
    return {
      expected: `${director} has ${wanted.join(', ')}`,
      holds: seen.join() === wanted.join(),
      seen: seen.join(', '),
    };
  });
}

function rowText(member: string, weight: number): string {
  return `${member}:80 Route ${weight}`;
}

function rowsOf({ rows }: TableSeen): readonly string[] {
  return [...rows]
    .map(([name, { forwarding, weight }]) => `${name} ${forwarding} ${weight}`)
    .sort();
}

/** Counts new clients for a while: the target gets its share of them, or none. */
export async function trafficChecks(lab: LvsLab, isIn: boolean, say: Say): Promise<Check[]> {
  await pause(SETTLE_MS);
  const earlier = requestsTo(lab);
  await pause(COUNT_MS);
  const later = requestsTo(lab);
  const counts = new Map(
    [...later].map(([name, count]) => [name, count - (earlier.get(name) ?? 0)]),
  );
  say(`New clients within ${COUNT_MS / 1000} s, by the real servers' access logs:`);
  say(indented(countTable(counts)));
  return MEMBERS.map((member) => {
    const serves = isIn || member !== TARGET;
    const count = counts.get(member) ?? 0;
    return {
      expected: `${member} ${serves ? 'gets new clients' : 'gets no new client'}`,
      holds: serves ? count > 0 : count === 0,
      seen: `${count} requests`,
    };
  });
}
