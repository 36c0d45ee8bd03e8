import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { playPowerFailure, playScenes } from './pair-scenes.ts';
import { openWatchedWebPair, type WatchedWebPair } from './watched-web-pair.ts';
import { playWebScenes } from './web-scenes.ts';

const PATIENCE_MS = 120_000;

describe('a HAProxy pair with the times and priorities of the article, watched as usual', () => {
  let web: WatchedWebPair;
  beforeAll(async () => {
    web = await openWatchedWebPair('article', {}, PATIENCE_MS);
  }, 120_000);
  beforeEach(() => web.calm(), 240_000);
  afterAll(() => web?.stop());

  playScenes(() => web, {
    cable: [/Cause:\* ha-1 is in FAULT: eth0 has no carrier: its cable/, /eth0 has no carrier/],
    keeps: true,
  });
  playPowerFailure(() => web, { keeps: true });
  describe.each(['first', 'second', 'third'])('for the %s time', () => playWebScenes(() => web));
});
