import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signHold } from '../../src/domain/approval.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { Secret } from '../../src/domain/secret.ts';
import { rememberedMembers } from '../../src/operations/remembered.ts';
import { approval, changeRequest, KEY, NOW, plan, step } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site } from './site.ts';

let redis: StageRedis;
let site: Site;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
});

const had = {
  admin: 'enabled',
  weight: 3,
  forwarding: 'Masq',
  connectionLimits: { upper: 9, lower: 5 },
} as const;
const gone = { ...had, admin: 'disabled', weight: 0 } as const;

/** A change at work, as it stands in the store between the write and the word of it. */
async function atWork(agreed: Plan, key = KEY) {
  const { changes } = site.context.stores;
  await changes.create(changeRequest('c1'));
  await changes.update('c1', (record) => ({
    ...record,
    state: 'running',
    plan: agreed,
    approval: approval('c1', agreed, key),
    stage: 1,
  }));
}

function held(over: object = {}) {
  const unsigned = {
    balancer: 'ha-1',
    pool: 'shop',
    member: 'w1',
    changeId: 'c0',
    actor: 'U0OPERATE',
    approver: 'U0APPROVE',
    want: gone,
    restore: had,
    incarnation: '1',
    at: NOW,
    approvalKind: 'people' as const,
  };
  return { ...unsigned, mac: signHold(unsigned, KEY), ...over };
}

const remembered = () => rememberedMembers(site.context, 'ha-1', 'shop');

describe('what a balancer does not keep of its members', () => {
  it('is what a change at work found before its first write, so that a dead worker loses nothing', async () => {
    const drained = { ...had, weight: 0, admin: 'drained' } as const;
    await atWork(
      plan({
        steps: [
          step(0, { stage: 0, before: had, after: drained }),
          step(1, { stage: 1, balancer: 'ha-1', before: drained, after: gone }),
        ],
      }),
    );
    expect(await remembered()).toEqual([{ member: 'w1', restore: had, want: gone }]);
  });

  it('is what a change that is over left behind', async () => {
    await site.context.stores.holds.put(held());
    expect(await remembered()).toEqual([{ member: 'w1', restore: had, want: gone }]);
  });

  it('is what the first change found, when a second one is at work', async () => {
    await site.context.stores.holds.put(held());
    const removed = { ...gone, admin: 'removed' } as const;
    await atWork(plan({ steps: [step(0, { before: gone, after: removed })] }));
    expect(await remembered()).toEqual([{ member: 'w1', restore: had, want: removed }]);
  });

  it('is nothing where the plan, or the memory, is not signed by us', async () => {
    const key = new Secret('somebody-elses-key-0123456789abcdef0123456789');
    await atWork(plan({ steps: [step(0, { before: had, after: gone })] }), key);
    await site.context.stores.holds.put(held({ restore: { ...had, weight: 255 } }));
    expect(await remembered()).toEqual([]);
  });

  it('is nothing for another pool, a later stage, a member that comes back, or one that somebody changed', async () => {
    await atWork(
      plan({
        steps: [
          step(0, { balancer: 'ha-2', before: had, after: gone }),
          step(1, { balancer: 'ha-1', stage: 2, member: 'w2', before: had, after: gone }),
          step(2, { balancer: 'ha-1', member: 'w3', before: gone, after: had }),
        ],
      }),
    );
    await site.context.stores.holds.put(held({ suspended: { at: NOW } }));
    expect(await remembered()).toEqual([]);
  });
});
