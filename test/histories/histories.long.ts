import { describe, expect, it } from 'vitest';
import { explore, historySeed } from './explore.ts';

const seed = historySeed();
const minutes = Number(process.env.LB_HISTORY_MINUTES ?? 4);
/** The last ones that were begun come to their end. */
const END_MS = 3 * 60_000;

describe('whatever happens, for long', () => {
  it(
    `keeps guard, approvals, intents and audit (LB_HISTORY_SEED=${seed}, ${minutes} min)`,
    async () => {
      const until = Date.now() + minutes * 60_000;
      const goesOn = () => Date.now() < until;
      const explored = await explore({ seed, eventsMax: 24, sideBySide: 2, goesOn });
      expect(explored.broken.join('\n\n')).toBe('');
      expect(explored.writes).toBeGreaterThan(0);
    },
    minutes * 60_000 + END_MS,
  );
});
