import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openWatchedWebPair, type WatchedWebPair } from './watched-web-pair.ts';

/** All times a tenth to a quarter of the usual ones. */
const QUICK = {
  everyMs: 250,
  heldEveryMs: 250,
  awayEveryMs: 500,
  silentAfterMs: 1_500,
  silentInPairAfterMs: 4_000,
  silentLooks: 2,
  lookMsMax: 2_500,
  splitAfterMs: 600,
  noMasterAfterMs: 2_500,
  standbyAfterMs: 2_500,
  settleMs: 1_800,
  flapWindowMs: 30_000,
  flapSettleMs: 2_500,
};

let web: WatchedWebPair;
beforeAll(async () => {
  web = await openWatchedWebPair('quick', QUICK);
}, 90_000);
beforeEach(() => web.calm(), 60_000);
afterAll(() => web?.stop());

const OVER = /Fail-over on web: ha-1 was MASTER, ha-2 took over/;
const BACK = /ha-1 is MASTER again/;
const SPLIT = /Split brain on web: ha-[12] and ha-[12] both answer for the VIP/;

describe('a HAProxy pair with real keepalived, of which one member is disabled', () => {
  it('tells a split brain, not a fail-over, when all of keepalived is killed and the VIP stays', async () => {
    await web.pair.killKeepalived('ha-1');
    await web.told(SPLIT, /ha-1: has the VIP without being MASTER/);
    await web.expectStillOut();
    await web.pair.startKeepalived('ha-1');
    await web.toldOver(/Split brain on web is over/, /ha-1 alone does now/);
  });

  it('tells a fail-over by priority, and why, when HAProxy dies on the MASTER', async () => {
    await web.pair.killHaproxy('ha-1');
    await web.told(
      OVER,
      /Cause:\* priority: ha-2 has 101, ha-1 has 100; what balances on ha-1 does not answer/,
    );
    await web.expectStillOut(['ha-2']);
    await web.pair.startHaproxy('ha-1');
    await web.toldOver(BACK, /Cause:\* priority: ha-2 has 101, ha-1 has 100/);
    await web.expectStillOut();
  });

  it('tells of a pulled cable as such where the node can still be asked', async () => {
    await web.pair.plug('ha-1', false);
    await web.told(OVER, /Cause:\* ha-1 is in FAULT: eth0 has no carrier: its cable/);
    await web.pair.plug('ha-1', true);
    await web.toldOver(BACK, /eth0 has no carrier/);
    await web.expectStillOut();
  });

  it('tells a split brain when the two do not hear each other', async () => {
    await web.pair.separate(true);
    await web.told(SPLIT, /ha-1: MASTER, priority 102; ha-2: MASTER, priority 101/);
    await web.expectStillOut();
    await web.pair.separate(false);
    await web.toldOver(/Split brain on web is over/, /ha-1 alone does now/);
  });

  it('tells of a frozen node that it does not answer, and then that it was not restarted', async () => {
    await web.pair.freeze('ha-1', true);
    await web.told(OVER, /Cause:\* ha-1 does not answer/);
    await web.expectStillOut(['ha-2']);
    await web.pair.freeze('ha-1', false);
    await web.toldOver(BACK, /Cause:\* ha-1 did not answer for \d.* and was not restarted/);
    await web.expectStillOut();
  });

  it('sums up a pair that flaps', async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      await web.pair.giveWay('ha-1', turn % 2 === 0);
      const next = turn % 2 === 0 ? 'ha-2' : 'ha-1';
      await expect.poll(() => web.pair.holdsVip(next), { timeout: 5_000 }).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await web.told(/web flaps: the MASTER changed (\d|10) times/);
    await web.toldOver(/It has been calm since/);
    await web.expectStillOut();
  });

  it('tells one incident when the MASTER loses its power, and restores what it forgot', async () => {
    await web.pair.powerOff('ha-1');
    await web.told(OVER, /Cause:\* ha-1 does not answer/);
    await web.expectStillOut(['ha-2']);
    await web.pair.powerOn('ha-1');
    await web.toldOver(BACK, /Cause:\* ha-1 was started anew since: it lost its power/);
    await web.expectStillOut();
  });

  it('tells one incident when both lose their power, as the worst there is', async () => {
    await web.pair.powerOff('ha-2');
    await web.pair.powerOff('ha-1');
    await web.told(/No MASTER of web is to be seen: ha-1 and ha-2 do not answer/);
    await web.pair.powerOn('ha-1');
    await web.pair.powerOn('ha-2');
    await web.toldOver(/web had no MASTER that could be seen for a while; ha-1 is it now/);
    await web.expectStillOut();
  });

  it('tells one fail-over that another watcher sees through to its end', async () => {
    await web.addWatcher();
    await web.pair.stopKeepalived('ha-1');
    await expect.poll(() => web.pair.holdsVip('ha-2')).toBe(true);
    await web.killWatcher();
    await web.told(OVER, /keepalived on ha-1 does not run any more/);
    await web.pair.startKeepalived('ha-1');
    await web.toldOver(BACK);
    await web.expectStillOut();
  });

  it('tells one fail-over while Redis is started anew', async () => {
    await web.pair.stopKeepalived('ha-1');
    await web.stage.redis.kill();
    await expect.poll(() => web.pair.holdsVip('ha-2')).toBe(true);
    await web.stage.redis.start();
    await web.told(OVER, /keepalived on ha-1 does not run any more/);
    await web.pair.startKeepalived('ha-1');
    await web.toldOver(BACK);
    await web.expectStillOut();
  });

  it('tells it once when Slack answers again', async () => {
    web.stage.slack.human.fault({ method: 'chat.postMessage', times: 1_000, status: 503 });
    await web.pair.stopKeepalived('ha-1');
    await expect
      .poll(async () => (await web.stage.records.watched.due()).length, { timeout: 10_000 })
      .toBe(1);
    expect(web.messages()).toEqual([]);
    web.stage.slack.human.fault({ clear: true });
    await web.told(OVER, /keepalived on ha-1 does not run any more/);
    await web.pair.startKeepalived('ha-1');
    await web.toldOver(BACK);
    await web.expectStillOut();
  });
});
