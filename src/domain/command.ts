/** What a person asked for, after parsing: names are still as typed, nothing is resolved against a device. */
export type WriteVerb = 'disable' | 'enable' | 'drain' | 'offline' | 'weight' | SwitchVerb;

/** Verbs of a pair: the MASTER gives way to the other node, or takes back what it gave. */
export type SwitchVerb = 'failover' | 'failback';

/** A weight as typed: a number from 0 to 256, or a share of the configured weight. */
export type WantedWeight =
  | { readonly unit: 'absolute'; readonly value: number }
  | { readonly unit: 'percent'; readonly value: number };

/** What a drain waits for and what follows. */
export interface UntilIdle {
  /** Longest wait in ms; the product's own limit when absent. */
  readonly withinMs?: number;
  readonly afterwards: 'disable' | 'remove' | 'keep' | 'go back';
}

/** A request to change members. */
export interface ChangeCommand {
  readonly verb: WriteVerb;
  /** With `failover` and `failback`, the pair. */
  readonly service: string;
  /** As typed: address, address:port or name. At least one, no duplicates. With `failover` and `failback`, the pair. */
  readonly members: readonly string[];
  /** Only on this balancer of the inventory, instead of everywhere the service lives. */
  readonly on?: string;
  readonly reason?: string;
  /** What becomes of the first node of a pair when the second fails. */
  readonly ifPairFails: 'put back' | 'keep half';
  /** Only with `weight`. */
  readonly weight?: WantedWeight;
  /** Only with `drain`. */
  readonly until?: UntilIdle;
  /** Comes back by itself after this time, in ms. Not with `enable`. */
  readonly forMs?: number;
  /** `disable … now`: no drain before it, whoever is moved by that. */
  readonly now?: boolean;
  /** Skips the waiting for approval; needs its own role and a reason. */
  readonly breakGlass?: boolean;
}

/** A decision about a change that waits, or one that is at rest until its time is over. */
export interface DecisionCommand {
  readonly verb: 'approve' | 'deny' | 'cancel' | 'extend' | 'acknowledge';
  readonly changeId: string;
  /** First four hex characters of the plan's digest: what the approver saw. Only for `approve`. */
  readonly digestPrefix?: string;
  /** Only for `extend`: how much longer, in ms. */
  readonly forMs?: number;
}

/** Stops or allows writes, of one service or of all. */
export type FreezeCommand =
  | {
      readonly verb: 'freeze';
      readonly service?: string;
      /** Until somebody says `unfreeze` when absent. */
      readonly forMs?: number;
      readonly reason: string;
    }
  | { readonly verb: 'unfreeze'; readonly service?: string };

/** A question; answered to the asker alone. */
export type QuestionCommand =
  | { readonly verb: 'status'; readonly service?: string }
  | { readonly verb: 'pools' }
  /** What stands in for each other, side by side: where a service lives, or a whole pair. */
  | { readonly verb: 'compare'; readonly service: string }
  | { readonly verb: 'compare'; readonly pair: string }
  | { readonly verb: 'history'; readonly service?: string; readonly pair?: string }
  | { readonly verb: 'whoami' };

export interface HelpCommand {
  readonly verb: 'help';
  readonly about?: string;
}

export type Command =
  | ChangeCommand
  | DecisionCommand
  | FreezeCommand
  | QuestionCommand
  | HelpCommand;
export type Verb = Command['verb'];

const CHANGES: readonly Verb[] = [
  'disable',
  'enable',
  'drain',
  'offline',
  'weight',
  'failover',
  'failback',
];
const DECISIONS: readonly Verb[] = ['approve', 'deny', 'cancel', 'extend', 'acknowledge'];

export function isSwitch(verb: WriteVerb): verb is SwitchVerb {
  return verb === 'failover' || verb === 'failback';
}

export function isChange(command: Command): command is ChangeCommand {
  return CHANGES.includes(command.verb);
}

export function isDecision(command: Command): command is DecisionCommand {
  return DECISIONS.includes(command.verb);
}

export function isFreeze(command: Command): command is FreezeCommand {
  return command.verb === 'freeze' || command.verb === 'unfreeze';
}

export function isQuestion(command: Command): command is QuestionCommand {
  return (
    !isChange(command) && !isDecision(command) && !isFreeze(command) && command.verb !== 'help'
  );
}
