import { expect, it } from 'vitest';
import { back, over } from './pair-scenes.ts';
import type { WatchedWebPair } from './watched-web-pair.ts';

/** What is a HAProxy pair's own: the script that finds it dead, and watchers that are processes. */
export function playWebScenes(web: () => WatchedWebPair): void {
  it('tells a fail-over by priority, and why, when HAProxy dies on the MASTER', async () => {
    const { pair, book, ...its } = web();
    await pair.killHaproxy('ha-1');
    await book.told(
      over(web()),
      /Cause:\* priority: ha-2 has 101, ha-1 has 100; what balances on ha-1 does not answer/,
    );
    await its.expectStillOut('ha-2');
    await pair.startHaproxy('ha-1');
    await book.toldOver(back(web()), /Cause:\* priority: ha-2 has 101, ha-1 has 100/);
    await its.expectStillOut();
  }, 240_000);

  it('tells one fail-over that another watcher sees through to its end', async () => {
    const { pair, book, ...its } = web();
    await its.addWatcher();
    await pair.stopKeepalived('ha-1');
    await expect.poll(() => pair.holdsVip('ha-2')).toBe(true);
    await its.killWatcher();
    await book.told(over(web()), /Cause:\* keepalived on ha-1 does not run any more/);
    await pair.startKeepalived('ha-1');
    await book.toldOver(back(web()));
    await its.expectStillOut();
  }, 240_000);
}
