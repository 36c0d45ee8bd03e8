import { randomUUID } from 'node:crypto';
import type { Settings } from './options.ts';
import type { Outgoing } from './payloads.ts';
import { type AppReply, postSigned } from './signed-http.ts';
import type { SocketMode } from './socket-mode.ts';
import { type Delivery, SlackRefusal } from './wire.ts';
import type { Workspace } from './workspace.ts';

/** Hands commands, clicks and events to the app, and keeps what was handed over. */
export class Deliveries {
  readonly #settings: Settings;
  readonly #workspace: Workspace;
  readonly #sockets: SocketMode;

  constructor(settings: Settings, workspace: Workspace, sockets: SocketMode) {
    this.#settings = settings;
    this.#workspace = workspace;
    this.#sockets = sockets;
  }

  /** True when somebody is there to receive. */
  get connected(): boolean {
    return this.#settings.requestUrl !== undefined || this.#sockets.size > 0;
  }

  async deliver(outgoing: Outgoing): Promise<AppReply> {
    const delivery: Delivery = {
      index: this.#workspace.deliveries.length,
      envelopeId: randomUUID(),
      type: outgoing.type,
      payload: outgoing.payload,
      at: this.#settings.now(),
      attempts: [],
    };
    this.#workspace.deliveries.push(delivery);
    return this.#attempt(delivery, outgoing.signature ?? 'good');
  }

  /** The same payload once more, as when Slack did not see the acknowledgement. */
  async redeliver(index: number): Promise<AppReply> {
    const delivery = this.#workspace.deliveries[index];
    if (delivery === undefined) throw new SlackRefusal('delivery_not_found');
    return this.#attempt(delivery, 'good');
  }

  async #attempt(delivery: Delivery, signature: 'good' | 'wrong' | 'stale'): Promise<AppReply> {
    const { requestUrl, signingSecret, ackTimeoutMs, now } = this.#settings;
    const { type, payload, envelopeId } = delivery;
    const retry = delivery.attempts.length;
    // The page waits with the person who typed, in real time, whatever the injected clock says.
    const started = performance.now();
    const reply =
      requestUrl === undefined
        ? await this.#sockets.send({ envelopeId, type, payload, retry })
        : await postSigned({
            url: requestUrl,
            type,
            payload,
            signingSecret,
            timeoutMs: ackTimeoutMs,
            now: now(),
            signature,
            retry,
          });
    const { acknowledged, status, error } = reply;
    const reached = error === 'not connected' ? 'none' : 'socket';
    delivery.attempts.push({
      via: requestUrl === undefined ? reached : 'http',
      ms: Math.round(performance.now() - started),
      acknowledged,
      ...(status !== undefined && { status }),
      ...(error !== undefined && { error }),
    });
    return reply;
  }
}
