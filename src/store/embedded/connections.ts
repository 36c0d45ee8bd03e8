import type { Socket } from 'node:net';

/** Descriptors of sockets start here; the number is compiled into the wasm. */
const FIRST_DESCRIPTOR = 4096;
const READABLE = 1;
const WRITABLE = 2;
const NOTHING_NOW = -1;
const END_OF_STREAM = 0;
/** A client that sends faster than the server reads is paused here. */
const unreadBytesMax = 4 * 1024 * 1024;

interface Connection {
  readonly socket: Socket;
  readonly unread: Buffer[];
  unreadBytes: number;
  /** How much of `unread[0]` the server has taken. */
  offset: number;
  ended: boolean;
  congested: boolean;
}

/** The six socket calls the wasm imports as module `host`. Addresses are offsets into its memory. */
export interface HostCalls {
  socket(): number;
  listen(descriptor: number): number;
  accept(): number;
  read(descriptor: number, address: number, length: number): number;
  write(descriptor: number, address: number, length: number): number;
  close(descriptor: number): void;
  poll(wanted: number, count: number, ready: number, readyMax: number): number;
}

/**
 * Sockets as the wasm sees them: numbered descriptors that never block. Numbers are used again after a
 * close, as the server's tables are sized by the highest one.
 */
export class Connections {
  readonly #open = new Map<number, Connection>();
  readonly #waiting: number[] = [];
  readonly #free: number[] = [];
  readonly #memory: () => ArrayBuffer;
  readonly #wake: () => void;
  #next = FIRST_DESCRIPTOR;
  #listener = -1;

  /** `memory` is asked anew each time, as it moves when it grows; `wake` is called when there is work. */
  constructor(memory: () => ArrayBuffer, wake: () => void) {
    this.#memory = memory;
    this.#wake = wake;
  }

  /** Takes a client that just connected. */
  add(socket: Socket): void {
    const connection: Connection = {
      socket,
      unread: [],
      unreadBytes: 0,
      offset: 0,
      ended: false,
      congested: false,
    };
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      connection.unread.push(bytes);
      connection.unreadBytes += bytes.length;
      if (connection.unreadBytes > unreadBytesMax) socket.pause();
      this.#wake();
    });
    socket.on('drain', () => {
      connection.congested = false;
      this.#wake();
    });
    // `close` follows and is what the server is told.
    socket.on('error', () => {});
    socket.on('close', () => {
      connection.ended = true;
      this.#wake();
    });
    const descriptor = this.#allocate();
    this.#open.set(descriptor, connection);
    this.#waiting.push(descriptor);
    this.#wake();
  }

  destroyAll(): void {
    for (const { socket } of this.#open.values()) socket.destroy();
  }

  get calls(): HostCalls {
    return {
      socket: () => this.#allocate(),
      listen: (descriptor) => {
        this.#listener = descriptor;
        return 0;
      },
      accept: () => this.#waiting.shift() ?? NOTHING_NOW,
      read: (descriptor, address, length) => this.#read(descriptor, address, length),
      write: (descriptor, address, length) => this.#write(descriptor, address, length),
      close: (descriptor) => this.#close(descriptor),
      poll: (wanted, count, ready, readyMax) => this.#poll(wanted, count, ready, readyMax),
    };
  }

  #allocate(): number {
    const again = this.#free.pop();
    if (again !== undefined) return again;
    this.#next += 1;
    return this.#next - 1;
  }

  #read(descriptor: number, address: number, length: number): number {
    const connection = this.#open.get(descriptor);
    if (!connection) return NOTHING_NOW;
    if (connection.unread.length === 0) return connection.ended ? END_OF_STREAM : NOTHING_NOW;
    const memory = new Uint8Array(this.#memory());
    let taken = 0;
    for (let head = connection.unread[0]; head && taken < length; head = connection.unread[0]) {
      const part = head.subarray(
        connection.offset,
        Math.min(head.length, connection.offset + length - taken),
      );
      memory.set(part, address + taken);
      taken += part.length;
      connection.offset += part.length;
      if (connection.offset < head.length) break;
      connection.unread.shift();
      connection.offset = 0;
    }
    connection.unreadBytes -= taken;
    if (connection.socket.isPaused() && connection.unreadBytes <= unreadBytesMax) {
      connection.socket.resume();
    }
    return taken;
  }

  #write(descriptor: number, address: number, length: number): number {
    const connection = this.#open.get(descriptor);
    if (!connection || connection.ended) return NOTHING_NOW;
    // A copy: the socket sends later, when this memory holds something else.
    const bytes = Buffer.from(new Uint8Array(this.#memory(), address, length));
    if (!connection.socket.write(bytes)) connection.congested = true;
    return length;
  }

  #close(descriptor: number): void {
    const connection = this.#open.get(descriptor);
    if (!connection) return;
    connection.socket.destroySoon();
    this.#open.delete(descriptor);
    this.#free.push(descriptor);
  }

  /** `wanted` lists `count` pairs (descriptor, mask); the ready ones are written to `ready` likewise. */
  #poll(wanted: number, count: number, ready: number, readyMax: number): number {
    const memory = new DataView(this.#memory());
    let found = 0;
    for (let index = 0; index < count && found < readyMax; index += 1) {
      const descriptor = memory.getInt32(wanted + index * 8, true);
      const mask = memory.getInt32(wanted + index * 8 + 4, true) & this.#readiness(descriptor);
      if (mask === 0) continue;
      memory.setInt32(ready + found * 8, descriptor, true);
      memory.setInt32(ready + found * 8 + 4, mask, true);
      found += 1;
    }
    return found;
  }

  #readiness(descriptor: number): number {
    if (descriptor === this.#listener) return this.#waiting.length > 0 ? READABLE : 0;
    const connection = this.#open.get(descriptor);
    if (!connection) return 0;
    const readable = connection.unread.length > 0 || connection.ended ? READABLE : 0;
    return readable | (connection.congested ? 0 : WRITABLE);
  }
}
