import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import type { PoolTarget, Service } from '../../src/domain/inventory.ts';
import { orderNodes } from '../../src/operations/order.ts';
import type { PairRoles, Role } from '../../src/ports/roles.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, SERVICES, type Site } from './site.ts';

const target = (lane: string, ...balancers: string[]): PoolTarget => ({
  on: lane,
  balancers,
  lane,
  pool: 'shop',
});

function service(...pools: readonly PoolTarget[]): Service {
  const [shop] = SERVICES;
  if (shop === undefined) throw new Error('no service');
  return { ...shop, pools };
}

const roles = (given: Readonly<Record<string, Role>>): PairRoles => ({
  of: async () => new Map(Object.entries(given)),
});
const none: PairRoles = { of: async () => 'none' };
const order = async (asked: Service, pairRoles: PairRoles, on?: string) =>
  (await orderNodes(asked, on, pairRoles)).places.map(({ balancer }) => balancer);

const web = target('web', 'ha-1', 'ha-2');

describe('the order of the nodes', () => {
  it('is the inventory’s where there are no roles', async () => {
    expect(await order(service(web), none)).toEqual(['ha-1', 'ha-2']);
    expect((await orderNodes(service(web), undefined, none)).note).toBeUndefined();
  });

  it.each([
    ['MASTER', 'BACKUP', ['ha-2', 'ha-1'], 'ha-1'],
    ['BACKUP', 'MASTER', ['ha-1', 'ha-2'], 'ha-2'],
  ] as const)('is BACKUP first, MASTER last: %s and %s', async (one, two, expected, master) => {
    const found = await orderNodes(service(web), undefined, roles({ 'ha-1': one, 'ha-2': two }));
    expect(found.places.map(({ balancer }) => balancer)).toEqual(expected);
    expect(found.note).toBe(`${master} is MASTER of web and is changed last.`);
  });

  it.each([
    ['none is', { 'ha-1': 'BACKUP', 'ha-2': 'BACKUP' }, 'No node'],
    ['none is known to be', { 'ha-1': 'UNKNOWN', 'ha-2': 'BACKUP' }, 'No node'],
    ['nobody says who is', {}, 'No node'],
    ['both are', { 'ha-1': 'MASTER', 'ha-2': 'MASTER' }, 'More than one node (ha-1, ha-2)'],
    ['somebody else is', { 'ha-9': 'MASTER' }, 'No node'],
  ] as const)('is refused when %s MASTER', async (_what, given, said) => {
    await expect(order(service(web), roles(given))).rejects.toMatchObject({
      code: 'ROLES_UNKNOWN',
      message: `${said} of pair web is MASTER now.`,
    });
  });

  it('of a single balancer needs no roles', async () => {
    const ask: PairRoles = { of: () => Promise.reject(new Error('not asked')) };
    expect(await order(service(target('lone', 'lone')), ask)).toEqual(['lone']);
  });

  it('of several pools is the inventory’s, each pair in its own order', async () => {
    const db = target('db', 'db-1', 'db-2');
    const pairRoles = roles({ 'ha-1': 'MASTER', 'db-1': 'BACKUP', 'db-2': 'MASTER' });
    expect(await order(service(db, web), pairRoles)).toEqual(['db-1', 'db-2', 'ha-2', 'ha-1']);
  });

  it('is cut down to the one balancer that was named', async () => {
    expect(await order(service(web), none, 'ha-2')).toEqual(['ha-2']);
    expect(await order(service(web), none, 'ha-9')).toEqual([]);
  });

  it('of one named node asks whether it may be written to alone, and says who was silent', async () => {
    const asked: (string | undefined)[] = [];
    const pairRoles: PairRoles = {
      of: async (_pair, only) => {
        asked.push(only);
        return new Map<string, Role>([
          ['ha-1', 'UNKNOWN'],
          ['ha-2', 'BACKUP'],
        ]);
      },
    };
    const found = await orderNodes(service(web), 'ha-2', pairRoles);
    expect(asked).toEqual(['ha-2']);
    expect(found.places.map(({ balancer }) => balancer)).toEqual(['ha-2']);
    expect(found.note).toBeUndefined();
    expect(found.silence).toBe(
      'ha-1 does not answer; that ha-2 is BACKUP of web is its own word alone.',
    );
  });

  it('of one named node does not ask pairs that it is not in', async () => {
    const ask: PairRoles = { of: () => Promise.reject(new Error('not asked')) };
    expect(await order(service(web), ask, 'ha-9')).toEqual([]);
  });
});

describe('a change of a pair with roles', () => {
  let redis: StageRedis;
  let site: Site;
  const written: string[] = [];
  beforeAll(async () => {
    redis = await startRedis();
  });
  beforeEach(async () => {
    await redis.client.flushall();
    site = openSite(redis);
    written.length = 0;
    for (const name of ['ha-1', 'ha-2'] as const) {
      site.devices[name].onCommand = (_command, carryOut) => {
        carryOut();
        written.push(name);
      };
    }
    withRoles({ 'ha-1': 'MASTER', 'ha-2': 'BACKUP' });
  });
  afterAll(() => redis.stop());

  function withRoles(given: Readonly<Record<string, Role>>) {
    site.context = { ...site.context, roles: roles(given) };
  }

  it('writes to the BACKUP first and says why', async () => {
    const record = await site.change('abcd2345');
    expect(record.state).toBe('done');
    expect(written).toEqual(['ha-2', 'ha-1']);
    expect(record.plan?.orderNote).toBe('ha-1 is MASTER of web and is changed last.');
    expect(record.outcome?.remarks).toEqual([]);
  });

  it('follows a role swap after the approval, under the same approval, and says so', async () => {
    await site.plan('abcd2345');
    await site.approve('abcd2345');
    withRoles({ 'ha-1': 'BACKUP', 'ha-2': 'MASTER' });
    const record = await site.apply('abcd2345');
    expect(record.state).toBe('done');
    expect(written).toEqual(['ha-1', 'ha-2']);
    expect(record.outcome?.remarks.join()).toContain('The roles swapped since the plan: ha-2 is');
  });

  it('writes nothing when by then both are MASTER', async () => {
    await site.plan('abcd2345');
    await site.approve('abcd2345');
    withRoles({ 'ha-1': 'MASTER', 'ha-2': 'MASTER' });
    expect(await site.apply('abcd2345')).toMatchObject({
      state: 'refused',
      fault: { code: 'ROLES_UNKNOWN' },
    });
    expect(written).toEqual([]);
  });

  /** Roles change when the first device has just been written. */
  function onFirstWrite(then: () => void) {
    site.devices['ha-2'].onCommand = (_command, carryOut) => {
      carryOut();
      written.push('ha-2');
      then();
    };
  }

  it('goes on when the roles swap between the two nodes, and says so', async () => {
    let now: Readonly<Record<string, Role>> = { 'ha-1': 'MASTER', 'ha-2': 'BACKUP' };
    site.context = {
      ...site.context,
      roles: { of: async () => new Map(Object.entries(now)) },
    };
    onFirstWrite(() => {
      now = { 'ha-1': 'BACKUP', 'ha-2': 'MASTER' };
    });
    const record = await site.change('abcd2345');
    expect(record.state).toBe('done');
    expect(written).toEqual(['ha-2', 'ha-1']);
    expect(record.outcome?.remarks).toEqual([
      'The roles swapped during the change: ha-2 is MASTER of web and is changed last.',
    ]);
  });

  it('waits for a takeover between the two nodes to end', async () => {
    let asked = 0;
    let isTakingOver = false;
    site.context = {
      ...site.context,
      roles: {
        of: async () => {
          if (isTakingOver) asked += 1;
          if (isTakingOver && asked < 5) throw new OperationError('ROLES_UNKNOWN', 'nobody is');
          return new Map<string, Role>([
            ['ha-1', 'MASTER'],
            ['ha-2', 'BACKUP'],
          ]);
        },
      },
    };
    onFirstWrite(() => {
      isTakingOver = true;
    });
    expect(await site.change('abcd2345')).toMatchObject({ state: 'done' });
    expect(asked).toBe(5);
    expect(written).toEqual(['ha-2', 'ha-1']);
  });

  it('puts the first node back when no takeover ends in time', async () => {
    let isLost = false;
    site.context = {
      ...site.context,
      roles: {
        of: async () => {
          if (isLost) throw new OperationError('ROLES_UNKNOWN', '2 say they are');
          return new Map<string, Role>([
            ['ha-1', 'MASTER'],
            ['ha-2', 'BACKUP'],
          ]);
        },
      },
    };
    onFirstWrite(() => {
      isLost = true;
    });
    const record = await site.change('abcd2345');
    expect(record).toMatchObject({ state: 'failed', fault: { code: 'ROLES_UNKNOWN' } });
    expect(written).toEqual(['ha-2', 'ha-2']);
    expect(site.devices['ha-2'].member('w1').admin).toBe('enabled');
    expect(site.devices['ha-1'].writes).toEqual([]);
  });

  it('is not planned while nobody is MASTER', async () => {
    withRoles({ 'ha-1': 'BACKUP', 'ha-2': 'BACKUP' });
    expect(await site.plan('abcd2345')).toMatchObject({
      state: 'refused',
      fault: { code: 'ROLES_UNKNOWN' },
    });
  });
});
