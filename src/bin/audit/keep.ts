import { faultOf } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { AuditArchive } from '../../store/audit-archive.ts';

const EVERY_MS = 5_000;

/** Archives every few seconds until told to stop; what keeps it from doing so is logged once, until it changes. */
export function keepArchiving(
  archive: AuditArchive,
  clock: Clock,
  log: Log,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let complaint = '';
  const step = async () => {
    try {
      await archive.step();
      if (complaint !== '') log.info('The audit log is archived again');
      complaint = '';
    } catch (thrown) {
      const { code, message } = faultOf(thrown);
      if (message !== complaint) log.error('Archiving the audit log failed', { code, message });
      complaint = message;
    }
  };
  const run = async () => {
    while (!stopping.signal.aborted) {
      await step();
      await clock.sleep(EVERY_MS, stopping.signal);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
      // What the last jobs did.
      await step();
      await archive.release();
    },
  };
}
