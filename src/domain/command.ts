/** What a person asked for, after parsing: names are still as typed, nothing is resolved against a device. */
export type WriteVerb = 'disable' | 'enable';

/** A request to change members. */
export interface ChangeCommand {
  readonly verb: WriteVerb;
  readonly service: string;
  /** As typed: address, address:port or name. At least one, no duplicates. */
  readonly members: readonly string[];
  /** Only on this balancer of the inventory, instead of everywhere the service lives. */
  readonly on?: string;
  readonly reason?: string;
  /** What becomes of the first node of a pair when the second fails. */
  readonly ifPairFails: 'put back' | 'keep half';
}

/** A decision about a change that waits for approval. */
export interface DecisionCommand {
  readonly verb: 'approve' | 'deny' | 'cancel';
  readonly changeId: string;
  /** First four hex characters of the plan's digest: what the approver saw. Only for `approve`. */
  readonly digestPrefix?: string;
}

/** A question; answered to the asker alone. */
export type QuestionCommand =
  | { readonly verb: 'status'; readonly service?: string }
  | { readonly verb: 'pools' }
  | { readonly verb: 'history'; readonly service?: string }
  | { readonly verb: 'whoami' };

export interface HelpCommand {
  readonly verb: 'help';
  readonly about?: string;
}

export type Command = ChangeCommand | DecisionCommand | QuestionCommand | HelpCommand;
export type Verb = Command['verb'];

export function isChange(command: Command): command is ChangeCommand {
  return command.verb === 'disable' || command.verb === 'enable';
}

export function isDecision(command: Command): command is DecisionCommand {
  return command.verb === 'approve' || command.verb === 'deny' || command.verb === 'cancel';
}

export function isQuestion(command: Command): command is QuestionCommand {
  return !isChange(command) && !isDecision(command) && command.verb !== 'help';
}
