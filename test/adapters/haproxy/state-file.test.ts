import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { haproxyAdapter } from '../../../src/adapters/haproxy/adapter.ts';
import { stateFileText } from '../../../src/adapters/haproxy/state-file.ts';
import { createAdapter } from '../../../src/adapters/registry.ts';
import type { AdminState, MemberState } from '../../../src/domain/member.ts';
import type { KeptMember, LoadBalancerAdapter } from '../../../src/ports/adapter.ts';
import { type SandboxHaproxy, startHaproxy } from '../../../src/sandbox/haproxy.ts';
import { type SandboxMembers, startMembers } from '../../../src/sandbox/members.ts';
import { sshHosts } from '../../../src/transports/ssh-hosts.ts';
import { unixSocket } from '../../../src/transports/unix-socket.ts';
import type { WholeFile } from '../../../src/transports/whole-file.ts';
import { judge } from '../../../src/watch/judge.ts';
import { startFakeHaproxy } from '../../fakes/haproxy.ts';
import { type StageSshd, startSshd } from '../../stage/sshd.ts';
import { openGate, stepTo, withoutEnd } from '../contract-device.ts';
import { fixture } from './fixture.ts';

let directory: string;
let members: SandboxMembers;
let haproxy: SandboxHaproxy;
let sshd: StageSshd;
const ssh = sshHosts();

const clock = { now: () => 0 };
const file = () => haproxy.stateFile ?? '';

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lb-'));
  members = await startMembers({ names: ['a', 'b', 'c'], directory });
  const servers = members.members.map(({ name, address, port }) => ({
    name,
    address,
    port,
    weight: 10,
  }));
  haproxy = await startHaproxy({
    directory,
    name: 'ha-1',
    backend: 'web',
    servers,
    checkEveryMs: 50,
    master: true,
    stateFile: true,
    moreBackends: [{ name: 'other', servers }],
  });
  sshd = await startSshd({
    directory: join(directory, 'sshd'),
    config: ['Subsystem sftp internal-sftp'],
  });
});

afterAll(async () => {
  await Promise.all([haproxy.stop(), members.close(), sshd.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  rmSync(file(), { force: true });
  await reload();
});

/** Until the old worker has left the stats socket to the new one. */
async function reload() {
  const old = haproxy.pid();
  await haproxy.reload();
  await expect.poll(() => existsSync(`/proc/${old}`), { timeout: 5_000, interval: 5 }).toBe(false);
}

const kept = (...names: string[]): KeptMember[] => names.map((member) => ({ pool: 'web', member }));

async function member(adapter: LoadBalancerAdapter, name: string, pool = 'web') {
  const state = await adapter.read(pool, withoutEnd());
  const found = state.members.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

async function bring(
  adapter: LoadBalancerAdapter,
  name: string,
  admin: AdminState,
  weight?: number,
  pool = 'web',
): Promise<MemberState> {
  const step = stepTo(adapter, pool, await member(adapter, name, pool), admin, weight);
  await adapter.apply(step, openGate, withoutEnd());
  return member(adapter, name, pool);
}

const keep = async (adapter: LoadBalancerAdapter, members: readonly KeptMember[]) => {
  if (adapter.keepState === undefined) throw new Error('It keeps nothing.');
  await adapter.keepState(members, withoutEnd());
};

describe.each([
  ['on this machine', false],
  ['by ssh', true],
])('the state file of a real HAProxy %s', (_name, isRemote) => {
  let adapter: LoadBalancerAdapter;
  beforeAll(() => {
    adapter = createAdapter(
      {
        name: 'ha-1',
        kind: 'haproxy',
        socket: haproxy.socket,
        masterSocket: haproxy.masterSocket ?? '',
        stateFile: file(),
        ...(isRemote ? { ssh: sshd.host } : {}),
      },
      { clock, ssh },
    );
  });
  afterAll(() => adapter.close());

  it('carries disable, drain and weight over a reload', async () => {
    await bring(adapter, 'a', 'disabled');
    await bring(adapter, 'b', 'drained');
    await bring(adapter, 'c', 'enabled', 3);
    await keep(adapter, kept('a', 'b', 'c'));
    const before = await adapter.read('web', withoutEnd());
    await reload();
    const after = await adapter.read('web', withoutEnd());
    expect(after.device.incarnation).not.toBe(before.device.incarnation);
    const settings = after.members.map(({ name, admin, weight, causes }) => [
      name,
      admin,
      weight,
      causes,
    ]);
    expect(settings).toEqual([
      ['a', 'disabled', 10, ['command']],
      ['b', 'drained', 10, ['command']],
      ['c', 'enabled', 3, []],
    ]);
  });

  it('brings no old MAINT back once it was written after the enable', async () => {
    await bring(adapter, 'a', 'disabled');
    await keep(adapter, kept('a'));
    await bring(adapter, 'a', 'enabled');
    await keep(adapter, []);
    await reload();
    expect(await member(adapter, 'a')).toMatchObject({ admin: 'enabled', weight: 10 });
  });

  it('makes the watcher see that a hold was kept over the restart', async () => {
    const { weight } = await bring(adapter, 'a', 'disabled');
    await keep(adapter, kept('a'));
    const { incarnation } = (await adapter.read('web', withoutEnd())).device;
    await reload();
    const hold = {
      balancer: 'ha-1',
      pool: 'web',
      member: 'a',
      changeId: '1',
      actor: 'U1',
      approver: 'U2',
      approvalKind: 'people' as const,
      want: { admin: 'disabled' as const, weight },
      restore: { admin: 'enabled' as const, weight },
      incarnation,
      at: 0,
      mac: '',
    };
    expect(judge(hold, await adapter.read('web', withoutEnd()))).toBe('kept over a restart');
  });
});

describe('the state file', () => {
  const adapterWith = (stateFile: string) =>
    createAdapter({ name: 'ha-1', kind: 'haproxy', socket: haproxy.socket, stateFile }, { clock });

  it('holds nothing about members that nobody asked to keep, whatever their state', async () => {
    const adapter = adapterWith(file());
    await bring(adapter, 'a', 'disabled');
    await bring(adapter, 'b', 'disabled');
    await bring(adapter, 'a', 'disabled', undefined, 'other');
    await keep(adapter, kept('a', 'no-such-server'));
    const lines = readFileSync(file(), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toMatch(/^\d+ web \d+ a /);
    await reload();
    expect(await member(adapter, 'a')).toMatchObject({ admin: 'disabled' });
    expect(await member(adapter, 'b')).toMatchObject({ admin: 'enabled' });
    expect(await member(adapter, 'a', 'other')).toMatchObject({ admin: 'enabled' });
  });

  it('leaves a server as it is configured, which a dump of all of them would not', async () => {
    const say = (command: string) =>
      unixSocket(haproxy.socket).exchange(command, {
        doing: 'Preparing',
        signal: withoutEnd().signal,
        isWhole: () => true,
      });
    const adapter = adapterWith(file());
    const { port } = await member(adapter, 'b');
    await say('set server web/b addr 127.0.0.1 port 9');
    writeFileSync(file(), await say('show servers state'));
    await reload();
    // Not what the configuration says: so would a port be that was configured anew after the dump.
    expect((await member(adapter, 'b')).port).toBe(9);
    await bring(adapter, 'a', 'disabled');
    await keep(adapter, kept('a'));
    await reload();
    expect((await member(adapter, 'b')).port).toBe(port);
    expect(await member(adapter, 'a')).toMatchObject({ admin: 'disabled' });
  });

  it('written twice at once ends with what was asked last, however slow the first was', async () => {
    const texts: string[] = [];
    let calls = 0;
    const slowAtFirst: WholeFile = {
      path: '/state',
      async replace(text) {
        calls += 1;
        if (calls === 1) await new Promise((resolve) => setTimeout(resolve, 50));
        texts.push(text);
      },
      close: async () => {},
    };
    const socket = unixSocket(haproxy.socket);
    const adapter = haproxyAdapter('ha-1', socket, clock, { stateFile: slowAtFirst });
    await Promise.all([keep(adapter, kept('a')), keep(adapter, kept('b'))]);
    expect(texts.map((text) => / web \d+ (\w) /.exec(text)?.[1])).toEqual(['a', 'b']);
    await adapter.close();
  });

  it('that cannot be written is told, and stays as it was', async () => {
    const adapter = adapterWith(join(directory, 'none', 'state'));
    await expect(keep(adapter, kept('a'))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/^Keeping the state of ha-1 for its next start: .*no folder/),
    });
  });

  it('is not written from the words of an old worker', async () => {
    const fake = await startFakeHaproxy(join(directory, 'fake'));
    fake.manner = 'old worker';
    const path = join(directory, 'untouched');
    writeFileSync(path, 'as it was');
    const adapter = createAdapter(
      { name: 'ha-1', kind: 'haproxy', socket: fake.socket, stateFile: path },
      { clock },
    );
    await expect(keep(adapter, kept('a'))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(readFileSync(path, 'utf8')).toBe('as it was');
    await fake.close();
  });

  it('is none of an adapter’s business that was not told where it is', () => {
    const adapter = createAdapter(
      { name: 'ha-1', kind: 'haproxy', socket: haproxy.socket },
      { clock },
    );
    expect(adapter).not.toHaveProperty('keepState');
  });
});

describe('the text of a state file', () => {
  const text = (reply: string, pool: string, ...names: string[]) =>
    stateFileText(
      reply,
      names.map((member) => ({ pool, member })),
      'Keeping',
    );

  it.each([
    ['garbage', '<html>\n\n', 'UNEXPECTED_REPLY'],
    ['no format number', fixture('show-servers-state-after-disable').slice(2), 'UNEXPECTED_REPLY'],
    ['a refusal', 'Permission denied\n\n', 'PERMISSION'],
  ])('is not made from %s', (_name, reply, code) => {
    expect(() => text(reply, 'web', 'a')).toThrow(expect.objectContaining({ code }));
  });

  it('without members is the two head lines', () => {
    const reply = fixture('show-servers-state-after-disable');
    expect(text(reply, 'web')).toBe(`${reply.split('\n').slice(0, 2).join('\n')}\n\n`);
  });
});
