import { faultOf } from '../domain/errors.ts';
import { readPool } from './devices.ts';
import { unknownRetryMaxMs, unknownRetryMs } from './limits.ts';
import { assertGoingOn, outcomeOf, type Run, stepsOf } from './run.ts';

/**
 * Waits until every device this lane has begun to write on can be read. Another worker died between its write
 * and its read-back; until the device says what it did, the change is `unknown` and its lane stays closed.
 * Throws HandBack when the worker stops.
 */
export async function untilReadable(run: Run): Promise<void> {
  const begun = stepsOf(run).filter((step) => run.journal.has(step.index));
  let said = false;
  for (const step of begun) {
    for (let pause = unknownRetryMs; ; pause = Math.min(pause * 2, unknownRetryMaxMs)) {
      assertGoingOn(run);
      try {
        await readPool(run.context, step, run.signal);
        break;
      } catch (thrown) {
        const fault = faultOf(thrown);
        if (fault.code === 'STORE_UNAVAILABLE') throw thrown;
        assertGoingOn(run);
        if (!said) {
          run.results.set(step.index, { index: step.index, result: 'unknown', fault });
          const record = await run.context.stores.changes.update(run.changeId, (latest) => ({
            ...latest,
            state: 'unknown',
            outcome: outcomeOf(run, [], fault),
          }));
          await run.context.queue.refreshCard(record.id, record.revision);
          run.results.delete(step.index);
          said = true;
        }
        await run.context.clock.sleep(pause, run.signal);
      }
    }
  }
}
