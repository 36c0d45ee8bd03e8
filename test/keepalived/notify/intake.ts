import { OperationError } from '../../../src/domain/errors.ts';
import type { NotifyHeartbeat, NotifyIntake, NotifyLine } from '../../../src/ports/notices.ts';

/** Keeps what it is given, as the product's own does: by boot and number. */
export interface KeptIntake extends NotifyIntake {
  readonly lines: readonly NotifyLine[];
  readonly beats: readonly NotifyHeartbeat[];
  /** Every number that was offered, also a second time. */
  readonly offered: readonly number[];
  /** The store is away until told otherwise. */
  setAway(isAway: boolean): void;
}

export function keptIntake(): KeptIntake {
  const lines: NotifyLine[] = [];
  const beats: NotifyHeartbeat[] = [];
  const offered: number[] = [];
  const highest = new Map<string, number>();
  let isAway = false;
  return {
    lines,
    beats,
    offered,
    setAway(away) {
      isAway = away;
    },
    async take(given) {
      offered.push(...given.map(({ sequence }) => sequence));
      if (isAway) throw new OperationError('STORE_UNAVAILABLE', 'Redis does not answer.');
      return given.map((line) => {
        const boot = `${line.director} ${line.bootId}`;
        const isKnown = line.sequence <= (highest.get(boot) ?? 0);
        if (isKnown) return 'known';
        highest.set(boot, line.sequence);
        lines.push(line);
        return 'taken';
      });
    },
    async beat(heartbeat) {
      beats.push(heartbeat);
    },
  };
}
