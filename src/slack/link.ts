import type { Receiver } from '@slack/bolt';

/** How deliveries come in: by Socket Mode or by signed HTTP. */
export interface SlackLink {
  readonly receiver: Receiver;
  /** Throws an OperationError of one clear line when it cannot be opened. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** True while deliveries can arrive. */
  connected(): boolean;
  /** Where Slack must send deliveries, as seen from this machine; undefined where the bot itself calls Slack. */
  url(): string | undefined;
}
