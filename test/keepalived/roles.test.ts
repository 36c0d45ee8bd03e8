import { describe, expect, it } from 'vitest';
import { answerOf } from '../../src/adapters/lvs/answer.ts';
import { vrrpRoles } from '../../src/keepalived/roles.ts';
import type { NodeTestimony } from '../../src/ports/roles.ts';

const VIP = '192.168.100.11';
const PAIR = { instance: 'VI_1', vips: [VIP], nodes: ['lvs-1', 'lvs-2'] };

const node = (state: number | undefined, hasVip: boolean): NodeTestimony => ({
  addresses: new Set(['192.168.100.3', ...(hasVip ? [VIP] : [])]),
  ...(state === undefined ? {} : { vrrp: [{ name: 'VI_1', state }] }),
});

const rolesOf = (...nodes: readonly (NodeTestimony | Error)[]) =>
  vrrpRoles(new Map([['edge', PAIR]]), {
    ask: async (name) => {
      const said = nodes[PAIR.nodes.indexOf(name)];
      if (said === undefined || said instanceof Error) throw said ?? new Error('nobody');
      return said;
    },
  });

describe('roles of a pair', () => {
  it('are what keepalived says where the VIP agrees', async () => {
    const roles = await rolesOf(node(1, false), node(2, true)).of('edge');
    expect(roles).toEqual(
      new Map([
        ['lvs-1', 'BACKUP'],
        ['lvs-2', 'MASTER'],
      ]),
    );
  });

  it('are told by the VIP alone where keepalived may not be asked', async () => {
    const roles = await rolesOf(node(undefined, true), node(undefined, false)).of('edge');
    expect(roles).toEqual(
      new Map([
        ['lvs-1', 'MASTER'],
        ['lvs-2', 'BACKUP'],
      ]),
    );
  });

  it('are what keepalived says where no service has an address', async () => {
    const roles = vrrpRoles(new Map([['edge', { ...PAIR, vips: [] }]]), {
      ask: async (name) => node(name === 'lvs-1' ? 2 : 1, false),
    });
    expect(await roles.of('edge')).toEqual(
      new Map([
        ['lvs-1', 'MASTER'],
        ['lvs-2', 'BACKUP'],
      ]),
    );
  });

  it('leave a node that does not answer unknown beside a MASTER', async () => {
    const roles = await rolesOf(node(2, true), new Error('no answer')).of('edge');
    expect(roles).toEqual(
      new Map([
        ['lvs-1', 'MASTER'],
        ['lvs-2', 'UNKNOWN'],
      ]),
    );
  });

  it('are the node’s own word where it alone is written to and the other does not answer', async () => {
    const dead = new Error('no answer');
    expect(await rolesOf(dead, node(1, false)).of('edge', 'lvs-2')).toEqual(
      new Map([
        ['lvs-1', 'UNKNOWN'],
        ['lvs-2', 'BACKUP'],
      ]),
    );
    await expect(rolesOf(dead, node(1, false)).of('edge')).rejects.toThrow('nobody is');
    await expect(rolesOf(dead, node(1, false)).of('edge', 'lvs-1')).rejects.toThrow('nobody is');
  });

  it('stay unknown for one node as well when both answer and quarrel, or it contradicts itself', async () => {
    const both = rolesOf(node(2, true), node(2, true)).of('edge', 'lvs-2');
    await expect(both).rejects.toThrow('2 say they are');
    const torn = rolesOf(new Error('no answer'), node(2, false)).of('edge', 'lvs-2');
    await expect(torn).rejects.toThrow('contradicts itself');
  });

  it('take a node in FAULT as one that carries nothing', async () => {
    const roles = await rolesOf(node(3, false), node(2, true)).of('edge');
    expect(roles).toEqual(
      new Map([
        ['lvs-1', 'BACKUP'],
        ['lvs-2', 'MASTER'],
      ]),
    );
  });

  it('take a node whose keepalived is stopped as one that carries nothing', async () => {
    const stopped = { ...node(undefined, false), vrrp: [] };
    expect(await rolesOf(stopped, node(2, true)).of('edge')).toEqual(
      new Map([
        ['lvs-1', 'BACKUP'],
        ['lvs-2', 'MASTER'],
      ]),
    );
  });

  it.each([
    ['two masters', [node(2, true), node(2, true)], '2 say they are'],
    ['no master', [node(1, false), node(1, false)], 'nobody is'],
    ['a master that answers to nobody', [new Error('frozen'), node(1, false)], 'frozen'],
    ['a MASTER without the VIP', [node(2, false), node(1, false)], 'contradicts itself'],
    ['a BACKUP with the VIP', [node(1, true), node(2, true)], 'contradicts itself'],
    ['a node that starts', [node(0, false), node(2, true)], 'starting'],
    ['another instance only', [{ ...node(2, true), vrrp: [] }, node(2, true)], 'no VI_1'],
  ] as const)('are unknown with %s, and it says what each said', async (_name, nodes, words) => {
    await expect(rolesOf(...nodes).of('edge')).rejects.toMatchObject({
      code: 'ROLES_UNKNOWN',
      message: expect.stringContaining(words),
    });
  });

  it('are none for a pair without VRRP', async () => {
    expect(await rolesOf().of('web')).toBe('none');
  });
});

describe('what a director says of itself', () => {
  const reply = `== identity
ac1a515e-19c7-4521-b37e-96e3de7d981c
13.82 4.29
6.1.176
== exit 0
== addresses
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0    inet 192.168.100.11/24 scope global secondary eth0\\       valid_lft forever
2: eth0    inet6 fd00:100::3/64 scope global nodad \\       valid_lft forever
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000
2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default
== exit 0
== vrrp
"iname":"VI_1"
"ifp_ifname":"eth0"
"last_transition":1795156959.811930
"vrid":51
"effective_priority":100
"state":2
== exit 0
== done
`;

  it('is its addresses and the state of each instance', () => {
    expect(answerOf(reply, 'Asking').testimony()).toMatchObject({
      addresses: new Set(['127.0.0.1', '192.168.100.11', 'fd00:100::3']),
      vrrp: [{ name: 'VI_1', state: 2, priority: 100, lastTransition: 1795156959.81193 }],
      boot: { id: 'ac1a515e-19c7-4521-b37e-96e3de7d981c', uptimeSeconds: 13 },
    });
    expect(answerOf(reply, 'Asking').testimony().vrrp?.[0]).not.toHaveProperty('link');
  });

  it.each([
    ['no carrier', '<NO-CARRIER,BROADCAST,MULTICAST,UP>'],
    ['down', '<BROADCAST,MULTICAST>'],
  ])('is what is wrong with the interface of the instance: %s', (fault, flags) => {
    const text = reply.replace('<BROADCAST,MULTICAST,UP,LOWER_UP>', flags);
    expect(answerOf(text, 'Asking').testimony().vrrp).toMatchObject([
      { link: { name: 'eth0', fault } },
    ]);
  });

  it.each([
    ['a line of another kind', reply.replace('"vrid":51', 'vrid 51')],
    ['no address at all', reply.replaceAll(/^\d: .*\n/gm, '')],
    ['an instance without a state', reply.replace('"state":2\n', '')],
  ])('is refused with %s', (_name, text) => {
    expect(() => answerOf(text, 'Asking').testimony()).toThrow(
      expect.objectContaining({ code: 'UNEXPECTED_REPLY' }),
    );
  });
});
