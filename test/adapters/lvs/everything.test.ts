import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lvsAdapter } from '../../../src/adapters/lvs/adapter.ts';
import type { RuntimeSocket } from '../../../src/transports/runtime-socket.ts';
import { withoutEnd } from '../contract-device.ts';

const EVERYTHING = readFileSync(
  new URL('../../fixtures/lvs/everything.txt', import.meta.url),
  'utf8',
);

/** A director that gives these answers one after the other, the last one for ever. */
function directorSaying(...answers: readonly string[]) {
  const lines: string[] = [];
  const socket: RuntimeSocket = {
    async exchange(line) {
      lines.push(line);
      return answers[lines.length - 1] ?? answers.at(-1) ?? '';
    },
    ask: () => Promise.reject(new Error('There is one question to a line.')),
    close: async () => {},
  };
  return { adapter: lvsAdapter('lvs-1', socket, { now: () => 7 }), lines };
}

const POOLS: readonly (readonly [pool: string, members: readonly string[]])[] = [
  ['192.168.100.11:0', ['192.168.100.74 1 Route']],
  ['192.168.100.11:443', ['192.168.100.74:443 1 Tunnel', '192.168.100.75:8443 2 Masq']],
  ['192.168.100.11:9999', []],
  ['udp://192.168.100.11:53', ['192.168.100.74:53 1 Route', '192.168.100.75:53 2 Route']],
  ['udp://192.168.100.11:5300', ['192.168.100.74:5300 1 Route', '192.168.100.76:5300 1 Route']],
  ['sctp://192.168.100.11:3868', ['192.168.100.74:3868 1 Masq']],
  ['[fd00:100::11]:80', ['[fd00:100::74]:80 1 Route', '[fd00:100::75]:80 1 Route']],
  ['fwmark:7', ['192.168.100.77 5 Route', '192.168.100.78 5 Route']],
  ['fwmark6:8', ['fd00:100::77 5 Route']],
];

describe('one answer about everything', () => {
  it('has every kind of service with its members, and is asked for once', async () => {
    const { adapter, lines } = directorSaying(EVERYTHING);
    const look = await adapter.look?.(
      POOLS.map(([pool]) => pool),
      withoutEnd(),
    );
    const seen = look?.pools.map((each) => [
      each.pool,
      'state' in each
        ? each.state.members.map(
            ({ name, weight, forwarding }) => `${name} ${weight} ${forwarding}`,
          )
        : each.fault,
    ]);
    expect(seen).toEqual(POOLS);
    expect(lines).toEqual(['read']);
  });

  it('has the counts of each service apart, its limits, and who else sends to the host', async () => {
    const { adapter } = directorSaying(EVERYTHING);
    const look = await adapter.look?.(['192.168.100.11:80', '192.168.100.11:443'], withoutEnd());
    const [web, tls] = (look?.pools ?? []).map((each) =>
      'state' in each ? each.state : undefined,
    );
    expect(web?.members.at(-1)).toMatchObject({
      name: '192.168.100.78:80',
      sessions: 0,
      sessionsInactive: 6,
      sessionsTotal: 6,
      stickyNow: 1,
      alsoIn: ['192.168.100.11:7000', 'fwmark:7'],
    });
    expect(tls?.members[1]).toMatchObject({
      connectionLimits: { upper: 100, lower: 80 },
      sessionsTotal: 0,
    });
    expect(tls?.members[1]).not.toHaveProperty('stickyNow');
  });

  it('needs no listing of who sticks where nothing is persistent', async () => {
    const plain = EVERYTHING.replace(/^== persistent\n[\s\S]*?^== exit 0\n/m, '').replaceAll(
      / -p \d+( -M \S+)?$/gm,
      '',
    );
    expect(plain).not.toMatch(/== persistent| -p /);
    const { members } = await directorSaying(plain).adapter.read('fwmark:7', withoutEnd());
    expect(members).toHaveLength(2);
    expect(members[0]).not.toHaveProperty('stickyNow');
    const torn = EVERYTHING.replace(/^== persistent\n[\s\S]*?^== exit 0\n/m, '');
    await expect(directorSaying(torn).adapter.read('fwmark:7', withoutEnd())).rejects.toMatchObject(
      { code: 'UNEXPECTED_REPLY' },
    );
  });

  it('has who the director is, and a service that is not there hides no other', async () => {
    const { adapter } = directorSaying(EVERYTHING);
    const look = await adapter.look?.(['192.168.100.11:81', '192.168.100.11:80'], withoutEnd());
    expect(look?.pools).toMatchObject([
      { fault: { code: 'NO_SUCH_POOL' } },
      { state: { readAt: 7 } },
    ]);
    expect(look).toMatchObject({
      device: {
        balancer: 'lvs-1',
        version: 'kernel 6.1.176',
        incarnation: '3d9f1ed7-d8a9-4c24-9c77-dc0725a60185:796',
      },
      words: { vrrp: [{ name: 'VI_1', state: 2, priority: 100 }] },
    });
    expect(look?.words?.addresses.has('192.168.100.11')).toBe(true);
  });

  it('serves a plan, a role and a comparison that are asked for at once', async () => {
    const { adapter, lines } = directorSaying(EVERYTHING);
    const [state, said, sides] = await Promise.all([
      adapter.read('fwmark:7', withoutEnd()),
      adapter.testimony(withoutEnd()),
      adapter.sides?.(withoutEnd()),
    ]);
    expect(state.members).toHaveLength(2);
    expect(said.vrrp).toHaveLength(1);
    expect(sides?.[0]?.pools).toHaveLength(11);
    expect(lines).toEqual(['read']);
  });

  it('in which a member came between two listings is asked for again, for that service', async () => {
    const moved = EVERYTHING.replace(
      '-a -f 7 -r 192.168.100.78:0 -g -w 5\n',
      '$&-a -f 7 -r 192.168.100.79:0 -g -w 5\n',
    );
    const { adapter, lines } = directorSaying(moved, EVERYTHING);
    const look = await adapter.look?.(['fwmark:7', 'fwmark6:8'], withoutEnd());
    expect(look?.pools).toMatchObject([
      { state: { members: [{}, { name: '192.168.100.78' }] } },
      { state: { pool: 'fwmark6:8' } },
    ]);
    expect(lines).toEqual(['read', 'read -f 7']);
    const never = directorSaying(moved);
    await expect(never.adapter.read('fwmark:7', withoutEnd())).rejects.toThrow('changed each time');
  });

  it('without the role still has the services, and the other way round', async () => {
    const torn = (name: string) =>
      EVERYTHING.replace(
        new RegExp(`(?<=== ${name}\n)[^=]*== exit 0`),
        'sh: not found: 127\n== exit 127',
      );
    const withoutIp = directorSaying(torn('addresses')).adapter;
    expect((await withoutIp.read('fwmark:7', withoutEnd())).members).toHaveLength(2);
    await expect(withoutIp.testimony(withoutEnd())).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    const withoutRules = directorSaying(torn('rules')).adapter;
    expect((await withoutRules.testimony(withoutEnd())).vrrp).toHaveLength(1);
    await expect(withoutRules.read('fwmark:7', withoutEnd())).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});
