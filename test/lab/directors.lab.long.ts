import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Director } from './director.ts';
import type { Lab } from './lab.ts';
import { VIP } from './places.ts';
import { longestGapMs } from './probe.ts';
import { useLab } from './use-lab.ts';
import { holdsVip, killKeepalived, setPriority, stopKeepalived } from './vrrp.ts';

describe('two directors', () => {
  let lab: Lab;
  let one: Director;
  let other: Director;
  let stop: () => Promise<void> = async () => {};

  beforeAll(async () => {
    ({ lab, stop } = await useLab({ persistSeconds: 0 }));
    [one, other] = [lab.director('lvs-1'), lab.director('lvs-2')];
  });
  beforeEach(() => lab.reset());
  afterAll(() => stop());

  const tables = () => Promise.all([one, other].map((each) => each.ask('ipvsadm -Sn')));
  const holders = async () => {
    const said = await Promise.all([one, other].map((each) => each.ask('ip -4 -o addr show eth0')));
    return said.map((text) => text.includes(`${VIP}/`));
  };

  it('change roles by priority while a client asks, and lvs-1 is MASTER again after a reset', async () => {
    const before = await tables();
    const probe = await lab.probe({ everyMs: 50, timeoutMs: 500 });
    await setPriority(one, 80);
    await holdsVip(other, VIP);
    await holdsVip(one, VIP, false);
    await probe.more(10);
    const samples = await probe.stop();
    // lvs-2 waits for three adverts that do not come, or hears a lower priority; a client is answered again either way.
    expect(samples.slice(-5).filter(({ error }) => error !== undefined)).toEqual([]);
    expect(longestGapMs(samples)).toBeLessThan(10_000);
    await one.ask(`ipvsadm -e -t ${VIP}:80 -r 192.168.100.78:80 -g -w 0`);
    lab.setSick('192.168.100.74', true);
    await lab.reset();
    expect(await holders()).toEqual([true, false]);
    expect(await tables()).toEqual(before);
    expect([...lab.requests().values()]).toEqual([0, 0, 0, 0, 0]);
    expect((await one.ask('cat /proc/net/ip_vs_conn')).trim().split('\n')).toHaveLength(1);
  });

  it('have two masters when they do not hear each other, and one after a reset', async () => {
    await lab.separate(true);
    await holdsVip(other, VIP);
    expect(await holders()).toEqual([true, true]);
    await lab.reset();
    expect(await holders()).toEqual([true, false]);
  });

  it('lose keepalived in good order or not, one freezes, one loses its power: a reset mends all', async () => {
    await stopKeepalived(one);
    expect(await holders()).toContain(false);
    await holdsVip(other, VIP);
    await killKeepalived(other);
    expect(await holders()).toEqual([false, true]);
    other.freeze();
    await one.kill();
    expect(one.isOn()).toBe(false);
    await lab.reset();
    expect(await holders()).toEqual([true, false]);
  });

  it('go on alone when the cable of one is pulled', async () => {
    await lab.plug('lvs-1', false);
    await holdsVip(other, VIP);
    expect((await one.run('true', 5_000)).code).not.toBe(0);
  });
});
