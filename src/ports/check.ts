export type CheckResult =
  | { readonly reached: true; readonly ms: number }
  | {
      readonly reached: false;
      readonly reason: string;
      /** The look itself could not be made: that says nothing about the member. */
      readonly blind?: true;
    };

/** Our own look at a member, independent of what the balancer believes. */
export interface MemberCheck {
  /** Connects by TCP to address:port, and gives up after `withinMs` or its own patience; never throws. */
  reach(address: string, port: number, withinMs?: number): Promise<CheckResult>;
}
