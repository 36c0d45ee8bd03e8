import type { FreezeCommand } from '../domain/command.ts';
import type { Inventory } from '../domain/inventory.ts';
import { readTime } from './amounts.ts';
import type { Word } from './chat-text.ts';
import { beginsClause, readClauses } from './clauses.ts';
import { readService } from './service-name.ts';
import { UsageProblem } from './usage.ts';

/** `[<service>] [for <time>] because <text>`. Throws UsageProblem. */
export function parseFreeze(
  line: string,
  words: readonly Word[],
  inventory: Inventory,
): FreezeCommand {
  const [first] = words;
  const isNamed = first !== undefined && !beginsClause(first);
  const service = isNamed ? readService(first.text, inventory).name : undefined;
  const clauses = readClauses(line, isNamed ? words.slice(1) : words, 'freeze');
  const reason = clauses.get('because');
  if (reason === undefined) throw new UsageProblem('A freeze needs a reason: because …');
  const time = clauses.get('for');
  return {
    verb: 'freeze',
    ...(service === undefined ? {} : { service }),
    ...(time === undefined ? {} : { forMs: readTime(time) }),
    reason,
  };
}
