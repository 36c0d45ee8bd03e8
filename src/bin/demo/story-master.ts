import { holdersOf } from '../../sandbox/lvs/keepalived.ts';
import type { LvsLab } from '../../sandbox/lvs/lab-process.ts';
import { actors } from './actors.ts';
import { KEEPALIVED } from './breakables.ts';
import type { Check } from './checks.ts';
import type { Losses } from './losses.ts';
import type { DemoSite } from './start.ts';
import { trafficChecks } from './story-lvs.ts';

type Say = (text: string) => void;
type Judge = (checks: readonly Check[]) => void;

/** Fail-over of the pair of directors, and back; who has the VIP is what their interfaces show. */
export async function storyOfMaster(
  site: DemoSite,
  lab: LvsLab,
  say: Say,
  judge: Judge,
  losses: Losses,
): Promise<void> {
  const people = actors(site, say);
  const [old = '', heir = ''] = lab.directors.map(({ name }) => name);
  say('== keepalived stops on the MASTER ==');
  judge([await holderCheck(lab, old)]);
  // Between two directors nobody answers, and what one has in hand is lost to the other.
  const broken = losses.excuse();
  await site.breakages.break(KEEPALIVED);
  const told = await people.hears(`Fail-over on edge: ${old} was MASTER, ${heir} took over`);
  judge([
    await holderCheck(lab, heir),
    wordsCheck(told.text, `Old master: ${old}`),
    wordsCheck(told.text, `New master: ${heir}`),
    countCheck(people.announced('Fail-over on edge').length),
  ]);

  say(`-- keepalived is started again on ${old}, which has the higher priority`);
  await site.breakages.mend(KEEPALIVED);
  const over = await people.hears('All is well: the other node stands by');
  broken();
  judge([
    await holderCheck(lab, old),
    wordsCheck(over.text, `${old} is MASTER again`),
    { expected: 'the same message says so', holds: over.ts === told.ts, seen: over.text },
    ...(await trafficChecks(lab, true, say)),
  ]);
}

async function holderCheck(lab: LvsLab, director: string): Promise<Check> {
  const holders = await holdersOf(lab);
  return {
    expected: `${director} alone has ${lab.vip.split(':')[0]}`,
    holds: holders.join() === director,
    seen: holders.join(' and ') || 'nobody',
  };
}

function wordsCheck(text: string, words: string): Check {
  return { expected: `the message says: ${words}`, holds: text.includes(words), seen: text };
}

function countCheck(seen: number): Check {
  return { expected: 'messages about it: 1', holds: seen === 1, seen: `${seen}` };
}
