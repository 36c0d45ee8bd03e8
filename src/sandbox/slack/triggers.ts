import { randomBytes } from 'node:crypto';
import { SlackRefusal } from './wire.ts';

const FORGET_AFTER_MS = 10 * 60_000;

/** The `trigger_id` of a command or click: good once, for three seconds, to open a modal. */
export class Triggers {
  readonly #ttlMs: number;
  readonly #now: () => number;
  readonly #issued = new Map<
    string,
    { readonly user: string; readonly at: number; used: boolean }
  >();

  constructor(settings: { triggerTtlMs: number; now: () => number }) {
    this.#ttlMs = settings.triggerTtlMs;
    this.#now = settings.now;
  }

  issue(user: string): string {
    const bytes = randomBytes(20);
    const id = `${this.#now()}.${bytes.readUInt32BE()}.${bytes.toString('hex', 4)}`;
    for (const [old, { at }] of this.#issued) {
      if (this.#now() - at <= FORGET_AFTER_MS) break;
      this.#issued.delete(old);
    }
    this.#issued.set(id, { user, at: this.#now(), used: false });
    return id;
  }

  /** The user it was issued to. Throws SlackRefusal when it is unknown, used or too old. */
  exchange(id: string): string {
    const trigger = this.#issued.get(id);
    if (trigger === undefined) throw new SlackRefusal('invalid_trigger_id');
    if (trigger.used) throw new SlackRefusal('exchanged_trigger_id');
    if (this.#now() - trigger.at > this.#ttlMs) throw new SlackRefusal('expired_trigger_id');
    trigger.used = true;
    return trigger.user;
  }
}
