/**
 * Every way an operation can end badly, in one table. `retryable` says whether the same read could
 * succeed later; a write is never repeated blindly whatever it says. `next` is what a person does.
 */
export const ERRORS = {
  USAGE: {
    retryable: false,
    title: 'The command was not understood',
    next: 'Type it as the usage line shows.',
  },
  NOT_ALLOWED: {
    retryable: false,
    title: 'You may not do this',
    next: 'Ask somebody who holds the role named in the reason.',
  },
  NOT_FOUND: { retryable: false, title: 'No such change', next: 'Look the id up with `history`.' },
  GUARD: {
    retryable: false,
    title: 'The guard refused',
    next: 'Bring another member back first, or pick fewer members.',
  },
  STALE: {
    retryable: false,
    title: 'The device is no longer as it was planned',
    next: 'Ask again: the new plan shows the state of now.',
  },
  NOT_WAITING: {
    retryable: false,
    title: 'There is nothing to decide any more',
    next: 'The card of the change shows how it stands.',
  },
  WRONG_CARD: {
    retryable: false,
    title: 'This is not the plan that waits',
    next: 'Look at the newest card of the change and decide there.',
  },
  EXPIRED: { retryable: false, title: 'Too late', next: 'Ask again.' },
  TOO_MANY_OPEN: {
    retryable: false,
    title: 'Too many of your changes are waiting',
    next: 'Let them be approved, or cancel one.',
  },
  LANE_FULL: {
    retryable: true,
    title: 'Too many changes wait for this balancer already',
    next: 'Wait until it has caught up, and look at why it is so slow.',
  },
  FROZEN: {
    retryable: false,
    title: 'Writes are frozen',
    next: 'Wait for the end of the freeze, or have it lifted with `unfreeze`.',
  },
  CLAIMED: {
    retryable: false,
    title: 'Another change holds this member',
    next: 'Cancel that change first, or enable the member, which ends it.',
  },
  RATE_LIMITED: {
    retryable: false,
    title: 'Too many commands in a short time',
    next: 'Wait a minute.',
  },
  NOT_RETURNED: {
    retryable: false,
    title: 'A member did not come back by itself',
    next: 'Mend the member, then enable it.',
  },
  BAD_SIGNATURE: {
    retryable: false,
    title: 'The approval is not genuine',
    next: 'Look at who can write to Redis; ask again.',
  },
  FENCED: {
    retryable: false,
    title: 'Another worker took over',
    next: 'Nothing to do: that worker finishes the change.',
  },
  HANDED_BACK: {
    retryable: true,
    title: 'The worker is stopping',
    next: 'Nothing to do: another worker goes on.',
  },
  STORE_UNAVAILABLE: {
    retryable: true,
    title: 'Redis did not answer',
    next: 'Nothing is written without it; try again when it is back.',
  },
  DIRECTORY_UNAVAILABLE: {
    retryable: true,
    title: 'Slack did not say who you are',
    next: 'Try again; without an answer nobody is let in.',
  },
  CHANNEL_CLOSED: {
    retryable: false,
    title: 'The channel takes no message from the bot',
    next: 'Invite the bot to the channel; until then it writes to you directly.',
  },
  SLACK_UNAVAILABLE: {
    retryable: true,
    title: 'Slack did not take the message',
    next: 'Nothing to do: it is delivered later.',
  },
  UNREACHABLE: {
    retryable: true,
    title: 'The device could not be reached',
    next: 'See that the balancer runs and its socket exists.',
  },
  PERMISSION: {
    retryable: false,
    title: 'The device refused the command',
    next: 'Give the socket level admin (HAProxy: `stats socket … level admin`), or let the key in.',
  },
  HOST_KEY: {
    retryable: false,
    title: 'The host did not prove that it is the right one',
    next: 'Compare the fingerprint shown with the one on the host; only if they agree, put it into the inventory or known_hosts.',
  },
  TIMEOUT: {
    retryable: true,
    title: 'The device did not answer in time',
    next: 'See whether the balancer is frozen or overloaded.',
  },
  CUT_REPLY: {
    retryable: true,
    title: 'The device stopped in the middle of its answer',
    next: 'Try again; see the balancer log.',
  },
  TOO_LARGE: {
    retryable: false,
    title: 'The answer of the device is too large',
    next: 'See that the socket is the one of the balancer.',
  },
  UNEXPECTED_REPLY: {
    retryable: false,
    title: 'The device answered something unknown',
    next: 'The exact text is shown; look it up or report it.',
  },
  UNSUPPORTED: {
    retryable: false,
    title: 'The device cannot do this',
    next: 'See the support table in the README.',
  },
  NO_SUCH_POOL: {
    retryable: false,
    title: 'The device does not know this pool',
    next: 'Compare the inventory with the balancer configuration.',
  },
  NO_SUCH_MEMBER: {
    retryable: false,
    title: 'The device does not know this member',
    next: 'Pick one of the members shown by `status`.',
  },
  UNSAFE_NAME: {
    retryable: false,
    title: 'A name has characters that may not reach a device',
    next: 'Rename it on the balancer, or mend the inventory.',
  },
  OUTCOME_UNKNOWN: {
    retryable: false,
    title: 'The command was sent and nothing came back',
    next: 'Wait: the device is read again until it answers.',
  },
  NOT_VERIFIED: {
    retryable: false,
    title: 'The device took the command, but its state did not change',
    next: 'Look at the member on the device itself.',
  },
  ROLES_UNKNOWN: {
    retryable: true,
    title: 'It is not clear which node is MASTER',
    next: 'See to the pair first.',
  },
  INTERNAL: {
    retryable: false,
    title: 'A fault of lb-chatops itself',
    next: 'Report it with the id shown; the log has the rest.',
  },
} as const satisfies Record<string, { retryable: boolean; title: string; next: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** Something an operation met, with a stable code. The message says what was being done and to what. */
export class OperationError extends Error {
  readonly code: ErrorCode;
  /** When the other side named a time before which asking again is useless. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options?: { cause?: unknown; retryAfterMs?: number },
  ) {
    super(message, options);
    this.name = 'OperationError';
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** The same fault as plain data, for records and messages. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Turns whatever was thrown into data; what is not ours becomes INTERNAL. */
export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof OperationError) return { code: thrown.code, message: thrown.message };
  return { code: 'INTERNAL', message: thrown instanceof Error ? thrown.message : String(thrown) };
}
