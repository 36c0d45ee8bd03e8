import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import { wake } from '../../src/operations/wake.ts';
import type { MemberIntent } from '../../src/ports/adapter.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site } from './site.ts';

let redis: StageRedis;
let site: Site;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
  // As a BIG-IP: what is drained reads as disabled.
  const { lone } = site.devices;
  const { commandsFor } = lone.adapter;
  const asDisabled = (intent: MemberIntent): MemberIntent =>
    intent.admin === 'drained' ? { ...intent, admin: 'disabled' } : intent;
  Object.assign(lone.adapter, {
    commandsFor: (...[pool, member, intent]: Parameters<typeof commandsFor>) =>
      commandsFor(pool, member, asDisabled(intent)),
  });
});
afterAll(() => redis.stop());

const ID = 'abcd2345';
const blog = { service: 'blog', members: ['b1'] };

describe('on a device that has one position for drained and disabled', () => {
  it('drain until idle then disable ends when the wait does, with one write', async () => {
    const until = { withinMs: 60_000, afterwards: 'disable' as const };
    await site.plan(ID, { ...blog, verb: 'drain', until });
    expect((await site.apply(ID, { lane: 'lone' })).state).toBe('draining');
    for (let look = 0; (await site.record(ID)).state === 'draining' && look < 10; look += 1) {
      await wake(site.context, ID);
      await site.clock.sleep(1_000);
    }
    const { state, outcome } = await site.record(ID);
    expect(state).toBe('done');
    expect(outcome?.remarks.join()).toContain('Idle after');
    expect(site.devices.lone.writes).toEqual(['disable server blog/b1']);
  });

  it('drain until idle then go back still goes back', async () => {
    const until = { withinMs: 60_000, afterwards: 'go back' as const };
    await site.plan(ID, { ...blog, verb: 'drain', until });
    await site.apply(ID, { lane: 'lone' });
    for (let look = 0; (await site.record(ID)).state === 'draining' && look < 10; look += 1) {
      await wake(site.context, ID);
      await site.clock.sleep(1_000);
    }
    expect((await site.record(ID)).state).toBe('approved');
    await site.apply(ID, { lane: 'lone' });
    expect(site.devices.lone.writes).toEqual(['disable server blog/b1', 'enable server blog/b1']);
  });
});

describe('a device that does not know which of its units is active', () => {
  it('was sent nothing: the change fails at once, for there is nothing to wait and see', async () => {
    await site.plan(ID, { ...blog });
    site.devices.lone.onConnect = () => {
      throw new OperationError('ROLES_UNKNOWN', 'no unit is active: a says STANDBY.');
    };
    const before = site.clock.now();
    const { state, outcome } = await site.apply(ID, { lane: 'lone' });
    expect(state).toBe('failed');
    expect(site.clock.now() - before).toBe(0);
    expect(outcome?.fault).toMatchObject({ code: 'ROLES_UNKNOWN' });
    expect(site.devices.lone.writes).toEqual([]);
  });
});
