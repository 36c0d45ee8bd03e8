import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { refusalLogEveryMs } from './limits.ts';

/** Notes a refused request. Anybody who reaches the port can send them: of each reason one line is written, then a count. */
export type NoteRefusal = (reason: string, from: string | undefined) => void;

export function refusalLog(log: Log, clock: Pick<Clock, 'now'>): NoteRefusal {
  const noted = new Map<string, { at: number; unsaid: number }>();
  return (reason, from) => {
    const now = clock.now();
    const last = noted.get(reason);
    if (last !== undefined && now - last.at < refusalLogEveryMs) {
      last.unsaid += 1;
      return;
    }
    noted.set(reason, { at: now, unsaid: 0 });
    const moreBefore = last?.unsaid ?? 0;
    log.warn('A request was refused', { reason, from, ...(moreBefore > 0 ? { moreBefore } : {}) });
  };
}
