import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseServersState } from '../../../src/adapters/haproxy/parse.ts';
import { createAdapter } from '../../../src/adapters/registry.ts';
import type { AdminState, MemberState } from '../../../src/domain/member.ts';
import type { LoadBalancerAdapter } from '../../../src/ports/adapter.ts';
import { type SandboxHaproxy, startHaproxy } from '../../../src/sandbox/haproxy.ts';
import { type SandboxMembers, startMembers } from '../../../src/sandbox/members.ts';
import { unixSocket } from '../../../src/transports/unix-socket.ts';
import { startFakeHaproxy } from '../../fakes/haproxy.ts';
import { openGate, stepTo } from '../contract-device.ts';

const forever = { signal: new AbortController().signal };

let directory: string;
let members: SandboxMembers;
let haproxy: SandboxHaproxy;
let adapter: LoadBalancerAdapter;

function adapterAt(socket: string): LoadBalancerAdapter {
  return createAdapter({ name: 'ha-1', kind: 'haproxy', socket }, { clock: { now: () => 42 } });
}

async function member(pool: string, name: string): Promise<MemberState> {
  const found = (await adapter.read(pool, forever)).members.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`${pool}/${name}`);
  return found;
}

async function bring(pool: string, name: string, admin: AdminState, weight?: number) {
  const step = stepTo(adapter, pool, await member(pool, name), admin, weight);
  await adapter.apply(step, openGate, forever);
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lb-'));
  members = await startMembers({ names: ['a', 'b'], directory });
  const servers = members.members.map(({ name, address, port }) => ({ name, address, port }));
  const [a] = servers;
  if (a === undefined) throw new Error('no member');
  haproxy = await startHaproxy({
    directory,
    name: 'ha-1',
    backend: 'web',
    cookie: 'JSESSIONID',
    servers: servers.map((server) => ({ ...server, cookie: server.name, weight: 10 })),
    moreBackends: [
      // Carries the name of the frontend: asked by name, HAProxy shows the statistics of the frontend.
      { name: 'front', servers },
      { name: 'parked', servers: [a, { ...a, name: 'off', options: ['disabled'] }] },
      { name: 'follow', servers: [{ ...a, name: 't', options: ['track', 'web/a'] }] },
      { name: 'fixed', balance: 'source', servers: [{ ...a, weight: 5 }] },
      { name: 'spare', servers: [a, { ...a, name: 'b', options: ['backup'] }] },
      { name: 'nobody', servers: [] },
    ],
  });
  adapter = adapterAt(haproxy.socket);
});

afterAll(async () => {
  await Promise.all([haproxy.stop(), members.close()]);
  rmSync(directory, { recursive: true, force: true });
});

describe('reading HAProxy', () => {
  it('names process, version and time of reading', async () => {
    const state = await adapter.read('web', forever);
    expect(state).toMatchObject({ pool: 'web', persistence: 'cookie', readAt: 42 });
    expect(state.device).toMatchObject({ balancer: 'ha-1', kind: 'haproxy' });
    expect(state.device.incarnation).toMatch(new RegExp(`^${haproxy.pid()}@\\d+$`));
    expect(state.device.version).toMatch(/^\d+\.\d+/);
  });

  it('finds a backend that shares its name with a frontend', async () => {
    const state = await adapter.read('front', forever);
    expect(state.members.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(state).not.toHaveProperty('persistence');
  });

  it('shows a backend without servers as empty', async () => {
    expect((await adapter.read('nobody', forever)).members).toEqual([]);
  });

  it('takes a number or part of a name for no backend', async () => {
    for (const name of ['2', '2x', 'we', 'WEB']) {
      await expect(adapter.read(name, forever)).rejects.toMatchObject({ code: 'NO_SUCH_POOL' });
    }
  });

  it('marks backup servers and servers without a check', async () => {
    expect(await member('spare', 'b')).toMatchObject({ backup: true, health: 'unchecked' });
    expect(await member('spare', 'a')).toMatchObject({ backup: false });
  });

  it('counts the sessions that came by cookie apart', async () => {
    const login = await fetch(`${haproxy.frontUrl}/login`);
    const name = (await login.text()).trim();
    const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(cookie).toMatch(new RegExp(`^JSESSIONID=${name}~`));
    const before = (await member('web', name)).stickyTotal ?? Number.NaN;
    for (let visit = 0; visit < 3; visit += 1) {
      const answer = await fetch(haproxy.frontUrl, { headers: { cookie } });
      expect((await answer.text()).trim()).toBe(name);
    }
    expect((await member('web', name)).stickyTotal).toBe(before + 3);
  });

  it('counts open sessions', async () => {
    const slow = new AbortController();
    const request = fetch(`${haproxy.frontUrl}/slow?ms=5000`, { signal: slow.signal });
    await expect
      .poll(async () => {
        const { members: all } = await adapter.read('web', forever);
        return all.reduce((sum, entry) => sum + entry.sessions, 0);
      })
      .toBe(1);
    slow.abort();
    await expect(request).rejects.toThrow();
  });
});

describe('changing HAProxy', () => {
  it('a server that is off by configuration can be enabled at run time and disabled again', async () => {
    expect(await member('parked', 'off')).toMatchObject({
      admin: 'disabled',
      causes: ['configuration'],
    });
    await bring('parked', 'off', 'enabled');
    expect(await member('parked', 'off')).toMatchObject({ admin: 'enabled', causes: [] });
    await bring('parked', 'off', 'disabled');
    expect(await member('parked', 'off')).toMatchObject({ admin: 'disabled' });
  });

  it('a drained server keeps its cookie clients, a disabled one does not', async () => {
    await bring('web', 'a', 'drained');
    const visit = async () => {
      const answer = await fetch(haproxy.frontUrl, { headers: { cookie: 'JSESSIONID=a~1' } });
      return (await answer.text()).trim();
    };
    expect(await visit()).toBe('a');
    await bring('web', 'a', 'disabled');
    expect(await visit()).toBe('b');
    await bring('web', 'a', 'enabled');
    await expect.poll(visit).toBe('a');
  });

  it('enable after drain and disable leaves no bit of either, in whatever order they came', async () => {
    const stats = unixSocket(haproxy.socket);
    const bits = async () => {
      const doing = 'Looking';
      const reply = await stats.exchange('show servers state web', {
        doing,
        signal: forever.signal,
        isWhole: () => true,
      });
      const row = parseServersState(reply, doing).find((one) => one.get('srv_name') === 'a');
      return row?.get('srv_admin_state');
    };
    const rounds: readonly (readonly AdminState[])[] = [
      ['drained', 'disabled'],
      ['disabled', 'drained'],
      ['drained', 'disabled', 'drained', 'disabled'],
    ];
    for (const round of rounds) {
      for (const admin of round) await bring('web', 'a', admin);
      expect(await bits()).toBe(round.at(-1) === 'disabled' ? '1' : '8');
      await bring('web', 'a', 'enabled');
      expect(await bits()).toBe('0');
    }
    await stats.close();
  });

  it('a request in flight survives the disable', async () => {
    const headers = { cookie: 'JSESSIONID=a~1' };
    const slow = fetch(`${haproxy.frontUrl}/slow?ms=400`, { headers });
    await expect.poll(async () => (await member('web', 'a')).sessions).toBe(1);
    await bring('web', 'a', 'disabled');
    expect((await (await slow).text()).trim()).toBe('a');
    await bring('web', 'a', 'enabled');
  });

  it('a server that tracks another one is UNSUPPORTED while that one is out', async () => {
    await bring('web', 'a', 'disabled');
    const follower = await member('follow', 't');
    expect(follower).toMatchObject({ admin: 'disabled', causes: ['tracking'] });
    expect(() => stepTo(adapter, 'follow', follower, 'enabled')).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('web/a'),
      }),
    );
    await bring('web', 'a', 'enabled');
  });

  it('a weight under a static algorithm is UNSUPPORTED in HAProxy’s words', async () => {
    await expect(bring('fixed', 'a', 'enabled', 3)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(
        "static LB algorithm and only accepts weights '0%' and '100%'",
      ),
    });
  });

  it('a reload forgets the change and shows as another incarnation', async () => {
    await bring('web', 'b', 'disabled');
    const before = await adapter.read('web', forever);
    await haproxy.reload();
    const after = await adapter.read('web', forever);
    expect(after.device.incarnation).not.toBe(before.device.incarnation);
    expect(await member('web', 'b')).toMatchObject({ admin: 'enabled' });
  });
});

describe('what it takes', () => {
  const QUESTION = /^show servers state web;show stat 3 6 -1;show info$/;

  it('is one exchange for a reading, once the number of the backend is known', async () => {
    const fake = await startFakeHaproxy(join(directory, 'fake'));
    const reader = adapterAt(fake.socket);
    await reader.read('web', forever);
    expect(fake.received).toHaveLength(2);
    await reader.read('web', forever);
    expect(fake.received).toHaveLength(3);
    expect(fake.received.at(-1)).toMatch(QUESTION);
    await fake.close();
  });

  it('is one exchange for a look at all pools, and one that is not there hides no other', async () => {
    const names = ['web', 'front', 'parked', 'nobody'];
    await adapter.look?.(names, forever);
    const states = await Promise.all(names.map((name) => adapter.read(name, forever)));
    const look = await adapter.look?.([...names, 'away', 'x;y'], forever);
    expect(look?.pools).toEqual([
      ...states.map((state) => ({ pool: state.pool, state })),
      { pool: 'away', fault: expect.objectContaining({ code: 'NO_SUCH_POOL' }) },
      { pool: 'x;y', fault: expect.objectContaining({ code: 'UNSAFE_NAME' }) },
    ]);
    expect(look?.device).toEqual(states[0]?.device);
  });

  it('is a look of its own where a pool has no other: one that is missing is no look', async () => {
    const look = adapter.look?.(['away', 'x;y'], forever);
    await expect(look).rejects.toMatchObject({ code: 'NO_SUCH_POOL' });
  });

  it('is more than one exchange only where names or answers are too long for one', async () => {
    const many = [...Array(60).keys()].map((at) => `${at}`.padStart(200, 'n'));
    const look = await adapter.look?.(['web', ...many], forever);
    expect(look?.pools[0]).toMatchObject({ pool: 'web', state: { pool: 'web' } });
    expect(look?.pools.filter((pool) => 'fault' in pool)).toHaveLength(60);
  });

  it('is an answer in smaller parts where the whole is too large', async () => {
    const limits = { exchangeMsMax: 5_000, replyBytesMax: 7_000, connectionsMax: 4 };
    const clock = { now: () => 42 };
    const strict = createAdapter(
      { name: 'ha-1', kind: 'haproxy', socket: haproxy.socket },
      { clock, limits },
    );
    const names = ['web', 'front', 'parked', 'spare'];
    const look = await strict.look?.(names, forever);
    expect(look?.pools.map((pool) => 'state' in pool && pool.pool)).toEqual(names);
  });
});

describe('a reload in the middle of reading', () => {
  it.each(['renumbering', 'old worker'] as const)(
    '%s: is read again, then UNREACHABLE',
    async (manner) => {
      const fake = await startFakeHaproxy(join(directory, 'fake'));
      fake.manner = manner;
      await expect(adapterAt(fake.socket).read('web', forever)).rejects.toMatchObject({
        code: 'UNREACHABLE',
        message: expect.stringContaining('reload'),
      });
      expect(fake.received).toHaveLength(3);
      await fake.close();
    },
  );

  it('an old worker that does not know a new backend is no proof that it is missing', async () => {
    const fake = await startFakeHaproxy(join(directory, 'fake'));
    fake.manner = 'old worker';
    await expect(adapterAt(fake.socket).read('brand-new', forever)).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    await fake.close();
  });

  it('that is over at the second look is not noticed by the reader', async () => {
    const fake = await startFakeHaproxy(join(directory, 'fake'));
    const reader = adapterAt(fake.socket);
    await reader.read('web', forever);
    fake.received.length = 0;
    fake.manner = 'reloaded once';
    await expect(reader.read('web', forever)).resolves.toMatchObject({
      device: { incarnation: '100@1' },
    });
    expect(fake.received).toHaveLength(2);
    await fake.close();
  });
});
