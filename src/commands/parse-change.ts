import type { ChangeCommand, UntilIdle, WantedWeight, WriteVerb } from '../domain/command.ts';
import { durationWords } from '../domain/duration.ts';
import type { Inventory, Service } from '../domain/inventory.ts';
import { readTime, readWeight } from './amounts.ts';
import type { Word } from './chat-text.ts';
import { assertNoFlagFirst, beginsClause, type Clauses, readClauses } from './clauses.ts';
import { readMembers, takeMemberWords } from './member-list.ts';
import { readService } from './service-name.ts';
import { quoted, suggestion, UsageProblem } from './usage.ts';

/** `<service> <member>[,…]`, for `weight` the weight, then clauses or flags in any order. Throws UsageProblem. */
export function parseChange(
  verb: WriteVerb,
  line: string,
  words: readonly Word[],
  inventory: Inventory,
): ChangeCommand {
  assertNoFlagFirst(words.slice(0, 2), verb);
  const service = readService(words[0]?.text, inventory);
  const list = takeMemberWords(words.slice(1), beginsClause);
  const members = readMembers(list.entries, service);
  const { weight, rest } = takeWeight(verb, words.slice(1 + list.wordCount));
  const clauses = readClauses(line, rest, verb);
  const on = clauses.get('on');
  if (on !== undefined) assertBalancer(on, service, inventory);
  const reason = clauses.get('because');
  const breakGlass = clauses.has('break glass');
  if (breakGlass && reason === undefined) {
    throw new UsageProblem('"break glass" needs a reason: because …');
  }
  return {
    verb,
    service: service.name,
    members,
    ...(on === undefined ? {} : { on }),
    ...(reason === undefined ? {} : { reason }),
    ifPairFails: clauses.has('keep half') ? 'keep half' : 'put back',
    ...weightOf(verb, weight, clauses),
    ...untilOf(clauses, service),
    ...forOf(clauses),
    ...(clauses.has('now') ? { now: true } : {}),
    ...(breakGlass ? { breakGlass } : {}),
  };
}

/** The weight stands behind the members, before the clauses. */
function takeWeight(
  verb: WriteVerb,
  words: readonly Word[],
): { readonly weight?: WantedWeight; readonly rest: readonly Word[] } {
  const [first, ...rest] = words;
  if (verb !== 'weight' || first === undefined || beginsClause(first)) return { rest: words };
  return { weight: readWeight(first.text), rest };
}

function weightOf(
  verb: WriteVerb,
  weight: WantedWeight | undefined,
  clauses: Clauses,
): { readonly weight?: WantedWeight } {
  if (verb !== 'weight') return {};
  const flag = clauses.get('weight');
  if (weight !== undefined && flag !== undefined) {
    throw new UsageProblem('"weight" is given twice.');
  }
  return { weight: weight ?? readWeight(flag) };
}

function untilOf(clauses: Clauses, service: Service): { readonly until?: UntilIdle } {
  const within = clauses.get('within');
  const follows = clauses.get('then');
  if (!clauses.has('until idle')) {
    const stray = within === undefined ? follows : within;
    if (stray === undefined) return {};
    const name = within === undefined ? 'then' : 'within';
    throw new UsageProblem(`"${name}" goes with "until idle", which is missing.`);
  }
  const withinMs = within === undefined ? undefined : readTime(within);
  if (withinMs !== undefined && withinMs < service.quietForMs) {
    throw new UsageProblem(
      `${quoted(within ?? '')} is too short: members of ${service.name} count as idle after ${durationWords(service.quietForMs)} without anything new.`,
    );
  }
  const end = thenOf(follows);
  if (end === 'go back' && clauses.has('for')) {
    throw new UsageProblem('"then go back" leaves nothing that "for" could end.');
  }
  return { until: { ...(withinMs === undefined ? {} : { withinMs }), afterwards: end } };
}

const ENDS: Readonly<Record<string, UntilIdle['afterwards']>> = {
  disable: 'disable',
  remove: 'remove',
  keep: 'keep',
  'go back': 'go back',
  'go-back': 'go back',
};

function thenOf(typed: string | undefined): UntilIdle['afterwards'] {
  if (typed === undefined) return 'keep';
  const end = Object.hasOwn(ENDS, typed.toLowerCase()) ? ENDS[typed.toLowerCase()] : undefined;
  if (end !== undefined) return end;
  throw new UsageProblem(
    `After "then" comes "disable", "remove", "keep" or "go back", not ${quoted(typed)}.`,
  );
}

function forOf(clauses: Clauses): { readonly forMs?: number } {
  const typed = clauses.get('for');
  return typed === undefined ? {} : { forMs: readTime(typed) };
}

function assertBalancer(name: string, service: Service, inventory: Inventory): void {
  const home = [...new Set(service.pools.flatMap((pool) => pool.balancers))];
  if (home.includes(name)) return;
  const nodes = inventory.pairs.get(name)?.nodes;
  if (nodes !== undefined) {
    throw new UsageProblem(
      `${quoted(name)} is a pair. Name one of its balancers (${nodes.join(', ')}), or leave "on" away for all.`,
    );
  }
  if (inventory.balancers.has(name)) {
    throw new UsageProblem(
      `${service.name} has no pool on balancer ${quoted(name)}; it is on ${home.join(', ')}.`,
    );
  }
  const near = suggestion(name, home, `${service.name} is on ${home.join(', ')}.`);
  throw new UsageProblem(`Unknown balancer ${quoted(name)}.${near}`);
}
