import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import type { FakeDevice } from '../fakes/fake-device.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site, states } from './site.ts';

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

const ID = 'abcd2345';
const results = (record: { outcome?: { steps: readonly { result: string }[] } }) =>
  record.outcome?.steps.map(({ result }) => result);
const permissionDenied = () => {
  throw new OperationError('PERMISSION', 'ha-2 says: Permission denied');
};
const noAnswer = () => {
  throw new OperationError('OUTCOME_UNKNOWN', 'The command was sent, then nothing came back.');
};

describe('when the second device refuses', () => {
  beforeEach(() => {
    second.onCommand = permissionDenied;
  });

  it('puts the first back and says so', async () => {
    const record = await site.change(ID);
    expect(record).toMatchObject({ state: 'failed', fault: { code: 'PERMISSION' } });
    expect(states(site)).toEqual(['enabled', 'enabled']);
    expect(first.writes).toEqual(['disable server shop/w1', 'enable server shop/w1']);
    expect(results(record)).toEqual(['put back', 'failed']);
    expect(record.outcome?.remarks.join()).toContain('w1 on ha-1 was put back');
    expect(await site.audited(ID)).toContain('put-back');
    expect(await site.context.stores.holds.ofPool('ha-1', 'shop')).toEqual([]);
  });

  it('keeps the half where the plan says so', async () => {
    const record = await site.change(ID, { ifPairFails: 'keep half' });
    expect(record.state).toBe('half-done');
    expect(states(site)).toEqual(['disabled', 'enabled']);
    expect(results(record)).toEqual(['verified', 'failed']);
    expect(record.outcome?.remarks.join()).toContain('Kept, as you asked: w1 on ha-1');
    expect(await site.context.stores.holds.ofPool('ha-1', 'shop')).toHaveLength(1);
  });

  it('leaves the first alone that somebody changed meanwhile', async () => {
    second.onCommand = () => {
      first.set('w1', { weight: 4 });
      permissionDenied();
    };
    const record = await site.change(ID);
    expect(record.state).toBe('half-done');
    expect(record.outcome?.remarks.join()).toContain('was changed by somebody else meanwhile');
    expect(first.writes).toHaveLength(1);
  });

  it('says that the first could not be put back', async () => {
    let commands = 0;
    first.onCommand = (_command, carryOut) => {
      commands += 1;
      if (commands > 1) throw new OperationError('PERMISSION', 'ha-1 says: Permission denied');
      carryOut();
    };
    const record = await site.change(ID);
    expect(record.state).toBe('half-done');
    expect(results(record)).toEqual(['verified', 'failed']);
    expect(record.outcome?.remarks.join()).toContain('w1 on ha-1 was NOT put back: ha-1 says');
  });

  it('goes on putting back after its worker stopped in between', async () => {
    const stopping = new AbortController();
    second.onCommand = () => {
      stopping.abort();
      permissionDenied();
    };
    await site.plan(ID);
    await site.approve(ID);
    await expect(site.apply(ID, { signal: stopping.signal })).rejects.toMatchObject({
      code: 'HANDED_BACK',
    });
    expect(states(site)).toEqual(['disabled', 'enabled']);
    second.onCommand = undefined;
    const record = await site.apply(ID);
    expect(record).toMatchObject({ state: 'failed', fault: { code: 'PERMISSION' } });
    expect(states(site)).toEqual(['enabled', 'enabled']);
    expect(second.writes).toEqual([]);
  });
});

describe('when the second device does not say what it did', () => {
  it('waits until it shows that it did it, and never writes again', async () => {
    let silentReads = 6;
    second.onCommand = (_command, carryOut) => {
      carryOut();
      second.onRead = () => {
        silentReads -= 1;
        if (silentReads >= 0) throw new OperationError('TIMEOUT', 'ha-2 is frozen.');
      };
      noAnswer();
    };
    let seen: string | undefined;
    const { refreshCard } = site.queue;
    site.context = {
      ...site.context,
      queue: {
        ...site.queue,
        async refreshCard(changeId, revision) {
          const record = await site.record(changeId);
          if (record.state === 'unknown') seen = results(record)?.join();
          await refreshCard(changeId, revision);
        },
      },
    };
    const record = await site.change(ID);
    expect(seen).toBe('verified,unknown');
    expect(record.state).toBe('done');
    expect(states(site)).toEqual(['disabled', 'disabled']);
    expect(second.writes).toHaveLength(1);
    expect(first.writes).toHaveLength(1);
    expect(await site.audited(ID)).toContain('unknown');
  });

  it('puts the first back only after several looks in a row show that nothing happened', async () => {
    second.onCommand = noAnswer;
    const before = second.reads;
    const record = await site.change(ID);
    expect(record).toMatchObject({ state: 'failed', fault: { code: 'OUTCOME_UNKNOWN' } });
    expect(states(site)).toEqual(['enabled', 'enabled']);
    expect(second.reads - before).toBeGreaterThanOrEqual(5);
  });

  it('does not put the first back on one look: the command may be carried out later', async () => {
    let looks = 0;
    second.onCommand = (_command, carryOut) => {
      second.onRead = () => {
        looks += 1;
        if (looks === 2) carryOut();
      };
      noAnswer();
    };
    const record = await site.change(ID);
    expect(record.state).toBe('done');
    expect(states(site)).toEqual(['disabled', 'disabled']);
    expect(first.writes).toHaveLength(1);
  });

  it('does not put the first back when the second shows a third state', async () => {
    second.onCommand = () => {
      second.set('w1', { admin: 'drained' });
      noAnswer();
    };
    const record = await site.change(ID);
    expect(record.state).toBe('half-done');
    expect(states(site)).toEqual(['disabled', 'drained']);
    expect(record.outcome?.remarks.join()).toContain('it is not certain what the other device did');
    expect(first.writes).toHaveLength(1);
  });

  it('hands the change back when the worker stops while it waits, still unknown', async () => {
    const stopping = new AbortController();
    let silent = true;
    second.onCommand = (_command, carryOut) => {
      carryOut();
      second.onRead = (count) => {
        if (count > 8) stopping.abort();
        if (silent) throw new OperationError('TIMEOUT', 'ha-2 is frozen.');
      };
      noAnswer();
    };
    await site.plan(ID);
    await site.approve(ID);
    await expect(site.apply(ID, { signal: stopping.signal })).rejects.toMatchObject({
      code: 'HANDED_BACK',
    });
    expect((await site.record(ID)).state).toBe('unknown');
    silent = false;
    expect((await site.apply(ID)).state).toBe('done');
    expect(second.writes).toHaveLength(1);
  });
});

describe('when a device takes the command and does not show it', () => {
  it('fails after three seconds, and puts the first back', async () => {
    second.onCommand = () => undefined;
    const record = await site.change(ID);
    expect(record).toMatchObject({ state: 'failed', fault: { code: 'NOT_VERIFIED' } });
    expect(states(site)).toEqual(['enabled', 'enabled']);
  });

  it('is patient with a device that shows it a little later', async () => {
    second.onCommand = (_command, carryOut) => {
      const from = second.reads;
      second.onRead = (count) => {
        if (count === from + 5) carryOut();
      };
    };
    expect((await site.change(ID)).state).toBe('done');
  });
});

describe('when the first device fails', () => {
  it('does not touch the second', async () => {
    first.onCommand = permissionDenied;
    const record = await site.change(ID);
    expect(record.state).toBe('failed');
    expect(results(record)).toEqual(['failed', 'not started']);
    expect(second.writes).toEqual([]);
  });
});
