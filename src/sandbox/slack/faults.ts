/** A misbehaviour of Slack, asked for by a test or a person. */
export interface FaultRequest {
  /** A Web API method, `response_url`, or `*` for any. */
  readonly method: string;
  /** How many calls it hits; default 1. */
  readonly times?: number | undefined;
  /** Only calls with this `channel`. */
  readonly channel?: string | undefined;
  /** Wait before anything else is done (or, with `after`, before the reply). */
  readonly delayMs?: number | undefined;
  /** Cut the connection instead of replying. */
  readonly drop?: boolean | undefined;
  /** HTTP status of the reply. */
  readonly status?: number | undefined;
  /** Slack's error code in the reply. */
  readonly error?: string | undefined;
  /** Seconds, sent as `Retry-After`. */
  readonly retryAfter?: number | undefined;
  /** The call takes effect first: a message that arrived although the client saw a failure. */
  readonly after?: boolean | undefined;
}

/** The faults still to come, oldest first. */
export class Faults {
  #waiting: { readonly fault: FaultRequest; left: number }[] = [];

  add(fault: FaultRequest): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The fault that hits this call, used up by one. */
  take(method: string, channel: string | undefined): FaultRequest | undefined {
    const hit = this.#waiting.find(
      ({ fault }) =>
        (fault.method === method || fault.method === '*') &&
        (fault.channel === undefined || fault.channel === channel),
    );
    if (hit === undefined) return undefined;
    hit.left -= 1;
    if (hit.left <= 0) this.#waiting = this.#waiting.filter((waiting) => waiting !== hit);
    return hit.fault;
  }
}

/** What a reply to the app's call looks like on the wire. */
export type Reply =
  | {
      readonly kind: 'json';
      readonly status: number;
      readonly body: object;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'drop' };

/**
 * Runs a call under a fault: the fault decides whether the call takes effect, how long the reply
 * takes and what it says.
 */
export async function runWithFault(
  fault: FaultRequest,
  run: () => Promise<Reply> | Reply,
): Promise<Reply> {
  const done = fault.after ? await run() : undefined;
  if (fault.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  if (fault.drop) return { kind: 'drop' };
  if (fault.status !== undefined || fault.error !== undefined || fault.retryAfter !== undefined) {
    const status = fault.status ?? (fault.retryAfter === undefined ? 200 : 429);
    return {
      kind: 'json',
      status,
      body: { ok: false, error: fault.error ?? (status === 429 ? 'ratelimited' : 'fatal_error') },
      ...(fault.retryAfter !== undefined && {
        headers: { 'retry-after': String(fault.retryAfter) },
      }),
    };
  }
  return done ?? run();
}
