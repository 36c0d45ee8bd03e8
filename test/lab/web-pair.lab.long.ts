import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useLab } from './use-lab.ts';
import { startWebPair, WEB_NODES, WEB_SERVERS, WEB_VIP, type WebPair } from './web-pair.ts';

describe('the HAProxy pair of the lab', () => {
  let pair: WebPair;
  let stop: () => Promise<void> = async () => {};

  beforeAll(async () => {
    const used = await useLab();
    stop = used.stop;
    pair = await startWebPair(used.lab.state.site);
  });
  afterAll(async () => {
    await pair?.stop();
    await stop();
  });

  const get = async (...words: readonly string[]) => {
    const address = `http://${WEB_VIP}/`;
    const { stdout } = await pair.on('webclient', ['curl', '-si', '-m', '2', ...words, address]);
    return {
      server: /^x-server: (\w+)/m.exec(stdout)?.[1],
      cookie: /^set-cookie: JSESSIONID=([^;\s]+)/m.exec(stdout)?.[1],
    };
  };

  it('keeps a client by the prefix of its cookie, and gives it another when that server is ill', async () => {
    const { server, cookie } = await get();
    expect(cookie).toMatch(new RegExp(`^${server?.slice(-1)}~s\\d+$`));
    for (const letter of ['A', 'C']) {
      const kept = await get('-b', `JSESSIONID=${letter}~s7`);
      expect(kept.server).toBe(`web${letter}`);
      expect(pair.accessLog(`web${letter}` as 'webA')).toContainEqual(
        expect.stringMatching(/ s7$/),
      );
    }
    pair.setSick('webA', true);
    await expect
      .poll(async () => (await get('-b', 'JSESSIONID=A~s7')).server)
      .toMatch(/^web[BCD]$/);
    pair.setSick('webA', false);
    await expect.poll(async () => (await get('-b', 'JSESSIONID=A~s7')).server).toBe('webA');
  });

  it('changes roles when the HAProxy of one dies, and back when it returns', async () => {
    const roles = () => Promise.all(WEB_NODES.map((node) => pair.holdsVip(node)));
    expect(await roles()).toEqual([true, false]);
    await pair.killHaproxy('ha-1');
    await expect.poll(roles, { timeout: 30_000 }).toEqual([false, true]);
    expect(WEB_SERVERS).toContain((await get()).server);
    expect(pair.keepalivedLog('ha-1')).toMatch(
      /VRRP_Script\(chk_haproxy\) failed[\s\S]*Entering BACKUP STATE/,
    );
    await pair.startHaproxy('ha-1');
    await expect.poll(roles, { timeout: 30_000 }).toEqual([true, false]);
    expect(WEB_SERVERS).toContain((await get()).server);
    expect(pair.keepalivedLog('ha-2')).toContain('with higher priority 102, ours 101');
  });
});
