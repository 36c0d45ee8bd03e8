import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { playScenes } from './pair-scenes.ts';
import { openWatchedDirectors, type WatchedDirectors } from './watched-directors.ts';

describe('two directors, of whose service one member is disabled, watched as usual', () => {
  let edge: WatchedDirectors;
  beforeAll(async () => {
    edge = await openWatchedDirectors({});
  }, 120_000);
  beforeEach(() => edge.calm(), 240_000);
  afterAll(() => edge?.stop(), 120_000);

  playScenes(() => edge, {
    // Pulled at the switch: the director's own end does not notice, and nobody else can ask it.
    cable: [/Cause:\* lvs-1 does not answer/, /and was not restarted: its network was away/],
    keeps: false,
  });
});
