import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import type { FakeDevice } from '../fakes/fake-device.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { APPROVER, OPERATOR, openSite, type Site, states } from './site.ts';

let redis: StageRedis;
let site: Site;
let first: FakeDevice;
let second: FakeDevice;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
  first = site.devices['ha-1'];
  second = site.devices['ha-2'];
});
afterAll(() => redis.stop());

const ENABLE = { verb: 'enable' } as const;
const results = (record: { outcome?: { steps: readonly { result: string }[] } }) =>
  record.outcome?.steps.map(({ result }) => result);
const holds = () => site.context.stores.holds.ofPool('ha-1', 'shop');

describe('a member that was taken out', () => {
  beforeEach(async () => {
    first.set('w1', { weight: 7 });
    second.set('w1', { weight: 7 });
    expect((await site.change('aaaa2222')).state).toBe('done');
  });

  it('is held in the name of who asked and who agreed', async () => {
    expect(await holds()).toMatchObject([
      {
        member: 'w1',
        changeId: 'aaaa2222',
        actor: OPERATOR,
        approver: APPROVER,
        restore: { admin: 'enabled', weight: 7 },
        incarnation: '1',
      },
    ]);
  });

  it('comes back with exactly the weight it had, whatever it became meanwhile', async () => {
    first.set('w1', { weight: 0 });
    second.set('w1', { weight: 100 });
    const record = await site.change('bbbb2222', ENABLE);
    expect(record.state).toBe('done');
    for (const device of [first, second]) {
      expect(device.member('w1')).toMatchObject({ admin: 'enabled', weight: 7 });
    }
    expect(record.plan?.warnings.map(({ text }) => text).join()).toContain(
      'w1 on ha-1 has weight 0 now; it gets back its weight 7',
    );
    expect(await holds()).toEqual([]);
  });

  it('gets its weight before its first client', async () => {
    first.set('w1', { weight: 1 });
    await site.change('bbbb2222', ENABLE);
    expect(first.writes.slice(1)).toEqual(['set weight shop/w1 7', 'enable server shop/w1']);
  });

  it('waits for its health check before the other device is changed', async () => {
    first.healthOnceEnabled = 'recovering';
    let looks = 0;
    first.onRead = () => {
      if (first.member('w1').health !== 'recovering') return;
      looks += 1;
      expect(second.member('w1').admin).toBe('disabled');
      if (looks === 5) first.set('w1', { health: 'up' });
    };
    const record = await site.change('bbbb2222', ENABLE);
    expect(looks).toBe(5);
    expect(record.state).toBe('done');
    expect(results(record)).toEqual(['verified', 'verified']);
  });

  it('is said not to serve yet when its check takes longer than the patience of its service', async () => {
    second.healthOnceEnabled = 'recovering';
    const started = site.clock.now();
    const record = await site.change('bbbb2222', ENABLE);
    expect(site.clock.now() - started).toBeGreaterThanOrEqual(5_000);
    expect(record.state).toBe('done');
    expect(results(record)).toEqual(['verified', 'not serving yet']);
    expect(states(site)).toEqual(['enabled', 'enabled']);
  });

  it('serves at once where nobody checks its health', async () => {
    first.healthOnceEnabled = 'unchecked';
    second.healthOnceEnabled = 'unchecked';
    const started = site.clock.now();
    expect(results(await site.change('bbbb2222', ENABLE))).toEqual(['verified', 'verified']);
    expect(site.clock.now() - started).toBeLessThan(1_000);
  });

  it('is asked about first when our own check does not reach it', async () => {
    site.unreachable.add('10.0.0.1');
    const { plan } = await site.plan('bbbb2222', ENABLE);
    expect(plan?.warnings).toContainEqual({
      text: 'Our own check does not reach w1 at 10.0.0.1 port 80: nobody listens',
      asks: true,
    });
  });

  describe('and fails to come back on the second device', () => {
    beforeEach(() => {
      second.onCommand = () => {
        throw new OperationError('PERMISSION', 'ha-2 says: Permission denied');
      };
    });

    it('is put back out on the first, held again', async () => {
      const record = await site.change('bbbb2222', ENABLE);
      expect(record.state).toBe('failed');
      expect(states(site)).toEqual(['disabled', 'disabled']);
      expect(results(record)).toEqual(['put back', 'failed']);
      expect(await holds()).toMatchObject([{ member: 'w1', restore: { weight: 7 } }]);
    });

    it('stays on the first where putting it out would break the guard', async () => {
      const fail = second.onCommand;
      second.onCommand = (command, carryOut) => {
        for (const name of ['w2', 'w3']) first.set(name, { health: 'down' });
        return fail?.(command, carryOut);
      };
      const record = await site.change('bbbb2222', ENABLE);
      expect(record.state).toBe('half-done');
      expect(first.member('w1').admin).toBe('enabled');
      expect(results(record)).toEqual(['verified', 'failed']);
      expect(record.outcome?.remarks.join()).toMatch(/w1 on ha-1 was NOT put back: .*shop on ha-1/);
    });
  });
});

describe('a member that nobody of us took out', () => {
  it('comes back with the weight it has, or with that of its configuration when it has none', async () => {
    first.set('w1', { admin: 'disabled', weight: 3 });
    second.set('w1', { admin: 'disabled', weight: 0 });
    expect((await site.change('bbbb2222', ENABLE)).state).toBe('done');
    expect(first.member('w1').weight).toBe(3);
    expect(second.member('w1').weight).toBe(10);
  });

  it('is enabled also in a pool that is far below its minimum', async () => {
    for (const device of [first, second]) {
      device.set('w1', { admin: 'disabled' });
      for (const name of ['w2', 'w3', 'w4']) device.set(name, { health: 'down' });
    }
    expect((await site.change('bbbb2222', ENABLE)).state).toBe('done');
    expect(states(site)).toEqual(['enabled', 'enabled']);
  });
});
