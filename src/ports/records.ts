import type { Answer } from '../domain/answer.ts';
import type { AuditEntry, AuditFact, ChainPlace } from '../domain/audit.ts';
import type { ApprovalKind, ChangeRecord, ChangeRequest, StepOutcome } from '../domain/change.ts';
import type { Fault } from '../domain/errors.ts';
import type { DeviceSighting } from '../domain/home.ts';
import type { Incident, IncidentKind, Severity } from '../domain/incident.ts';
import type { MemberSetting } from '../domain/member.ts';
import type { PairGap } from '../domain/pair-gap.ts';
import type { MessagePlace, RestKind } from './announcer.ts';
import type { WatchRecords } from './watch-records.ts';

/** All methods of all stores throw STORE_UNAVAILABLE when Redis does not answer within its deadline. */
export interface ChangeStore {
  /** Creates the record in state `planning`; `false` when the change exists already (a redelivery). */
  create(request: ChangeRequest): Promise<boolean>;
  get(changeId: string): Promise<ChangeRecord | undefined>;
  /**
   * Replaces the record by what `next` returns, in one atomic step: when another writer was faster, `next`
   * is called again with the newer record. `next` returns undefined to leave it as it is. Returns the record in force.
   * `known`: the record as it was read a moment ago, which is tried first.
   */
  update(
    changeId: string,
    next: (record: ChangeRecord) => ChangeRecord | undefined,
    known?: ChangeRecord,
  ): Promise<ChangeRecord>;
  /** Ids of changes that are not over, in the order in which they were created. */
  open(): Promise<readonly string[]>;
  /** The same of one service, named as in the inventory. */
  openOf(service: string): Promise<readonly string[]>;
  /** Newest first. */
  recent(limit: number, service?: string): Promise<readonly ChangeRecord[]>;
  /** A number that grows with every call, over all processes. */
  nextSequence(): Promise<number>;
}

/** What is written before and after each step, so that another worker can go on. */
export interface JournalEntry {
  readonly index: number;
  readonly phase: 'about-to' | 'verified' | 'put back';
  readonly direction: 'forward' | 'back';
  readonly before: MemberSetting;
  readonly after: MemberSetting;
  readonly at: number;
  readonly outcome?: StepOutcome;
}

export interface Journal {
  /** Takes the lane over: the returned epoch fences every earlier holder. */
  takeLane(lane: string): Promise<number>;
  /** Throws FENCED when the lane has a newer holder. */
  assertHolder(lane: string, epoch: number): Promise<void>;
  /** Writes the entry if this epoch still holds the lane, else FENCED. */
  write(changeId: string, lane: string, epoch: number, entry: JournalEntry): Promise<void>;
  /** The last entry by step index. */
  read(changeId: string): Promise<ReadonlyMap<number, JournalEntry>>;
}

/** The place up to which entries were moved out of the store, and whether that is signed. */
export interface AuditBase extends ChainPlace {
  readonly signed: boolean;
}

export interface AuditLog {
  append(fact: AuditFact): Promise<AuditEntry>;
  /** All entries the store has, in order, and whether the signed head agrees; `base` when it lacks older ones. */
  readAll(): Promise<{
    entries: readonly AuditEntry[];
    headSigned: boolean;
    base?: AuditBase;
  }>;
}

/** A member that must stay out until somebody brings it back, with the setting it had. */
export interface MemberHold {
  readonly balancer: string;
  readonly pool: string;
  readonly member: string;
  readonly changeId: string;
  readonly actor: string;
  readonly approver: string;
  /** Setting it must keep until somebody brings it back. */
  readonly want: MemberSetting;
  /** Setting before it was taken out: what `enable` restores. */
  readonly restore: MemberSetting;
  /** When it comes back by itself, ms since the epoch. */
  readonly until?: number;
  readonly incarnation: string;
  readonly at: number;
  /** How the change was approved; what broke the glass is not restored by itself. */
  readonly approvalKind: ApprovalKind;
  /** Somebody changed it by hand: it is announced once, and no longer restored. `untold` until that was said. */
  readonly suspended?: { readonly at: number; readonly untold?: true };
  /** HMAC over the rest but `suspended`: what lies in Redis is not restored unless we wrote it. */
  readonly mac: string;
}

export interface HoldStore {
  put(hold: MemberHold): Promise<void>;
  remove(balancer: string, pool: string, member: string): Promise<void>;
  ofPool(balancer: string, pool: string): Promise<readonly MemberHold[]>;
  /** Every pool that holds a member. */
  pools(): Promise<readonly { readonly balancer: string; readonly pool: string }[]>;
}

/** A stop of all writes, or of the writes of one service. */
export interface Freeze {
  /** Name of a service, or `*` for all. */
  readonly scope: string;
  /** Slack user id. */
  readonly by: string;
  readonly at: number;
  readonly until?: number;
  readonly reason: string;
}

export interface FreezeStore {
  put(freeze: Freeze): Promise<void>;
  /** `false` when there was none. */
  remove(scope: string): Promise<boolean>;
  /** Freezes in force at `now`. */
  active(now: number): Promise<readonly Freeze[]>;
}

/** Counts write commands, so that nobody floods a service. */
export interface CommandRate {
  /** Counts one more and says how many there were within the running minute. */
  count(userId: string, service: string, now: number): Promise<number>;
  /** Notes `what` once and says how many different ones there were within the last `windowMs`. */
  distinct(scope: string, what: string, now: number, windowMs: number): Promise<number>;
}

/** One holder at a time, as long as it renews. */
export interface Leases {
  /** Takes or renews the lease for `ms`; `false` while somebody else has it. */
  take(name: string, holder: string, ms: number): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;
}

/** Capacity that approved changes have taken or are about to take; counts from the approval on. */
export interface CapacityClaim {
  readonly changeId: string;
  readonly sequence: number;
  readonly balancer: string;
  readonly pool: string;
  readonly member: string;
}

export interface ClaimStore {
  put(changeId: string, claims: readonly CapacityClaim[]): Promise<void>;
  release(changeId: string): Promise<void>;
  ofPool(balancer: string, pool: string): Promise<readonly CapacityClaim[]>;
}

/** The member sets seen on devices, for pools whose members the inventory does not list. */
export interface SeenMembers {
  note(balancer: string, pool: string, members: readonly string[], at: number): Promise<void>;
  /** The largest set seen in the last seven days. */
  largest(balancer: string, pool: string, now: number): Promise<readonly string[]>;
}

/** Where each card stands and which revision it shows. */
export interface CardPlace {
  readonly place?: MessagePlace;
  readonly revisionShown: number;
  /** A post was begun at this time and its end was never seen. */
  readonly postingSince?: number;
  /** How far the closing word in the thread is; `begun` means that it may or may not stand there. */
  readonly ending: 'none' | 'begun' | 'posted';
  /** The same for what the card has no room for. */
  readonly rest?: Readonly<Partial<Record<RestKind, 'begun' | 'posted'>>>;
  /** Of an incident: what its thread says, and the revision that was about to be said there. */
  readonly told?: IncidentTold;
  readonly telling?: number;
}

/** What was said of an incident in its thread. */
export interface IncidentTold {
  readonly events: number;
  readonly state: Incident['state'];
  readonly worst: Severity;
  readonly kind: IncidentKind;
}

export interface CardStore {
  get(changeId: string): Promise<CardPlace>;
  put(changeId: string, place: CardPlace): Promise<void>;
  /** One writer per card: runs `work` alone, or throws SLACK_UNAVAILABLE when another is at it. */
  alone<T>(changeId: string, work: () => Promise<T>): Promise<T>;
}

/** Answers for askers that come and fetch them (the shell). Gone after ten minutes. */
export interface AnswerStore {
  put(id: string, answer: Answer): Promise<void>;
  get(id: string): Promise<Answer | undefined>;
}

/**
 * Which life of the store this is. Another one begins when writes that were acknowledged may be gone: the store began
 * empty, a copy took over, or it was started again without an append-only file.
 */
export interface StoreLife {
  /** The life of now; an id without meaning of its own. */
  current(): Promise<string>;
  /** The life of now while nobody has looked yet for members out that it knows nothing about. */
  unlooked(): Promise<string | undefined>;
  noteLooked(life: string): Promise<void>;
}

/** When devices last answered, as every reading worker saw it. */
export interface DeviceSightings {
  /** A device answered at this time, or did not for this reason. Notes close to each other may be left out. */
  note(balancer: string, at: number, fault?: Fault): Promise<void>;
  all(): Promise<readonly DeviceSighting[]>;
}

/** In what nodes of pairs are known to differ since a change of one of them. */
export interface PairGapStore {
  put(gap: PairGap): Promise<void>;
  remove(gap: PairGap): Promise<void>;
  /** Puts `next` in its place, or nothing; leaves alone what a later change has put there meanwhile. */
  replace(gap: PairGap, next: PairGap | undefined): Promise<void>;
  all(): Promise<readonly PairGap[]>;
}

/** Who looked at the Home tab lately: it is drawn anew for them alone. */
export interface HomeOpeners {
  note(userId: string, at: number): Promise<void>;
  /** Those of `userIds` who opened it since `from` (ms since the epoch). */
  since(userIds: readonly string[], from: number): Promise<readonly string[]>;
}

export interface Stores {
  readonly changes: ChangeStore;
  readonly journal: Journal;
  readonly audit: AuditLog;
  readonly holds: HoldStore;
  readonly claims: ClaimStore;
  readonly seen: SeenMembers;
  readonly cards: CardStore;
  readonly answers: AnswerStore;
  readonly sightings: DeviceSightings;
  readonly gaps: PairGapStore;
  readonly openers: HomeOpeners;
  readonly freezes: FreezeStore;
  readonly rate: CommandRate;
  readonly leases: Leases;
  readonly life: StoreLife;
  readonly watched: WatchRecords;
}
