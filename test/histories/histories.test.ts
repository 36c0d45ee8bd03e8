import { describe, expect, it } from 'vitest';
import { explore, historySeed } from './explore.ts';

const seed = historySeed();
const runs = Number(process.env.LB_HISTORY_RUNS ?? 2);

describe('whatever happens', () => {
  it(
    `keeps guard, approvals, intents and audit (LB_HISTORY_SEED=${seed})`,
    async () => {
      const goesOn = (index: number) => index < runs;
      const explored = await explore({ seed, eventsMax: 14, sideBySide: 2, goesOn });
      expect(explored.broken.join('\n\n')).toBe('');
      expect(explored.count).toBe(runs);
      expect(explored.looks).toBeGreaterThan(runs * 20);
    },
    runs * 120_000,
  );
});
