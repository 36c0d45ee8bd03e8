import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { parseXml, type XmlElement } from '../../../src/sandbox/f5/xml.ts';
import { ask, MEMBER } from './unit-client.ts';

const PORTAL = '/iControl/iControlPortal.cgi';
const POOL = '/Common/test.tianya.cn';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim({ pair: true, drainSeconds: 0 });
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

const lbops = () => `lbops:${sim.password}`;

const envelope = (name: string, operation: string, parameters: string) =>
  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:${operation} xmlns:n="urn:iControl:${name.replace('.', '/')}">${parameters}</n:${operation}></e:Body></e:Envelope>`;

async function call(
  name: string,
  operation: string,
  parameters = '',
  more: { unit?: number; session?: string } = {},
) {
  const answer = await ask(sim, 'POST', PORTAL, {
    unit: more.unit ?? 0,
    basic: lbops(),
    body: envelope(name, operation, parameters),
    headers: {
      'Content-Type': 'text/xml',
      ...(more.session === undefined ? {} : { 'X-iControl-Session': more.session }),
    },
  });
  const body = parseXml(answer.text).children[0];
  return { ...answer, element: body?.children[0]?.children.at(-1) };
}

const strings = (tag: string, ...values: string[]) =>
  `<${tag}>${values.map((value) => `<item>${value}</item>`).join('')}</${tag}>`;
const pools = (...names: string[]) => strings('pool_names', ...names);

const stateItem = (address: string, state: string, field = 'session_state') =>
  `<item><member><address>${address}</address><port>80</port></member><${field}>${state}</${field}></item>`;
const states = (...items: string[]) =>
  `<session_states><item>${items.join('')}</item></session_states>`;

const setSession = (state: string, ...addresses: string[]) =>
  call(
    'LocalLB.PoolMember',
    'set_session_enabled_state',
    pools(POOL) + states(...addresses.map((address) => stateItem(address, state))),
  );

/** Every text of an element, in order. */
const texts = (element: XmlElement | undefined): string[] =>
  element === undefined
    ? []
    : element.children.length === 0
      ? [element.text]
      : element.children.flatMap(texts);

const rest = async () => {
  const { session, state } = (await ask(sim, 'GET', MEMBER)).json;
  return `${session}/${state}`;
};

describe('LocalLB.PoolMember', () => {
  it('takes several members out in one call, as the scripts of its time do', async () => {
    expect((await setSession('STATE_DISABLED', '192.168.100.42', '192.168.100.43')).status).toBe(
      200,
    );
    const { element } = await call(
      'LocalLB.PoolMember',
      'get_session_enabled_state',
      pools('test.tianya.cn'),
    );
    expect(texts(element).filter((text) => text.startsWith('STATE_'))).toEqual([
      'STATE_DISABLED',
      'STATE_DISABLED',
      'STATE_ENABLED',
      'STATE_ENABLED',
      'STATE_ENABLED',
    ]);
    expect(await rest()).toBe('user-disabled/up');
  });

  it('does not revive a member that is forced offline by enabling its session', async () => {
    await ask(sim, 'PATCH', MEMBER, { body: { session: 'user-disabled', state: 'user-down' } });
    await setSession('STATE_ENABLED', '192.168.100.42');
    expect(await rest()).toBe('monitor-enabled/user-down');
    const monitor = `<monitor_states><item>${stateItem('192.168.100.42', 'STATE_ENABLED', 'monitor_state')}</item></monitor_states>`;
    await call('LocalLB.PoolMember', 'set_monitor_state', pools(POOL) + monitor);
    expect(await rest()).toBe('monitor-enabled/up');
  });

  it.each([
    ['get_session_status', 'user-disabled', 'user-up', 'SESSION_STATUS_FORCED_DISABLED'],
    ['get_monitor_status', 'user-disabled', 'user-down', 'MONITOR_STATUS_FORCED_DOWN'],
    ['get_monitor_status', 'user-disabled', 'user-up', 'MONITOR_STATUS_UP'],
    ['get_object_status', 'user-disabled', 'user-up', 'ENABLED_STATUS_DISABLED'],
    ['get_object_status', 'user-enabled', 'user-down', 'AVAILABILITY_STATUS_RED'],
  ])('%s says for %s and %s: %s', async (operation, session, state, expected) => {
    await ask(sim, 'PATCH', MEMBER, { body: { session, state } });
    const { element } = await call('LocalLB.PoolMember', operation, pools(POOL));
    expect(texts(element?.children[0]?.children[0])).toContain(expected);
  });

  it('changes a weight for the administrator and for nobody else', async () => {
    const ratios = `<ratios><item>${stateItem('192.168.100.42', '7', 'ratio')}</item></ratios>`;
    const body = envelope('LocalLB.PoolMember', 'set_ratio', pools(POOL) + ratios);
    const write = async (basic: string) => (await ask(sim, 'POST', PORTAL, { basic, body })).status;
    const ratio = async () => (await ask(sim, 'GET', MEMBER)).json.ratio;
    expect([await write(lbops()), await ratio()]).toEqual([500, 1]);
    expect([await write(`admin:${sim.password}`), await ratio()]).toEqual([200, 7]);
    const { element } = await call('LocalLB.PoolMember', 'get_ratio', pools(POOL));
    expect(texts(element?.children[0]?.children[0])).toEqual(['192.168.100.42', '80', '7']);
  });

  it('counts connections as two halves of a number', async () => {
    sim.control.connections(POOL, '192.168.100.42:80', { current: 17 });
    const members = `<members><item><item><address>192.168.100.42</address><port>80</port></item></item></members>`;
    const { element } = await call('LocalLB.PoolMember', 'get_statistics', pools(POOL) + members);
    const found = texts(element);
    const at = found.indexOf('STATISTIC_SERVER_SIDE_CURRENT_CONNECTIONS');
    expect(found.slice(at + 1, at + 3)).toEqual(['0', '17']);
  });

  it('changes nothing when one of the members is not there', async () => {
    const { status, text } = await setSession('STATE_DISABLED', '192.168.100.42', '10.9.9.9');
    expect(status).toBe(500);
    expect(text).toContain(
      '01020036:3: The requested pool member (/Common/test.tianya.cn /Common/10.9.9.9 80) was not found.',
    );
    expect(await rest()).toBe('monitor-enabled/up');
  });
});

describe('decoding', () => {
  const decoded = async (parameters: string) => {
    const { status } = await call('LocalLB.PoolMember', 'set_session_enabled_state', parameters);
    return [status, await rest()];
  };
  const item = stateItem('192.168.100.42', 'STATE_DISABLED');

  it.each([
    [
      'items of any name',
      `<pool_names><items>${POOL}</items></pool_names><session_states><x><y>${item.slice(6, -7)}</y></x></session_states>`,
    ],
    [
      'fields in another order',
      `${pools(POOL)}${states('<item><session_state>STATE_DISABLED</session_state><member><port>80</port><address>192.168.100.42</address></member></item>')}`,
    ],
    ['parameters in another order', `${states(item)}${pools(POOL)}`],
    ['parameters without names', `<p1><item>${POOL}</item></p1><p2><item>${item}</item></p2>`],
    ['a pool of the active folder', `${pools('test.tianya.cn')}${states(item)}`],
  ])('understands %s', async (_case, parameters) => {
    expect(await decoded(parameters)).toEqual([200, 'user-disabled/up']);
  });

  it('follows references', async () => {
    const body = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:set_session_enabled_state xmlns:n="urn:iControl:LocalLB/PoolMember">${pools(POOL)}<session_states href="#s"/></n:set_session_enabled_state><m id="s"><item>${item}</item></m></e:Body></e:Envelope>`;
    const { status } = await ask(sim, 'POST', PORTAL, { basic: lbops(), body });
    expect([status, await rest()]).toEqual([200, 'user-disabled/up']);
  });

  it.each([
    ['an unknown value', `${pools(POOL)}${states(item.replace('STATE_DISABLED', 'OFF'))}`],
    ['a port that is none', `${pools(POOL)}${states(item.replace('>80<', '>http<'))}`],
    ['a missing field', `${pools(POOL)}${states('<item></item>')}`],
    ['a missing parameter', pools(POOL)],
    ['lists of different lengths', `${pools(POOL, POOL)}${states(item)}`],
  ])('refuses %s', async (_case, parameters) => {
    expect(await decoded(parameters)).toEqual([500, 'monitor-enabled/up']);
  });

  it.each([
    ['XML with entities', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['no XML', 'hello'],
    ['no call', '<Envelope><Body/></Envelope>'],
  ])('answers %s with a fault', async (_case, body) => {
    const { status, text } = await ask(sim, 'POST', PORTAL, { basic: lbops(), body });
    expect(status).toBe(500);
    expect(text).toContain('Client</faultcode>');
  });
});

describe('other interfaces', () => {
  it('LocalLB.Pool lists pools and members, and sets members by node', async () => {
    const list = await call('LocalLB.Pool', 'get_list');
    expect(texts(list.element)).toContain(POOL);
    const members = await call('LocalLB.Pool', 'get_member_v2', pools(POOL));
    expect(texts(members.element).slice(0, 2)).toEqual(['/Common/192.168.100.42', '80']);
    const one = `<members><item><item><address>/Common/192.168.100.42</address><port>80</port></item></item></members>`;
    const off = '<session_states><item><item>STATE_DISABLED</item></item></session_states>';
    await call('LocalLB.Pool', 'set_member_session_enabled_state', pools(POOL) + one + off);
    const status = await call('LocalLB.Pool', 'get_member_session_status', pools(POOL) + one);
    expect(texts(status.element)).toEqual(['SESSION_STATUS_FORCED_DISABLED']);
  });

  it('System.Failover tells the role of each unit', async () => {
    const role = async (unit: number) =>
      texts((await call('System.Failover', 'get_failover_state', '', { unit })).element);
    expect([await role(0), await role(1)]).toEqual([
      ['FAILOVER_STATE_ACTIVE'],
      ['FAILOVER_STATE_STANDBY'],
    ]);
  });

  it('System.Session keeps the folder of a session to itself', async () => {
    const { element } = await call('System.Session', 'get_session_identifier');
    const session = texts(element)[0] ?? '';
    const folder = '<folder>/Tenant_A</folder>';
    await call('System.Session', 'set_active_folder', folder, { session });
    const read = async (more: object) =>
      texts((await call('System.Session', 'get_active_folder', '', more)).element);
    expect([await read({ session }), await read({})]).toEqual([['/Tenant_A'], ['/Common']]);
    const found = await call('LocalLB.Pool', 'get_member_v2', pools('app_pool'), { session });
    expect(texts(found.element)).toEqual(['/Tenant_A/10.9.0.5%1', '443']);
    expect((await call('LocalLB.Pool', 'get_member_v2', pools('app_pool'))).status).toBe(500);
  });
});

describe('the portal', () => {
  it('wants Basic credentials, with the realm of a BIG-IP', async () => {
    const { status, headers } = await ask(sim, 'GET', PORTAL, { basic: null });
    expect([status, headers['www-authenticate']]).toEqual([401, 'Basic realm="BIG\\-IP"']);
  });

  it('lists its interfaces and gives the definitions of each', async () => {
    const { text } = await ask(sim, 'GET', PORTAL, { basic: lbops() });
    const names = [...text.matchAll(/\?WSDL=([\w.]+)"/g)].map(([, name = '']) => name);
    expect(names).toEqual(expect.arrayContaining(['LocalLB.Pool', 'LocalLB.PoolMember']));
    for (const name of names) {
      const wsdl = await ask(sim, 'GET', `${PORTAL}?WSDL=${name}`, { basic: lbops() });
      expect(wsdl.headers['content-type']).toContain('text/xml');
      expect(parseXml(wsdl.text).attributes.name).toBe(name);
    }
    expect((await ask(sim, 'GET', `${PORTAL}?WSDL=No.Such`, { basic: lbops() })).status).toBe(404);
  });

  it('words its faults like a device', async () => {
    const { status, text } = await call(
      'LocalLB.PoolMember',
      'get_session_status',
      pools('/Common/x'),
    );
    expect(status).toBe(500);
    expect(text).toContain(
      [
        'Exception caught in LocalLB::urn:iControl:LocalLB/PoolMember::get_session_status()',
        'Exception: Common::OperationFailed',
        '\tprimary_error_code   : 16908342 (0x01020036)',
        '\tsecondary_error_code : 0',
        '\terror_string         : 01020036:3: The requested pool (/Common/x) was not found.',
      ].join('\n'),
    );
    expect((await call('LocalLB.PoolMember', 'no_such')).text).toContain('Common::NotImplemented');
  });

  it('fails by the same presets as REST', async () => {
    sim.control.preset('drop-after');
    await expect(setSession('STATE_DISABLED', '192.168.100.42')).rejects.toThrow();
    expect(await rest()).toBe('user-disabled/up');
    sim.control.preset('ignored-write');
    expect((await setSession('STATE_ENABLED', '192.168.100.42')).status).toBe(200);
    expect(await rest()).toBe('user-disabled/up');
    sim.control.preset('member-vanishes', { match: '#set_' });
    expect((await setSession('STATE_ENABLED', '192.168.100.42')).status).toBe(500);
    sim.control.preset('xml-entities');
    const body = envelope('System.Failover', 'get_failover_state', '');
    expect((await ask(sim, 'POST', PORTAL, { basic: lbops(), body })).text).toContain('<!ENTITY');
  });
});
