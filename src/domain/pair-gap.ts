/** A member that a change gave to one node of a pair only, until the node that was left out shows the same. */
export interface PairGap {
  readonly pair: string;
  /** Name of the service as the inventory has it. */
  readonly service: string;
  readonly pool: string;
  readonly member: string;
  /** The node that was changed. */
  readonly changed: string;
  /** The node that was not. */
  readonly leftOut: string;
  readonly changeId: string;
  /** Slack user id of whoever asked. */
  readonly actor: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** It did not answer when it was last looked at: people hear of it when it is back. */
  readonly isAway: boolean;
}
