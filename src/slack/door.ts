import { randomBytes } from 'node:crypto';
import { type AckFn, App, type AppOptions, type ReceiverEvent } from '@slack/bolt';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { type Delivery, deliveryOf } from './delivery.ts';
import { whyForeign, whyRefused } from './gate.ts';
import type { SlackIdentity } from './identity.ts';
import type { Tell } from './tell.ts';

export interface DoorOptions {
  readonly identity: SlackIdentity;
  readonly log: Log;
  readonly clock: Clock;
  readonly tell: Tell;
}

/**
 * Bolt's app behind a door that every delivery passes, whatever receiver it came by. It refuses strangers,
 * acknowledges exactly once, turns a fault into an answer, and counts what is under way.
 */
export class GuardedApp extends App {
  readonly #door: DoorOptions;
  #underWay = 0;
  #closed = false;
  #idle: (() => void) | undefined;

  constructor(app: AppOptions, door: DoorOptions) {
    super(app);
    this.#door = door;
    // Bolt's own handler logs the fault and throws it; here it is logged once, at the door.
    this.error((fault) => Promise.reject(fault));
  }

  override async processEvent(event: ReceiverEvent): Promise<void> {
    this.#underWay += 1;
    const ack = new SingleAck(event.ack);
    const delivery = deliveryOf(event.body);
    try {
      const reason = this.#reasonAgainst(delivery);
      if (reason === undefined) await super.processEvent({ ...event, ack: ack.send });
      else await this.#refuse(delivery, ack, reason);
    } catch (thrown) {
      await this.#explain(delivery, ack, thrown);
    } finally {
      // Nobody listens for this kind: unacknowledged, it would look like an outage to its sender.
      if (!ack.sent) await ack.send().catch(() => undefined);
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#idle?.();
    }
  }

  /** Refuses new deliveries and waits for those under way, at most `graceMs`. Returns how many are left. */
  async drain(graceMs: number): Promise<number> {
    this.#closed = true;
    if (this.#underWay > 0) {
      const done = new AbortController();
      const idle = new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
      await Promise.race([idle, this.#door.clock.sleep(graceMs, done.signal)]);
      done.abort();
    }
    return this.#underWay;
  }

  #reasonAgainst(delivery: Delivery): string | undefined {
    // An event changes nothing: it is taken to the end, and only what is not for this bot is dropped.
    if (delivery.kind === 'event') return whyForeign(delivery, this.#door.identity);
    return this.#closed
      ? 'The bot is being restarted; try again in a moment.'
      : whyRefused(delivery, this.#door.identity);
  }

  async #refuse(delivery: Delivery, ack: SingleAck, reason: string): Promise<void> {
    const { kind, appId, teamId, userTeamId, userId, channelId } = delivery;
    this.#door.log.warn('A delivery was refused', {
      reason,
      kind,
      appId,
      teamId,
      userTeamId,
      userId,
      channelId,
    });
    await this.#answer(delivery, ack, `⊘ Nothing was changed. ${reason}`);
  }

  async #explain(delivery: Delivery, ack: SingleAck, thrown: unknown): Promise<void> {
    const fault = randomBytes(4).toString('hex');
    this.#door.log.error('A delivery failed', {
      fault,
      kind: delivery.kind,
      userId: delivery.userId,
      error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    });
    await this.#answer(
      delivery,
      ack,
      `✗ A fault of lb-chatops itself; whether anything was taken is shown by \`history\`. The log has the rest under ${fault}.`,
    );
  }

  async #answer(delivery: Delivery, ack: SingleAck, text: string): Promise<void> {
    if (delivery.kind === 'command' && !ack.sent) {
      try {
        return await ack.send({ response_type: 'ephemeral', text });
      } catch {
        // The socket is gone; the Web API may still reach the person.
      }
    }
    if (!ack.sent) await ack.send().catch(() => undefined);
    if (delivery.kind === 'command' || delivery.kind === 'click') {
      await this.#door.tell(delivery, text);
    }
  }
}

/** Two acknowledgements are a fault by HTTP and a warning by socket: the second is never sent. */
class SingleAck {
  sent = false;
  readonly send: AckFn<unknown>;

  constructor(ack: AckFn<unknown>) {
    this.send = async (response?: unknown) => {
      if (this.sent) return;
      this.sent = true;
      await ack(response);
    };
  }
}
