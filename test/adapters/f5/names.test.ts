import { describe, expect, it } from 'vitest';
import { byHand } from '../../../src/adapters/f5/by-hand.ts';
import { commandsFor, ownCommand } from '../../../src/adapters/f5/commands.ts';
import {
  assertMemberName,
  assertPoolName,
  fullMember,
  memberUrl,
  nodeAndPort,
  shortMember,
} from '../../../src/adapters/f5/names.ts';
import { parseCommand } from '../../../src/commands/parse.ts';
import { loadInventory } from '../../../src/config/inventory.ts';
import type { MemberState } from '../../../src/domain/member.ts';
import { settingOf } from '../../../src/domain/member.ts';
import { isMemberName } from '../../../src/domain/names.ts';
import type { Step } from '../../../src/domain/plan.ts';

const member = (over: Partial<MemberState> = {}): MemberState => ({
  name: '192.168.100.42:80',
  address: '192.168.100.42',
  port: 80,
  admin: 'enabled',
  health: 'up',
  status: 'monitor-enabled, up',
  causes: [],
  weight: 1,
  configuredWeight: 1,
  backup: false,
  sessions: 0,
  sessionsTotal: 0,
  ...over,
});

describe('a member in a URL', () => {
  it.each([
    ['web', '10.0.0.11:80', 'web/members/~Common~10.0.0.11:80'],
    ['web', '2001:db8::10.443', 'web/members/~Common~2001:db8::10.443'],
    ['web', '10.9.0.5%1:443', 'web/members/~Common~10.9.0.5%251:443'],
    ['/Common/web', '/Tenant_A/n:1', 'web/members/~Tenant_A~n:1'],
  ])('of pool %s, %s ends in %s', (pool, name, end) => {
    expect(memberUrl(pool, name)).toBe(`/mgmt/tm/ltm/pool/~Common~${end}`);
  });

  it('has the partition of its pool, folders included', () => {
    expect(memberUrl('/Tenant_A/app/web', '10.0.0.1:80')).toBe(
      '/mgmt/tm/ltm/pool/~Tenant_A~app~web/members/~Tenant_A~app~10.0.0.1:80',
    );
  });
});

describe('names', () => {
  it.each(['/Common/10.0.0.1:80', '/Tenant_A/web:80'])('%s survives being shortened', (path) => {
    for (const pool of ['web', '/Common/web', '/Tenant_A/web']) {
      expect(fullMember(pool, shortMember(pool, path))).toBe(path);
    }
  });

  it.each([
    ['10.0.0.1:80', '10.0.0.1', 80],
    ['2001:db8::10.443', '2001:db8::10', 443],
    ['::1.80', '::1', 80],
    ['10.9.0.5%1:443', '10.9.0.5%1', 443],
    ['web', 'web', 0],
  ])('%s is node %s and port %s', (name, node, port) => {
    expect(nodeAndPort(name)).toEqual({ node, port });
  });

  it.each(['x y', 'x/y', '/', '//x', '../x', 'x%', 'x%1;', 'x~y', 'x?y', 'x#y', '<x>', 'x\n', ''])(
    '%j is sent to no unit',
    (name) => {
      expect(() => assertPoolName(name)).toThrow(expect.objectContaining({ code: 'UNSAFE_NAME' }));
      expect(() => assertMemberName(name)).toThrow(
        expect.objectContaining({ code: 'UNSAFE_NAME' }),
      );
    },
  );

  it.each([
    ['10.9.0.5%1:443', true],
    ['10.9.0.5%1', true],
    ['/Tenant_A/web-1:80', true],
    ['web-1:80', true],
    ['/etc/passwd%', false],
    ['a%b', false],
    ['x y', false],
    ['a;b', false],
  ])('%s may be typed as a member: %s', (name, is) => {
    expect(isMemberName(name)).toBe(is);
  });

  it('may be typed in a command as the unit writes them', () => {
    const yaml = `
environments: { production: {} }
balancers:
  edge: { kind: f5, url: "https://a", username: u, password: { env: P } }
services:
  shop: { environment: production, pools: [{ on: edge, pool: web }] }
`;
    const result = loadInventory(yaml, 'x.yml');
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    const typed = '10.9.0.5%1:443,/Tenant_A/web-1:80,192.168.100.42:80';
    expect(parseCommand(`disable shop ${typed}`, result.inventory, 'lb')).toMatchObject({
      command: { members: typed.split(',') },
    });
  });
});

describe('words for a member', () => {
  const words = (
    api: 'rest' | 'soap',
    now: MemberState,
    admin: 'enabled' | 'disabled',
    weight = 1,
  ) => commandsFor(api, 'web', now, { admin, weight }).commands;
  const patch = 'PATCH /mgmt/tm/ltm/pool/~Common~web/members/~Common~192.168.100.42:80';
  const out = member({ admin: 'disabled' });

  it('set both keys, whichever way', () => {
    expect(words('rest', member(), 'disabled')).toEqual([
      `${patch} {"session":"user-disabled","state":"user-up"}`,
    ]);
    expect(words('rest', out, 'enabled')).toEqual([
      `${patch} {"session":"user-enabled","state":"user-up"}`,
    ]);
  });

  it('are one request with the ratio, so that nobody is let in before it counts', () => {
    expect(words('rest', out, 'enabled', 5)).toEqual([
      `${patch} {"session":"user-enabled","state":"user-up","ratio":5}`,
    ]);
  });

  it('are several calls by SOAP, in the order that spares clients', () => {
    const target = '/Common/web 192.168.100.42:80';
    expect(words('soap', out, 'enabled', 5)).toEqual([
      `LocalLB.PoolMember.set_ratio ${target} 5`,
      `LocalLB.PoolMember.set_monitor_state ${target} STATE_ENABLED`,
      `LocalLB.PoolMember.set_session_enabled_state ${target} STATE_ENABLED`,
    ]);
    expect(words('soap', member(), 'disabled')).toEqual([
      `LocalLB.PoolMember.set_session_enabled_state ${target} STATE_DISABLED`,
    ]);
  });

  it('are none for what is so already, forced offline included', () => {
    expect(words('rest', out, 'disabled')).toEqual([]);
    expect(
      words('rest', member({ admin: 'disabled', status: 'forced offline' }), 'disabled'),
    ).toEqual([]);
  });

  it.each([
    ['rest', '{"session":"user-disabled","state":"user-up"}', true],
    ['rest', '{"session":"user-disabled","state":"user-down"}', true],
    ['rest', '{"ratio":3}', true],
    ['rest', '{"session":"user-enabled","state":"user-down"}', false],
    ['rest', '{"session":"user-disabled"}', false],
    ['rest', '{"state":"user-up","session":"user-disabled"}', false],
    ['rest', '{"ratio":3,"monitor":"none"}', false],
    ['rest', '{"ratio":70000}', false],
    ['rest', '{}', false],
    ['rest', 'x', false],
  ] as const)('%s: a stored step with %s is sent: %s', (api, body, isSent) => {
    const setting = settingOf(member());
    const step: Step = {
      index: 0,
      stage: 0,
      lane: 'f5',
      balancer: 'f5',
      pool: 'web',
      member: '192.168.100.42:80',
      address: '192.168.100.42',
      port: 80,
      commands: [],
      before: setting,
      after: setting,
    };
    const send = () => ownCommand(api, step, `${patch} ${body}`);
    if (isSent) expect(send()).toMatchObject({ api, body });
    else expect(send).toThrow(expect.objectContaining({ code: 'UNSAFE_NAME' }));
  });

  it.each([
    [
      `${patch} {"session":"user-disabled","state":"user-up"}`,
      'session user-disabled state user-up',
    ],
    [
      'LocalLB.PoolMember.set_monitor_state /Common/web 192.168.100.42:80 STATE_ENABLED',
      'state user-up',
    ],
    ['LocalLB.PoolMember.set_ratio /Common/web 192.168.100.42:80 7', 'ratio 7'],
  ])('%s is typed on the unit with tmsh', (command, settings) => {
    expect(byHand(command)).toBe(
      `tmsh modify ltm pool /Common/web members modify { /Common/192.168.100.42:80 { ${settings} } }`,
    );
  });
});
