import type { ChangeCommand, SwitchVerb } from '../domain/command.ts';
import { findSubject, type Inventory } from '../domain/inventory.ts';
import type { Word } from './chat-text.ts';
import { assertNoFlagFirst, readClauses } from './clauses.ts';
import { quoted, suggestion, UsageProblem } from './usage.ts';

/** `<pair>`, then clauses. Throws UsageProblem. */
export function parseSwitch(
  verb: SwitchVerb,
  line: string,
  words: readonly Word[],
  inventory: Inventory,
): ChangeCommand {
  assertNoFlagFirst(words.slice(0, 1), verb);
  const pair = readPair(words[0]?.text, inventory);
  const clauses = readClauses(line, words.slice(1), verb);
  const reason = clauses.get('because');
  const breakGlass = clauses.has('break glass');
  if (breakGlass && reason === undefined) {
    throw new UsageProblem('"break glass" needs a reason: because …');
  }
  return {
    verb,
    service: pair,
    members: [pair],
    ...(reason === undefined ? {} : { reason }),
    ifPairFails: 'put back',
    ...(breakGlass ? { breakGlass } : {}),
  };
}

function readPair(typed: string | undefined, inventory: Inventory): string {
  const able = [...inventory.pairs.values()].filter(({ vrrp }) => vrrp !== undefined);
  const names = able.map(({ name }) => name);
  if (typed === undefined || typed === '') throw new UsageProblem('The pair is missing.');
  if (inventory.services.has(typed)) {
    throw new UsageProblem(`${quoted(typed)} is a service; a fail-over is of a pair.`);
  }
  const pair = inventory.pairs.get(typed);
  if (pair === undefined) {
    const all = names.length === 0 ? 'No pair has vrrp.' : `Pairs with vrrp: ${names.join(', ')}.`;
    throw new UsageProblem(`Unknown pair ${quoted(typed)}.${suggestion(typed, names, all)}`);
  }
  if (pair.vrrp === undefined) {
    throw new UsageProblem(`Pair ${pair.name} has no vrrp: no node of it stands in for another.`);
  }
  if (findSubject(inventory, pair.name) === undefined) {
    throw new UsageProblem(`No service lives on pair ${pair.name}, so nobody may change it.`);
  }
  return pair.name;
}
