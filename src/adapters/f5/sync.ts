import { setTimeout as pause } from 'node:timers/promises';
import { faultOf } from '../../domain/errors.ts';
import type { WriteGate } from '../../ports/adapter.ts';
import type { Clock } from '../../ports/clock.ts';
import type { F5Unit, SyncState, Task } from './unit.ts';

/** `warn` says how the units agree; `auto` also copies our own change to the peer. */
export type SyncMode = 'warn' | 'auto';

const IN_SYNC = 'In Sync';
/** So long an answer counts, before the unit is asked anew. */
const LOOK_MS = 5_000;
const POLL_MS = 1_000;
/** So long after a write a reader is told what became of it. */
const TELL_MS = 60_000;

/** What is known, and told, of how the units of a pair agree. */
export interface Synchronizer {
  /** For the reader of a pool; empty when there is nothing to say. */
  words(unit: F5Unit, task: Task): Promise<string>;
  /** The same without our own remarks; undefined when the unit does not say. */
  known(unit: F5Unit, task: Task): Promise<string | undefined>;
  before(unit: F5Unit, task: Task): Promise<SyncState | undefined>;
  /** The write stands by now: whatever goes wrong here is told, not thrown. */
  after(unit: F5Unit, before: SyncState | undefined, gate: WriteGate, task: Task): Promise<void>;
}

export function synchronizer(mode: SyncMode, clock: Pick<Clock, 'now'>): Synchronizer {
  let latest:
    | { readonly of: F5Unit; readonly state: SyncState | undefined; readonly at: number }
    | undefined;
  let told: { readonly text: string; readonly until: number } | undefined;

  const ask = async (unit: F5Unit, task: Task): Promise<SyncState | undefined> => {
    const at = clock.now();
    const state = await unit.syncState(task);
    latest = { of: unit, state, at };
    return state;
  };

  const tell = (text: string) => {
    told = { text, until: clock.now() + TELL_MS };
  };

  /** Copies, and waits for as long as the caller has time. Returns what is to be told, if anything. */
  const copied = async (unit: F5Unit, gate: WriteGate, task: Task): Promise<string> => {
    await unit.syncToGroup(gate, task);
    for (;;) {
      const state = await ask(unit, task);
      if (state?.status === IN_SYNC) return '';
      const isOver = await pause(POLL_MS, false, { signal: task.signal }).catch(() => true);
      if (isOver) return 'the copy to the peer was begun and is not over yet';
    }
  };

  return {
    async words(unit, task) {
      const isFresh = latest?.of === unit && clock.now() - latest.at < LOOK_MS;
      const state = isFresh
        ? latest?.state
        : await ask(unit, task).catch((thrown: unknown): SyncState => {
            return { status: `sync state not known (${faultOf(thrown).message})` };
          });
      // Somebody may have seen to it meanwhile.
      if (state?.status === IN_SYNC) told = undefined;
      const also = told !== undefined && clock.now() < told.until ? [told.text] : [];
      return [...(state === undefined ? [] : [syncWords(state)]), ...also].join('; ');
    },

    async known(unit, task) {
      const isFresh = latest?.of === unit && clock.now() - latest.at < LOOK_MS;
      const state = isFresh ? latest?.state : await ask(unit, task).catch(() => undefined);
      return state === undefined ? undefined : syncWords(state);
    },

    before: (unit, task) => ask(unit, task).catch(() => undefined),

    async after(unit, before, gate, task) {
      try {
        if (mode === 'warn') {
          await ask(unit, task);
          return;
        }
        if (before?.status !== IN_SYNC) {
          await ask(unit, task);
          tell('not copied to the peer: before this change somebody else had changes waiting');
          return;
        }
        const left = await copied(unit, gate, task);
        if (left !== '') tell(left);
      } catch (thrown) {
        latest = undefined;
        tell(`not copied to the peer: ${faultOf(thrown).message}`);
      }
    },
  };
}

function syncWords({ status, action }: SyncState): string {
  return action === undefined ? status : `${status} (recommended: ${action})`;
}
