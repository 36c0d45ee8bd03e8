import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAdapter } from '../../../src/adapters/registry.ts';
import type { LoadBalancerAdapter } from '../../../src/ports/adapter.ts';
import { type SandboxHaproxy, startHaproxy } from '../../../src/sandbox/haproxy.ts';
import { startFakeHaproxy } from '../../fakes/haproxy.ts';
import { type HeldServer, startHeldServer } from '../../fakes/held-server.ts';
import { type LineServer, startLineServer } from '../../fakes/line-server.ts';
import { startSshd } from '../../stage/sshd.ts';
import { openGate, stepTo, withoutEnd } from '../contract-device.ts';

let directory: string;
let members: HeldServer;
let haproxy: SandboxHaproxy;
let adapter: LoadBalancerAdapter;

function adapterAt(socket: string, masterSocket?: string): LoadBalancerAdapter {
  return createAdapter(
    {
      name: 'ha-1',
      kind: 'haproxy',
      socket,
      ...(masterSocket === undefined ? {} : { masterSocket }),
    },
    { clock: { now: () => 0 } },
  );
}

/** Sessions here and elsewhere, by member. */
async function counts(of = adapter, pool = 'web') {
  const state = await of.read(pool, withoutEnd());
  return Object.fromEntries(
    state.members.map(({ name, sessions, sessionsElsewhere }) => [
      name,
      [sessions, sessionsElsewhere],
    ]),
  );
}

/** A request that its member holds until `members.release()`; resolves when HAProxy has it. */
async function heldRequest(name: string): Promise<void> {
  const before = (await counts())[name]?.[0] ?? 0;
  fetch(`${haproxy.frontUrl}/held`, {
    headers: { cookie: `JSESSIONID=${name}~1` },
  }).catch(() => {});
  await expect.poll(async () => (await counts())[name]?.[0]).toBe(before + 1);
}

async function bring(name: string, admin: 'enabled' | 'drained') {
  const state = await adapter.read('web', withoutEnd());
  const member = state.members.find((one) => one.name === name);
  if (member === undefined) throw new Error(name);
  await adapter.apply(stepTo(adapter, 'web', member, admin), openGate, withoutEnd());
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lb-'));
  members = await startHeldServer();
  const servers = ['a', 'b'].map((name) => ({
    name,
    address: '127.0.0.1',
    port: members.port,
    cookie: name,
  }));
  haproxy = await startHaproxy({
    directory,
    name: 'ha-1',
    backend: 'web',
    cookie: 'JSESSIONID',
    servers,
    master: true,
  });
  adapter = adapterAt(haproxy.socket, haproxy.masterSocket);
});

afterEach(async () => {
  members.release();
  await expect.poll(() => counts(), { timeout: 5_000 }).toEqual({ a: [0, 0], b: [0, 0] });
});

afterAll(async () => {
  await Promise.all([adapter.close(), haproxy.stop(), members.close()]);
  rmSync(directory, { recursive: true, force: true });
});

describe('sessions that an older worker still serves after a reload', () => {
  it('are counted per member until they end', async () => {
    expect(await counts()).toEqual({ a: [0, 0], b: [0, 0] });
    await heldRequest('a');
    expect(await counts()).toEqual({ a: [1, 0], b: [0, 0] });
    await haproxy.reload();
    expect(await counts()).toEqual({ a: [0, 1], b: [0, 0] });
    expect(await counts()).toEqual({ a: [0, 1], b: [0, 0] });
    members.release();
    await expect.poll(() => counts()).toEqual({ a: [0, 0], b: [0, 0] });
  });

  it('are added up over several reloads, beside those of the new worker', async () => {
    await heldRequest('a');
    await haproxy.reload();
    await heldRequest('a');
    await haproxy.reload();
    await heldRequest('b');
    expect(await counts()).toEqual({ a: [0, 2], b: [1, 0] });
  });

  it('keep a drained member from looking idle', async () => {
    await heldRequest('a');
    await bring('a', 'drained');
    await haproxy.reload();
    // As the watcher does: the reload forgot the drain.
    await bring('a', 'drained');
    expect(await counts()).toMatchObject({ a: [0, 1] });
    await bring('a', 'enabled');
  });

  it('are not known without the master, and then not shown', async () => {
    await heldRequest('a');
    await haproxy.reload();
    expect(await counts(adapterAt(haproxy.socket))).toEqual({
      a: [0, undefined],
      b: [0, undefined],
    });
  });
});

describe('a master on another host', () => {
  it.each(['forward', 'socat'] as const)('is asked by ssh, by %s', async (via) => {
    const sshd = await startSshd({ directory: join(directory, 'sshd') });
    const remote = createAdapter(
      {
        name: 'ha-1',
        kind: 'haproxy',
        socket: haproxy.socket,
        masterSocket: haproxy.masterSocket ?? '',
        ssh: sshd.host,
        via,
      },
      { clock: { now: () => 0 } },
    );
    await heldRequest('b');
    await haproxy.reload();
    expect(await counts(remote)).toEqual({ a: [0, 0], b: [0, 1] });
    await remote.close();
    await sshd.stop();
  });
});

describe('an older worker that hangs', () => {
  it('keeps nobody from the pool, but no drained member counts as known', async () => {
    await heldRequest('a');
    const old = haproxy.pid();
    await haproxy.reload();
    process.kill(old, 'SIGSTOP');
    try {
      const begun = performance.now();
      expect(await counts()).toEqual({ a: [0, undefined], b: [0, undefined] });
      expect(performance.now() - begun).toBeLessThan(2_500);
      await bring('b', 'drained');
      await expect(counts()).rejects.toMatchObject({
        code: 'TIMEOUT',
        message: expect.stringContaining(`Asking worker ${old} of ha-1, an older one`),
      });
      const elsewhere = adapterAt(haproxy.socket);
      const state = await elsewhere.read('web', withoutEnd());
      const b = state.members.find(({ name }) => name === 'b');
      if (b === undefined) throw new Error('b');
      await elsewhere.apply(stepTo(elsewhere, 'web', b, 'enabled'), openGate, withoutEnd());
    } finally {
      process.kill(old, 'SIGCONT');
    }
  });
});

describe('a master that cannot be asked', () => {
  it('because it is not there is UNREACHABLE, and named', async () => {
    const wrong = adapterAt(haproxy.socket, join(directory, 'no-master.sock'));
    await expect(wrong.read('web', withoutEnd())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/^Asking the master of ha-1 for older workers: .*not exist/),
    });
  });

  it('because that is the socket of a worker is UNSUPPORTED', async () => {
    const wrong = adapterAt(haproxy.socket, haproxy.socket);
    await expect(wrong.read('web', withoutEnd())).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

const LIST = (...pids: number[]) =>
  `#<PID>          <type>          <reloads>       <uptime>        <version>\n9               master          1 [failed: 0]   0d00h00m09s     2.6.12\n# workers\n100             worker          0               0d00h00m08s     2.6.12\n# old workers\n${pids.map((pid) => `${pid}             worker          1               0d00h00m08s     2.6.12\n`).join('')}# programs\n77              program         0               0d00h00m08s     -\n\n`;

describe('a master that answers', () => {
  async function withMaster(
    answer: (line: string) => string | undefined,
    work: (adapter: LoadBalancerAdapter, master: LineServer) => Promise<void>,
  ) {
    const fake = await startFakeHaproxy(join(directory, 'fake'));
    const master = await startLineServer(join(directory, 'fake-master'), answer);
    try {
      await work(adapterAt(fake.socket, join(directory, 'fake-master')), master);
    } finally {
      await Promise.all([fake.close(), master.close()]);
    }
  }

  it('for a worker that went away meanwhile is asked once more who there is', async () => {
    let isListed = true;
    const answer = (line: string) => {
      if (line === 'show proc') return LIST(...(isListed ? [50] : []));
      isListed = false;
      return "Can't find the target PID matching the prefix '@!50'\n";
    };
    await withMaster(answer, async (here, master) => {
      expect(await counts(here)).toEqual({ a: [0, 0], b: [0, 0] });
      expect(master.received).toEqual(['show proc', '@!50 show servers state web', 'show proc']);
    });
  });

  it('only after a moment, as over a reload, is waited for', async () => {
    const fake = await startFakeHaproxy(join(directory, 'fake'));
    const late = join(directory, 'late-master');
    const counted = counts(adapterAt(fake.socket, late));
    // The pool has been read, so the master is asked now.
    await expect.poll(() => fake.received.length).toBe(2);
    const master = await startLineServer(late, () => LIST());
    expect(await counted).toEqual({ a: [0, 0], b: [0, 0] });
    await Promise.all([fake.close(), master.close()]);
  });

  it('for a worker that does not know the backend has no session of it', async () => {
    const answer = (line: string) => (line === 'show proc' ? LIST(50) : "Can't find backend.\n\n");
    await withMaster(answer, async (here) => {
      expect(await counts(here)).toEqual({ a: [0, 0], b: [0, 0] });
    });
  });

  it('does not make a hundred workers be asked', async () => {
    const answer = () => LIST(...Array.from({ length: 100 }, (_, at) => at + 1000));
    await withMaster(answer, async (here, master) => {
      expect(await counts(here)).toEqual({ a: [0, undefined], b: [0, undefined] });
      expect(master.received).toEqual(['show proc']);
    });
  });

  it.each([
    ['nonsense', 'UNEXPECTED_REPLY', '<html>\n\n'],
    ['half a line', 'CUT_REPLY', '#<PID>'],
  ])('%s is %s', async (_name, code, reply) => {
    await withMaster(
      () => reply,
      async (here) => {
        await expect(here.read('web', withoutEnd())).rejects.toMatchObject({ code });
      },
    );
  });

  it('nothing, ends with the caller’s patience', async () => {
    await withMaster(
      () => undefined,
      async (here) => {
        const signal = AbortSignal.timeout(200);
        await expect(here.read('web', { signal })).rejects.toMatchObject({ code: 'TIMEOUT' });
      },
    );
  });
});
