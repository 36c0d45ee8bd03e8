/** Leave to send one write; later than this (in `performance.now()` milliseconds) it must not be sent. */
export interface SendPermit {
  readonly validUntilMs: number;
}

export interface ExchangeOptions {
  /** Begins every error message, for instance `Reading backend web on ha-1`. */
  readonly doing: string;
  /** Ends the exchange from outside. */
  readonly signal: AbortSignal;
  /** Tells a whole reply from one that was cut off; asked once, when the device has closed its side. */
  readonly isWhole: (reply: string) => boolean;
  /**
   * Present for commands that change something. Asked when the connection stands, right before the
   * command is sent; what it throws is passed on, and then nothing was sent.
   */
  readonly gate?: () => Promise<SendPermit>;
}

/** Questions change nothing, so they need no leave. */
export type QuestionOptions = Omit<ExchangeOptions, 'gate'>;

/**
 * One command line to a device, its whole reply back. How the bytes travel is the implementation's
 * business: adapters know this interface only.
 *
 * Throws `OperationError`: UNSAFE_NAME (more than one command in the line), UNREACHABLE, PERMISSION,
 * TIMEOUT, CUT_REPLY, TOO_LARGE; FENCED when the permit was too old. With a gate, whatever goes wrong
 * after the first byte left is OUTCOME_UNKNOWN: the device may still execute the command.
 */
export interface RuntimeSocket {
  exchange(command: string, options: ExchangeOptions): Promise<string>;
  /**
   * Several commands that only read, in one exchange, from one connection and so from one process: their answers,
   * one behind the other. Throws as `exchange` does; UNSAFE_NAME also for a command that is no question.
   */
  ask(questions: readonly string[], options: QuestionOptions): Promise<string>;
  /** Ends every exchange under way and refuses new ones. */
  close(): Promise<void>;
}
