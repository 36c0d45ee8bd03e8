import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Lab } from '../lab/lab.ts';
import { useLab } from '../lab/use-lab.ts';
import { itLong } from '../long.ts';
import { SERVICE } from '../stage/inventory.ts';
import { LVS_MEMBERS, LVS_POOL, lvsSite } from '../stage/lvs-inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { ended } from './patience.ts';

// A director is a slow machine, on a busy one.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 90_000 });

let lab: Lab;
let stage: Stage;
let stop: () => Promise<void> = async () => {};
beforeAll(async () => {
  ({ lab, stop } = await useLab());
});
afterAll(() => stop());

/** Real servers that take new clients, as root on the director reads it. */
async function serving(): Promise<readonly string[]> {
  const saved = await lab.director('lvs-1').ask('ipvsadm -Sn');
  const row = new RegExp(`^-a -t ${LVS_POOL} -r (\\S+) -g -w [1-9]`, 'gm');
  return [...saved.matchAll(row)].map(([, server = '']) => server);
}

const byHand = (words: string) => lab.director('lvs-1').ask(words);

async function refused(text: string): Promise<string> {
  const { fault } = await ended(stage, text);
  expect(fault?.code).toBe('GUARD');
  return fault?.message ?? '';
}

describe('real servers that must stay', () => {
  beforeEach(async () => {
    await lab.reset();
  });

  describe('where one must stay', () => {
    beforeAll(async () => {
      stage = await openStage({ site: lvsSite(lab, { minAvailable: '1' }) });
    });
    afterAll(() => stage.stop());

    it('the last one is not taken out', async () => {
      for (const server of LVS_MEMBERS.slice(1)) {
        await byHand(`ipvsadm -e -t ${LVS_POOL} -r ${server} -g -w 0`);
      }
      const [last = ''] = LVS_MEMBERS;
      expect(await refused(`disable ${SERVICE} ${last}`)).toContain('would be left');
      expect(await serving()).toEqual([last]);
    });

    itLong('one stays when all are asked for at once', async () => {
      // Once each: whoever is refused because the director was too slow took nothing either.
      const records = await Promise.all(
        LVS_MEMBERS.map((server) => ended(stage, `disable ${SERVICE} ${server}`, 1)),
      );
      const done = records.filter(({ state }) => state === 'done');
      expect(done.length).toBeLessThan(LVS_MEMBERS.length);
      expect(await serving()).toHaveLength(LVS_MEMBERS.length - done.length);
    });
  });

  itLong(
    'are counted over all that the service has, also when sick ones left the table',
    async () => {
      stage = await openStage({ site: lvsSite(lab, { minAvailable: '60%' }) });
      try {
        // The very call of keepalived when a health check fails.
        await byHand(`ipvsadm -d -t ${LVS_POOL} -r 192.168.100.76:80`);
        await byHand(`ipvsadm -d -t ${LVS_POOL} -r 192.168.100.77:80`);
        const why = await refused(`disable ${SERVICE} 192.168.100.78`);
        expect(why).toContain('Only 2 of 5 members');
        expect(await serving()).toHaveLength(3);
      } finally {
        await stage.stop();
      }
    },
  );

  itLong('do not count when the director does not reach them', async () => {
    stage = await openStage({ site: lvsSite(lab, { minAvailable: '60%' }) });
    const away = ['rs74', 'rs75'];
    try {
      for (const host of away) await lab.on(host, ['ip', 'link', 'set', 'eth0', 'down']);
      const why = await refused(`disable ${SERVICE} 192.168.100.78`);
      expect(why).toContain('our own check does not reach 192.168.100.74:80');
      expect(await serving()).toHaveLength(5);
    } finally {
      for (const host of away) await lab.on(host, ['ip', 'link', 'set', 'eth0', 'up']);
      await stage.stop();
    }
  });
});
