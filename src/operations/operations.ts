import type { Actor } from '../domain/actor.ts';
import type { ChangeState, Origin } from '../domain/change.ts';
import type {
  ChangeCommand,
  DecisionCommand,
  FreezeCommand,
  QuestionCommand,
  Verb,
} from '../domain/command.ts';
import type { Fault } from '../domain/errors.ts';
import type { DriftChoice, DriftVerb } from '../domain/incident.ts';

/** Who asks, from where, and the id that makes two deliveries of one command the same command. */
export interface Asker {
  readonly actor: Actor;
  readonly origin: Origin;
  /** Slack: `<team>.<trigger_id>`; shell: a random id made once per invocation. */
  readonly deliveryId: string;
}

/** The answer to a command, before any device was looked at. */
export type Receipt =
  | {
      readonly kind: 'accepted';
      /** Id of the change or of the question. */
      readonly id: string;
      /** Slack channel in which the card will appear. */
      readonly channel?: string;
      /** True when this delivery repeats one that was taken before. */
      readonly again: boolean;
    }
  /** Nothing was queued and nothing will change. */
  | { readonly kind: 'refused'; readonly fault: Fault }
  /** Redis did not answer in time: it may or may not be queued; the outcome will be told. */
  | { readonly kind: 'unknown'; readonly id: string };

/** The answer to a click or to approve, deny, cancel. */
export type DecisionReply =
  | { readonly kind: 'taken'; readonly changeId: string; readonly state: ChangeState }
  | { readonly kind: 'refused'; readonly fault: Fault };

/** What somebody chooses to become of a member that was changed by hand. */
export interface DriftDecision {
  readonly verb: DriftVerb;
  readonly incidentId: string;
}

/** The answer to such a choice. */
export type DriftReply =
  /** `changeId` of the change that restores it; `isKnown` false when Redis did not say whether it was queued. */
  | { readonly kind: 'taken'; readonly changeId?: string; readonly isKnown: boolean }
  /** Somebody was faster. */
  | { readonly kind: 'late'; readonly choice: DriftChoice }
  | { readonly kind: 'refused'; readonly fault: Fault };

/** The answer to freeze and unfreeze; `text` is plain. */
export type FreezeReply =
  | { readonly kind: 'taken'; readonly text: string }
  | { readonly kind: 'refused'; readonly fault: Fault };

export interface Decision extends DecisionCommand {
  /** For a click: timestamp of the message that carried the button. */
  readonly cardTs?: string;
}

/**
 * What Slack and the shell may call. Nothing here reads a device. `change` and `ask` end within two seconds; the
 * others within the deadlines of the few look-ups they make, for they are called after the acknowledgement.
 */
export interface Operations {
  change(command: ChangeCommand, asker: Asker): Promise<Receipt>;
  ask(question: QuestionCommand, asker: Asker): Promise<Receipt>;
  decide(decision: Decision, asker: Asker): Promise<DecisionReply>;
  /** What is to become of a member that was changed by hand. */
  chooseDrift(decision: DriftDecision, asker: Asker): Promise<DriftReply>;
  /** Somebody opened the Home tab: it is drawn for them soon. Never throws; it keeps what it showed when Redis is away. */
  home(asker: Asker): Promise<void>;
  freeze(command: FreezeCommand, asker: Asker): Promise<FreezeReply>;
  /** The verbs this person may run in at least one environment; for help. */
  verbsFor(asker: Asker): Promise<ReadonlySet<Verb>>;
}
