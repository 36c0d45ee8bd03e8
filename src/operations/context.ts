import type { Inventory } from '../domain/inventory.ts';
import type { Secret } from '../domain/secret.ts';
import type { AdapterOf } from '../ports/adapter.ts';
import type { Announcer } from '../ports/announcer.ts';
import type { MemberCheck } from '../ports/check.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory } from '../ports/directory.ts';
import type { Log } from '../ports/log.ts';
import type { WorkQueue } from '../ports/queue.ts';
import type { Stores } from '../ports/records.ts';
import type { PairRoles } from '../ports/roles.ts';

/** What the process that takes commands needs: it reads no device and posts no card. */
export interface FrontContext {
  readonly inventory: Inventory;
  readonly stores: Stores;
  readonly queue: WorkQueue;
  /** Absent in a shell without a Slack token; the worker then decides alone who may do what. */
  readonly directory?: Directory;
  readonly clock: Clock;
  readonly log: Log;
  readonly signingKey: Secret;
}

/** What a worker needs beside that. */
export interface WorkerContext extends FrontContext {
  readonly directory: Directory;
  readonly announcer: Announcer;
  readonly adapterOf: AdapterOf;
  readonly check: MemberCheck;
  readonly roles: PairRoles;
}
