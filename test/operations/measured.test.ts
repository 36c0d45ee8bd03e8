import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import { measuredAdapters, measuredStores } from '../../src/operations/measured.ts';
import type { Metrics } from '../../src/ports/metrics.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site } from './site.ts';

let redis: StageRedis;
let site: Site;
let counted: string[];
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
  counted = [];
  const metrics = written();
  const { inventory, stores, adapterOf } = site.context;
  site.context = {
    ...site.context,
    stores: measuredStores(stores, inventory, metrics),
    adapterOf: measuredAdapters(adapterOf, metrics),
  };
});
afterAll(() => redis.stop());

/** Metrics that write down what they are told. */
function written(): Metrics {
  const note = (text: string) => void counted.push(text);
  return {
    planned: (environment, ms) => note(`planned ${environment} ${ms}`),
    applied: (environment, ms) => note(`applied ${environment} ${ms}`),
    changeEnded: ({ environment, verb, state }) => note(`ended ${environment} ${verb} ${state}`),
    guardRefused: (environment) => note(`guard ${environment}`),
    approval: (environment, end) => note(`approval ${environment} ${end}`),
    deviceFault: (balancer, code) => note(`fault ${balancer} ${code}`),
    drifted: (balancer) => note(`drift ${balancer}`),
    happened: (kind) => note(`happened ${kind}`),
    incident: (kind) => note(`incident ${kind}`),
  };
}

const ID = 'abcd2345';
const changes = () => counted.filter((line) => !line.startsWith('fault'));

describe('a change, measured', () => {
  it('is counted once for its plan, its approval, its writing and its end', async () => {
    await site.plan(ID);
    site.clock.advance(7_000);
    await site.approve(ID);
    site.clock.advance(2_000);
    await site.apply(ID);
    await site.apply(ID);
    expect(changes()).toEqual([
      expect.stringMatching(/^planned production \d+$/),
      'approval production given',
      expect.stringMatching(/^applied production 2\d\d\d$/),
      'ended production disable done',
    ]);
  });

  it('that the guard refuses is counted as that too', async () => {
    await site.plan(ID, { members: ['w1', 'w2', 'w3'] });
    expect(changes()).toEqual([
      expect.stringMatching(/^planned production/),
      'ended production disable refused',
      'guard production',
    ]);
  });

  it.each([
    ['deny', 'denied'],
    ['cancel', 'cancelled'],
  ] as const)('that is ended by %s is counted as %s', async (verb, end) => {
    const { request } = await site.plan(ID);
    const id = verb === 'cancel' ? request.actor.id : 'U0APPROVE';
    await site.operations().decide(
      { verb, changeId: ID },
      {
        actor: { id, via: 'slack' },
        origin: { via: 'slack', channel: 'C0OPS' },
        deliveryId: 'T0US.1',
      },
    );
    expect(changes().slice(1)).toEqual([
      `approval production ${end}`,
      `ended production disable ${end}`,
    ]);
  });

  it('counts a click that does not count', async () => {
    const { request } = await site.plan(ID);
    await site.approve(ID, request.actor.id);
    expect(changes().slice(1)).toEqual(['approval production refused']);
  });
});

describe('a device, measured', () => {
  it('counts what was changed on it by hand', async () => {
    await site.context.stores.audit.append({
      kind: 'drifted',
      changeId: ID,
      actor: 'lb-chatops',
      detail: { balancer: 'ha-1' },
    });
    expect(counted).toEqual(['drift ha-1']);
  });

  it('counts every fault by its code', async () => {
    await site.plan(ID);
    expect(counted.filter((line) => line.startsWith('fault'))).toEqual([]);
    site.devices['ha-2'].onRead = () => {
      throw new OperationError('TIMEOUT', 'silent');
    };
    await site.plan('efgh2345');
    expect(counted.filter((line) => line.startsWith('fault'))).toEqual(['fault ha-2 TIMEOUT']);
  });
});
