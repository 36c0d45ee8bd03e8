import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { playPowerFailure, playScenes } from './pair-scenes.ts';
import { openWatchedWebPair, type WatchedWebPair } from './watched-web-pair.ts';
import { playWebScenes } from './web-scenes.ts';

/** All times a tenth to a quarter of the usual ones. */
const QUICK = {
  everyMs: 250,
  heldEveryMs: 250,
  awayEveryMs: 500,
  lookMsMax: 2_500,
  silentAfterMs: 1_500,
  silentInPairAfterMs: 4_000,
  silentLooks: 2,
  splitAfterMs: 600,
  noMasterAfterMs: 2_500,
  standbyAfterMs: 2_500,
  membersGraceMs: 4_000,
  settleMs: 1_800,
  flapWindowMs: 120_000,
  flapSettleMs: 2_500,
};

describe('a HAProxy pair with real keepalived, of which one member is disabled', () => {
  let web: WatchedWebPair;
  beforeAll(async () => {
    web = await openWatchedWebPair('quick', QUICK);
  }, 90_000);
  beforeEach(() => web.calm(), 60_000);
  afterAll(() => web?.stop());

  playScenes(() => web, {
    cable: [/Cause:\* ha-1 is in FAULT: eth0 has no carrier: its cable/, /eth0 has no carrier/],
    keeps: true,
  });
  playPowerFailure(() => web, { keeps: true });
  playWebScenes(() => web);
});
