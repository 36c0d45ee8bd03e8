import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { playPowerFailure } from './pair-scenes.ts';
import { openWatchedDirectors, type WatchedDirectors } from './watched-directors.ts';

describe('two directors, of whose service one member is disabled', () => {
  let edge: WatchedDirectors;
  beforeAll(async () => {
    edge = await openWatchedDirectors({ settleMs: 3_000, everyMs: 1_000 });
  }, 120_000);
  beforeEach(() => edge.calm(), 120_000);
  afterAll(() => edge?.stop(), 120_000);

  playPowerFailure(() => edge, { keeps: false });
});
