import type { DecisionCommand } from '../domain/command.ts';
import { readTime } from './amounts.ts';
import type { Word } from './chat-text.ts';
import { noMoreThan, quoted, UsageProblem } from './usage.ts';

const CHANGE_ID = /^[A-Za-z0-9_-]{4,64}$/;
const DIGEST_PREFIX = /^[0-9a-f]{4}$/i;

/** `<id>`, for `approve` with the four characters, for `extend` with the time. Throws UsageProblem. */
export function parseDecision(
  verb: DecisionCommand['verb'],
  words: readonly Word[],
): DecisionCommand {
  const changeId = words[0]?.text.replace(/^#/, '');
  if (changeId === undefined) throw new UsageProblem('The id of the change is missing.');
  if (!CHANGE_ID.test(changeId)) {
    throw new UsageProblem(`${quoted(changeId)} is no id of a change; ids are shown by "history".`);
  }
  switch (verb) {
    case 'approve':
      return { verb, changeId, digestPrefix: digestPrefixOf(words) };
    case 'extend':
      return { verb, changeId, forMs: extraTimeOf(words) };
    case 'deny':
    case 'cancel':
    case 'acknowledge':
      noMoreThan(words, 1);
      return { verb, changeId };
  }
}

function digestPrefixOf(words: readonly Word[]): string {
  noMoreThan(words, 2);
  const digest = words[1]?.text;
  if (digest === undefined) {
    throw new UsageProblem(
      'The four characters are missing; they stand on the card of the change.',
    );
  }
  if (!DIGEST_PREFIX.test(digest)) {
    throw new UsageProblem(
      `${quoted(digest)} is not four characters 0-9 a-f; they stand on the card of the change.`,
    );
  }
  return digest.toLowerCase();
}

/** `30m`, also as `for 30m` or `by 30m`. */
function extraTimeOf(words: readonly Word[]): number {
  const isSaid = ['for', 'by', '--for'].includes(words[1]?.text.toLowerCase() ?? '');
  const at = isSaid ? 2 : 1;
  noMoreThan(words, at + 1);
  const typed = words[at]?.text;
  if (typed === undefined) {
    throw new UsageProblem('The time is missing: how much longer, such as 30m.');
  }
  return readTime(typed);
}
