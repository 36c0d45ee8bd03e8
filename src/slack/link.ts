import type { Receiver } from '@slack/bolt';

/** How deliveries come in: Socket Mode today; signed HTTP would be another. */
export interface SlackLink {
  readonly receiver: Receiver;
  /** Throws an OperationError of one clear line when it cannot be opened. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** True while deliveries can arrive. */
  connected(): boolean;
}
