import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import { keepStates } from '../../src/operations/keep-state.ts';
import type { KeptMember } from '../../src/ports/adapter.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site } from './site.ts';

let redis: StageRedis;
let site: Site;
/** What each balancer would find at its next start, call by call. */
let kept: Map<string, KeptMember[][]>;
/** What happens instead of keeping, by balancer. */
let trouble: Map<string, () => unknown>;

beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
  kept = new Map();
  trouble = new Map();
  const { adapterOf } = site.context;
  site.context = {
    ...site.context,
    adapterOf: (balancer) => ({
      ...adapterOf(balancer),
      async keepState(members) {
        await trouble.get(balancer)?.();
        kept.set(balancer, [...(kept.get(balancer) ?? []), [...members]]);
      },
    }),
  };
});
afterAll(() => redis.stop());

const W1 = { pool: 'shop', member: 'w1' };
const last = (balancer: string) => kept.get(balancer)?.at(-1);

describe('what balancers find at their next start', () => {
  it('is the members that are held, on every balancer of the change and on no other', async () => {
    const record = await site.change('abcd2345');
    expect(record).toMatchObject({ state: 'done', outcome: { remarks: [] } });
    expect(last('ha-1')).toEqual([W1]);
    expect(last('ha-2')).toEqual([W1]);
    expect(kept.has('lone')).toBe(false);
  });

  it('is nobody any more once they are back', async () => {
    await site.change('abcd2345');
    await site.change('bcde3456', { verb: 'enable' });
    expect(last('ha-1')).toEqual([]);
    expect(last('ha-2')).toEqual([]);
  });

  it('leaves out whom somebody changed by hand', async () => {
    await site.change('abcd2345');
    const { holds } = site.context.stores;
    const [hold] = await holds.ofPool('ha-1', 'shop');
    if (hold === undefined) throw new Error('There is no hold.');
    await holds.put({ ...hold, suspended: { at: 1 } });
    expect(await keepStates(site.context, ['ha-1', 'ha-2', 'ha-2'])).toEqual([]);
    expect(last('ha-1')).toEqual([]);
    expect(last('ha-2')).toEqual([W1]);
    expect(kept.get('ha-2')).toHaveLength(2);
  });

  it('is nobody after a change that was put back', async () => {
    site.devices['ha-2'].onCommand = () => {
      throw new OperationError('PERMISSION', 'ha-2 says: Permission denied');
    };
    expect((await site.change('abcd2345')).state).toBe('failed');
    expect(last('ha-1')).toEqual([]);
  });

  it('that could not be kept is a remark, and the change is done all the same', async () => {
    trouble.set('ha-2', () => {
      throw new OperationError('PERMISSION', 'Keeping the state of ha-2: the disk is full.');
    });
    const record = await site.change('abcd2345');
    expect(record).toMatchObject({
      state: 'done',
      outcome: {
        remarks: [
          'The next reload of ha-2 may bring back an older state. Keeping the state of ha-2: the disk is full.',
        ],
      },
    });
    expect(last('ha-1')).toEqual([W1]);
    expect(site.logged.join()).toContain('The state for the next start was not kept');
  });

  it('is no concern of a balancer that starts from nothing', async () => {
    const { adapterOf } = site.context;
    const context = {
      ...site.context,
      adapterOf: (balancer: string) => {
        const { keepState: _none, ...adapter } = adapterOf(balancer);
        return adapter;
      },
    };
    expect(await keepStates(context, ['ha-1'])).toEqual([]);
    expect(kept.size).toBe(0);
  });
});
