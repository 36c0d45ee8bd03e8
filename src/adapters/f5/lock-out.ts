import { OperationError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';

/** A unit locks accounts after a few wrong passwords; with this pause ours never gets there. */
const PAUSE_MS = 5 * 60_000;

/** Remembers that a login was refused, so that it is not tried again and again. */
export interface LockOut {
  /** Throws PERMISSION while the pause lasts. */
  assertOpen(doing: string): void;
  /** Begins the pause. */
  refused(): void;
}

export function lockOut(unit: string, clock: Pick<Clock, 'now'>): LockOut {
  let until: number | undefined;
  return {
    assertOpen(doing) {
      if (until === undefined || clock.now() >= until) return;
      const seconds = Math.ceil((until - clock.now()) / 1000);
      throw new OperationError(
        'PERMISSION',
        `${doing}: ${unit} refused user name and password; not tried again for ${seconds} s, so that the account is not locked. Correct them and start anew.`,
      );
    },
    refused() {
      until = clock.now() + PAUSE_MS;
    },
  };
}
