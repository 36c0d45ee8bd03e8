import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, MEMBER } from './unit-client.ts';

const POOL = '/Common/test.tianya.cn';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim({ pair: true, drainSeconds: 0 });
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

interface Asking {
  readonly user?: string;
  readonly session?: string;
  readonly unit?: number;
}

async function call(of: string, operation: string, parameters = '', asking: Asking = {}) {
  const { user = 'admin', session, unit = 0 } = asking;
  const { status, text } = await ask(sim, 'POST', '/iControl/iControlPortal.cgi', {
    unit,
    basic: `${user}:${sim.password}`,
    headers: {
      'Content-Type': 'text/xml',
      ...(session === undefined ? {} : { 'X-iControl-Session': session }),
    },
    body: `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:${operation} xmlns:n="urn:iControl:${of.replace('.', '/')}">${parameters}</n:${operation}></e:Body></e:Envelope>`,
  });
  return { status, text };
}

const session = (operation: string, parameters = '', asking: Asking = {}) =>
  call('System.Session', operation, parameters, asking);

const named = (tag: string, ...items: string[]) =>
  `<${tag}>${items.map((item) => `<i>${item}</i>`).join('')}</${tag}>`;
const place = (address: string) => `<address>${address}</address><port>80</port>`;
const one = (tag: string, inner: string) => `<${tag}><i><i>${inner}</i></i></${tag}>`;
const pools = named('pool_names', POOL);

/** By node, as LocalLB.Pool does. */
const disable = (address: string, asking: Asking = {}) =>
  call(
    'LocalLB.Pool',
    'set_member_session_enabled_state',
    pools + one('members', place(address)) + one('session_states', 'STATE_DISABLED'),
    asking,
  );

const sessionOf = async (path: string) => (await ask(sim, 'GET', path)).json.session;
const FIRST = '192.168.100.42';
const SECOND = MEMBER.replace('100.42', '100.43');

describe('a transaction of System.Session', () => {
  it('keeps writes until it is submitted, and answers reads as they are', async () => {
    expect((await session('start_transaction')).text).toMatch(/>\d+<\/return>/);
    await disable(FIRST);
    await disable('192.168.100.43');
    expect(await sessionOf(MEMBER)).toBe('monitor-enabled');
    expect((await session('submit_transaction')).status).toBe(200);
    expect([await sessionOf(MEMBER), await sessionOf(SECOND)]).toEqual([
      'user-disabled',
      'user-disabled',
    ]);
  });

  it('forgets them when it is rolled back', async () => {
    await session('start_transaction');
    await disable(FIRST);
    await session('rollback_transaction');
    expect(await sessionOf(MEMBER)).toBe('monitor-enabled');
    await disable(FIRST);
    expect(await sessionOf(MEMBER)).toBe('user-disabled');
  });

  it('is done whole or not at all, and is over then', async () => {
    await session('start_transaction');
    await disable(FIRST);
    await disable('192.168.100.99');
    const { status, text } = await session('submit_transaction');
    expect(status).toBe(500);
    expect(text).toContain('pool member (/Common/test.tianya.cn /Common/192.168.100.99 80)');
    expect(await sessionOf(MEMBER)).toBe('monitor-enabled');
    expect((await session('submit_transaction')).status).toBe(500);
    expect((await session('start_transaction')).status).toBe(200);
  });

  it('cannot be submitted after a call that was refused at once', async () => {
    await session('start_transaction');
    await disable(FIRST);
    expect((await call('LocalLB.Pool', 'no_such_method')).status).toBe(500);
    expect((await session('submit_transaction')).status).toBe(500);
    expect(await sessionOf(MEMBER)).toBe('monitor-enabled');
  });

  it('belongs to one session; what others write is done at once', async () => {
    const session7 = { session: '7' };
    await session('start_transaction', '', session7);
    await disable(FIRST, session7);
    await disable('192.168.100.43', { session: '8' });
    expect([await sessionOf(MEMBER), await sessionOf(SECOND)]).toEqual([
      'monitor-enabled',
      'user-disabled',
    ]);
  });

  it('is over when nothing comes for as long as the session says', async () => {
    await session('set_transaction_timeout', '<timeout>30</timeout>');
    await session('start_transaction');
    await disable(FIRST);
    sim.control.advance(31_000);
    expect((await session('submit_transaction')).status).toBe(500);
    expect(await sessionOf(MEMBER)).toBe('monitor-enabled');
  });

  it('gives no rights: a write that is not allowed fails at the end', async () => {
    const guest = { user: 'lbops' };
    await session('start_transaction', '', guest);
    await call(
      'LocalLB.Pool',
      'set_member_ratio',
      pools + one('members', place(FIRST)) + one('ratios', '9'),
      guest,
    );
    expect((await session('submit_transaction', '', guest)).status).toBe(500);
    expect((await ask(sim, 'GET', MEMBER)).json.ratio).toBe(1);
  });
});

describe('what scripts do by SOAP beside the states of members', () => {
  const list = async () => (await call('LocalLB.Pool', 'get_list')).text;

  it('all pools are listed from the root folder on', async () => {
    expect(await list()).not.toContain('/Tenant_A/app_pool');
    await session('set_active_folder', '<folder>/</folder>');
    await session('set_recursive_query_state', '<state>STATE_ENABLED</state>');
    expect(await list()).toContain('/Tenant_A/app_pool');
  });

  it('a pool is made with a member, gets another, and is deleted', async () => {
    const names = named('pool_names', '/Common/made');
    const methods = named('lb_methods', 'LB_METHOD_LEAST_CONNECTION_MEMBER');
    await call('LocalLB.Pool', 'create_v2', names + methods + one('members', place('10.8.0.1')));
    await call('LocalLB.Pool', 'add_member_v2', names + one('members', place('/Common/10.8.0.2')));
    const path = '/mgmt/tm/ltm/pool/made';
    expect((await ask(sim, 'GET', path)).json.loadBalancingMode).toBe('least-connections-member');
    const { items } = (await ask(sim, 'GET', `${path}/members`)).json;
    expect(items.map(({ name }: { name: string }) => name)).toEqual(['10.8.0.1:80', '10.8.0.2:80']);
    const twice = await call(
      'LocalLB.Pool',
      'add_member_v2',
      names + one('members', place('10.8.0.2')),
    );
    expect(twice.status).toBe(500);
    await call('LocalLB.Pool', 'remove_member_v2', names + one('members', place('10.8.0.1')));
    expect((await call('LocalLB.Pool', 'get_member_v2', names)).text).not.toContain('10.8.0.1');
    await call('LocalLB.Pool', 'delete_pool', names);
    expect((await ask(sim, 'GET', path)).status).toBe(404);
  });

  it.each([
    ['get_lb_method', 'LB_METHOD_ROUND_ROBIN'],
    ['get_monitor_association', 'MONITOR_RULE_TYPE_SINGLE'],
    ['get_statistics', 'STATISTIC_SERVER_SIDE_CURRENT_CONNECTIONS'],
  ])('%s tells %s', async (operation, told) => {
    expect((await call('LocalLB.Pool', operation, pools)).text).toContain(told);
  });

  it('numbers of a member are set and read', async () => {
    const members = pools + one('members', place(FIRST));
    await call('LocalLB.Pool', 'set_member_priority', members + one('priorities', '4'));
    await call('LocalLB.Pool', 'set_member_connection_limit', members + one('limits', '70000'));
    expect((await ask(sim, 'GET', MEMBER)).json).toMatchObject({
      priorityGroup: 4,
      connectionLimit: 70_000,
    });
    const read = await call('LocalLB.Pool', 'get_member_connection_limit', members);
    expect(read.text).toContain('>70000<');
    const tooMuch = members + one('priorities', '70000');
    expect((await call('LocalLB.Pool', 'set_member_priority', tooMuch)).status).toBe(500);
  });

  it('a unit stands by, saves and synchronizes for an administrator only', async () => {
    const save = '<filename></filename><save_flag>SAVE_FULL</save_flag>';
    const operator = { user: 'lbops' };
    expect((await call('System.Failover', 'set_standby', '', operator)).status).toBe(500);
    expect((await call('System.ConfigSync', 'save_configuration', save, operator)).status).toBe(
      500,
    );
    await disable(FIRST);
    await call('System.ConfigSync', 'save_configuration', save);
    expect(sim.control.state()[0]?.unsaved).toBe(false);
    const sync = '<group>/Common/failover_dg</group><device></device><force>false</force>';
    await call('System.ConfigSync', 'synchronize_to_group_v2', sync);
    expect(sim.control.state().map(({ sync: state }) => state)).toEqual(['In Sync', 'In Sync']);
    await call('System.Failover', 'set_standby');
    expect(sim.units.map(({ role }) => role)).toEqual(['standby', 'active']);
  });
});
