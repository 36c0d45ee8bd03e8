import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../src/ports/log.ts';
import { type EmbeddedStore, startEmbeddedStore } from '../../src/store/embedded/start.ts';

let directory: string;
let endings: (() => unknown)[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lb-embedded-'));
  endings = [];
});

afterEach(async () => {
  for (const end of endings.reverse()) await end();
  rmSync(directory, { recursive: true, force: true });
});

const inFolder = (name: string) => join(directory, 'valkey', name);

async function start(options: { directory?: string; log?: Log } = {}): Promise<EmbeddedStore> {
  const store = await startEmbeddedStore({ directory, ...options });
  endings.push(() => store.stop());
  return store;
}

function clientOf(store: EmbeddedStore): Redis {
  const client = new Redis(store.socketPath, { retryStrategy: () => null });
  client.on('error', () => {});
  endings.push(() => client.disconnect());
  return client;
}

describe('the embedded store', () => {
  it('answers on a socket that only its user can open', async () => {
    const store = await start();
    expect(store.owner).toBe(true);
    expect(await clientOf(store).ping()).toBe('PONG');
    expect(statSync(store.socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(inFolder('.')).mode & 0o777).toBe(0o700);
  });

  it('brings keys and their expiry back after a restart', async () => {
    const before = await start();
    const client = clientOf(before);
    await client.set('lasting', 'é');
    await client.set('short', 'gone soon', 'PX', 60_000);
    await client.set('over', 'gone now', 'PX', 1);
    await client.xadd('stream', '1-1', 'field', 'value');
    await before.stop();

    const after = clientOf(await start());
    expect((await after.keys('*')).sort()).toEqual(['lasting', 'short', 'stream']);
    expect(await after.get('lasting')).toBe('é');
    expect(await after.pttl('lasting')).toBe(-1);
    const left = await after.pttl('short');
    expect(left).toBeGreaterThan(30_000);
    expect(left).toBeLessThanOrEqual(60_000);
    expect(await after.xlen('stream')).toBe(1);
  });

  it('writes a snapshot by itself soon after a change, enough to come back after a kill', async () => {
    const client = clientOf(await start());
    await client.set('change', 'approved');
    await expect.poll(() => existsSync(inFolder('valkey.snapshot')), { timeout: 5_000 }).toBe(true);

    // What a killed process leaves behind: the snapshot, and nothing else that counts.
    const copy = mkdtempSync(join(directory, 'copy-'));
    mkdirSync(join(copy, 'valkey'));
    copyFileSync(inFolder('valkey.snapshot'), join(copy, 'valkey', 'valkey.snapshot'));
    expect(await clientOf(await start({ directory: copy })).get('change')).toBe('approved');
  });

  it('has everything in the last snapshot that it acknowledged before it stopped', async () => {
    const store = await start();
    const acknowledged: string[] = [];
    const writers = [1, 2, 3].map(async (writer) => {
      const client = clientOf(store);
      for (let n = 0; ; n += 1) {
        try {
          await client.set(`${writer}-${n}`, 'x');
        } catch {
          return;
        }
        acknowledged.push(`${writer}-${n}`);
      }
    });
    await expect.poll(() => acknowledged.length).toBeGreaterThan(300);
    await Promise.all([store.stop(), ...writers]);

    const after = clientOf(await start());
    expect(await after.exists(...acknowledged)).toBe(acknowledged.length);
  });

  it('takes all keys of a snapshot at one moment', async () => {
    const store = await start();
    const client = clientOf(store);
    for (let n = 0; n < 500; n += 1) await client.set(`filler-${n}`, 'x');
    await client.lpush('lane-0', 'the only job');
    let moving = true;
    const mover = (async () => {
      for (let n = 0; moving; n = (n + 1) % 7) {
        await client.rpoplpush(`lane-${n}`, `lane-${(n + 1) % 7}`);
      }
    })();
    for (let n = 0; n < 5; n += 1) {
      await store.snapshot();
      const copy = mkdtempSync(join(directory, 'copy-'));
      mkdirSync(join(copy, 'valkey'));
      copyFileSync(inFolder('valkey.snapshot'), join(copy, 'valkey', 'valkey.snapshot'));
      expect(await clientOf(await start({ directory: copy })).keys('lane-*')).toHaveLength(1);
    }
    moving = false;
    await mover;
  });

  it('says in the log when a snapshot could not be written, and goes on', async () => {
    const said: string[] = [];
    const note = (message: string) => void said.push(message);
    const store = await start({
      log: { debug: () => {}, info: () => {}, warn: note, error: note },
    });
    mkdirSync(inFolder('valkey.snapshot.new'));
    const client = clientOf(store);
    await client.set('a', '1');
    await expect
      .poll(() => said, { timeout: 5_000 })
      .toContain('snapshot of the embedded store was not written');
    expect(await client.get('a')).toBe('1');
    rmSync(inFolder('valkey.snapshot.new'), { recursive: true });
    await expect.poll(() => existsSync(inFolder('valkey.snapshot')), { timeout: 5_000 }).toBe(true);
  });

  it('uses the descriptors of closed connections again', async () => {
    const store = await start();
    for (let n = 0; n < 100; n += 1) {
      const client = new Redis(store.socketPath);
      await client.ping();
      await client.quit();
    }
    const list = String(await clientOf(store).call('CLIENT', 'LIST'));
    const highest = Math.max(...[...list.matchAll(/\bfd=(\d+)/g)].map((match) => Number(match[1])));
    expect(highest).toBeLessThan(4096 + 20);
  });

  it('carries values larger than one read of a socket, both ways', async () => {
    const client = clientOf(await start());
    const value = 'x'.repeat(8_000_000);
    await client.set('large', value);
    expect(await client.get('large')).toBe(value);
  });
});

describe('a second start on the same directory', () => {
  it('joins the process that hosts the store and leaves it running', async () => {
    const owner = await start();
    const guest = await start();
    expect(guest.owner).toBe(false);
    await clientOf(owner).set('shared', 'yes');
    await guest.stop();
    expect(await clientOf(guest).get('shared')).toBe('yes');
  });

  it('finds one owner when several start at once', async () => {
    const stores = await Promise.all([start(), start(), start(), start()]);
    expect(stores.filter((store) => store.owner)).toHaveLength(1);
    for (const store of stores) expect(await clientOf(store).ping()).toBe('PONG');
  });

  it('replaces the socket and the start lock that a killed process left', async () => {
    mkdirSync(inFolder('.'));
    const script = `require('fs').symlinkSync(String(process.pid), process.argv[2]);
      require('net').createServer().listen(process.argv[1], () => console.log('up'));`;
    const killed = spawn(process.execPath, [
      '-e',
      script,
      inFolder('valkey.sock'),
      inFolder('starting'),
    ]);
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(existsSync(inFolder('valkey.sock'))).toBe(true);

    const store = await start();
    expect(store.owner).toBe(true);
    expect(await clientOf(store).ping()).toBe('PONG');
  });

  it('refuses to host beside a process that holds the socket and is silent', async () => {
    mkdirSync(inFolder('.'));
    const frozen = createServer(() => {});
    frozen.listen(inFolder('valkey.sock'));
    await once(frozen, 'listening');
    endings.push(() => frozen.close());
    await expect(start()).rejects.toThrow('gave no answer within 2 s');
    expect(existsSync(inFolder('starting'))).toBe(false);
  });
});

describe('a start that cannot work', () => {
  it.each(['', 'half a snapsh', 'lb-chatops store snapshot 1 00\nYQ== -1 AMAB'])(
    'refuses the damaged snapshot %j and leaves it as it is',
    async (text) => {
      mkdirSync(inFolder('.'));
      writeFileSync(inFolder('valkey.snapshot'), text);
      await expect(start()).rejects.toThrow('not a whole snapshot');
      expect(statSync(inFolder('valkey.snapshot')).size).toBe(text.length);
      expect(existsSync(inFolder('valkey.sock'))).toBe(false);
    },
  );

  it('names the limit when the directory is too long for a socket', async () => {
    const long = join(directory, 'x'.repeat(100));
    await expect(start({ directory: long })).rejects.toThrow('choose a shorter data directory');
  });
});

describe('BullMQ on the embedded store', () => {
  it('runs jobs, and a delayed job survives a restart', async () => {
    const first = await start();
    const queue = new Queue('lane', { connection: { path: first.socketPath }, prefix: '{lb}' });
    queue.on('error', () => {});
    const ran: string[] = [];
    const worker = new Worker('lane', async (job) => void ran.push(job.name), {
      connection: { path: first.socketPath },
      prefix: '{lb}',
    });
    worker.on('error', () => {});
    await queue.add('apply', {});
    await expect.poll(() => ran).toEqual(['apply']);
    await worker.close();
    await queue.add('bring back', {}, { delay: 400 });
    await queue.close();
    await first.stop();

    const second = await start();
    const later = new Worker('lane', async (job) => void ran.push(job.name), {
      connection: { path: second.socketPath },
      prefix: '{lb}',
    });
    later.on('error', () => {});
    endings.push(() => later.close());
    await expect.poll(() => ran, { timeout: 5_000 }).toEqual(['apply', 'bring back']);
  });
});
