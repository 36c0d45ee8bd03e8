import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Settings } from './options.ts';
import type { AppReply } from './signed-http.ts';
import { isObject, type JsonObject } from './wire.ts';

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled';

/** Slack allows an app ten connections at a time. */
const SOCKETS_MAX = 10;
const TICKET_TTL_MS = 30_000;
const MESSAGE_BYTES_MAX = 1_000_000;

interface Connection {
  readonly socket: WebSocket;
  /** Told to go: gets nothing more while another one is there. */
  leaving: boolean;
}

/** The server side of Socket Mode: hello, envelopes in turn to each socket, acknowledgements, pings. */
export class SocketMode {
  readonly #settings: Settings;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX });
  readonly #connections = new Set<Connection>();
  readonly #tickets = new Map<string, number>();
  /** By envelope; a redelivery waits behind the attempt before it. */
  readonly #waiting = new Map<string, ((answer: JsonObject) => void)[]>();
  readonly #pinger: NodeJS.Timeout;
  readonly #changed: () => void;
  #turn = 0;

  constructor(settings: Settings, changed: () => void) {
    this.#settings = settings;
    this.#changed = changed;
    this.#pinger = setInterval(() => {
      for (const { socket } of this.#connections) socket.ping();
    }, settings.socketPingMs);
    this.#pinger.unref();
  }

  /** Connections now. */
  get size(): number {
    return this.#connections.size;
  }

  /** Path and query for one connection, good once. */
  openPath(): string {
    const ticket = randomUUID();
    const now = this.#settings.now();
    for (const [old, at] of this.#tickets) {
      if (now - at > TICKET_TTL_MS) this.#tickets.delete(old);
    }
    this.#tickets.set(ticket, now);
    return `/link?ticket=${ticket}&app_id=${this.#settings.app.id}`;
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    if (!this.#tickets.delete(query.get('ticket') ?? '')) {
      stream.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#welcome(socket));
  }

  /** Sends one envelope and waits for its acknowledgement, at most `ackTimeoutMs`. */
  async send(envelope: {
    envelopeId: string;
    type: string;
    payload: JsonObject;
    retry: number;
  }): Promise<AppReply> {
    const connection = this.#next();
    if (connection === undefined) return { acknowledged: false, error: 'not connected' };
    const { envelopeId, type, payload, retry } = envelope;
    const answered = new Promise<AppReply>((resolve) => {
      const queue = this.#waiting.get(envelopeId) ?? [];
      this.#waiting.set(envelopeId, queue);
      const settle = (reply: AppReply) => {
        clearTimeout(timer);
        queue.splice(queue.indexOf(take), 1);
        if (queue.length === 0) this.#waiting.delete(envelopeId);
        resolve(reply);
      };
      const take = (answer: JsonObject) => {
        const body = Object.keys(answer).length > 0 ? { body: answer } : {};
        settle({ acknowledged: true, ...body });
      };
      const timer = setTimeout(
        () => settle({ acknowledged: false, error: 'timeout' }),
        this.#settings.ackTimeoutMs,
      );
      queue.push(take);
    });
    connection.socket.send(
      JSON.stringify({
        envelope_id: envelopeId,
        type,
        payload,
        accepts_response_payload: type !== 'events_api',
        ...(retry > 0 && { retry_attempt: retry, retry_reason: 'timeout' }),
      }),
    );
    return answered;
  }

  /** Asks every socket to go, as Slack does every few hours. The client closes it and comes again. */
  disconnect(reason: DisconnectReason): void {
    for (const connection of this.#connections) {
      connection.leaving = reason !== 'warning';
      connection.socket.send(
        JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'local' } }),
      );
    }
  }

  /** Cuts every connection without a word, as a broken network does. */
  cut(): void {
    for (const { socket } of this.#connections) socket.terminate();
  }

  close(): void {
    clearInterval(this.#pinger);
    this.cut();
    this.#server.close();
  }

  #welcome(socket: WebSocket): void {
    if (this.#connections.size >= SOCKETS_MAX) {
      socket.close(1008, 'too_many_websockets');
      return;
    }
    const connection: Connection = { socket, leaving: false };
    this.#connections.add(connection);
    // A reset shows up as `close` as well; without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#connections.delete(connection);
      this.#changed();
    });
    socket.on('message', (data) => this.#receive(data));
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.#connections.size,
        connection_info: { app_id: this.#settings.app.id },
        debug_info: { host: 'local', approximate_connection_time: 18_060 },
      }),
    );
    this.#changed();
  }

  #receive(data: RawData): void {
    let message: unknown;
    try {
      message = JSON.parse(String(data));
    } catch {
      return;
    }
    if (!isObject(message)) return;
    const { envelope_id, payload } = message;
    this.#waiting.get(String(envelope_id))?.[0]?.(payloadOf(payload));
  }

  #next(): Connection | undefined {
    const open = [...this.#connections].filter(({ socket }) => socket.readyState === socket.OPEN);
    const staying = open.filter(({ leaving }) => !leaving);
    const candidates = staying.length > 0 ? staying : open;
    this.#turn += 1;
    return candidates[this.#turn % Math.max(1, candidates.length)];
  }
}

function payloadOf(payload: unknown): JsonObject {
  if (typeof payload === 'string') return payload === '' ? {} : { text: payload };
  return isObject(payload) ? payload : {};
}
