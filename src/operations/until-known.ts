import { faultOf } from '../domain/errors.ts';
import { type MemberState, sameSetting, settingOf } from '../domain/member.ts';
import { readPool } from './devices.ts';
import { unknownRetryMaxMs, unknownRetryMs, unknownUnchangedReads } from './limits.ts';
import {
  assertGoingOn,
  destination,
  type Move,
  memberOf,
  outcomeOf,
  type Run,
  StepFailed,
} from './run.ts';

/** Shows in the card that the outcome is not known; the lane stays closed because its job is still at work. */
async function sayUnknown(run: Run, move: Move, why: unknown): Promise<void> {
  const fault = faultOf(why);
  run.results.set(move.step.index, { index: move.step.index, result: 'unknown', fault });
  const record = await run.context.stores.changes.update(run.changeId, (latest) =>
    latest.state === 'running'
      ? { ...latest, state: 'unknown', outcome: outcomeOf(run, [], fault) }
      : undefined,
  );
  await run.context.stores.audit.append({
    kind: 'unknown',
    changeId: run.changeId,
    actor: 'lb-chatops',
    detail: { balancer: move.step.balancer, member: move.step.member, fault },
  });
  await run.context.queue.refreshCard(record.id, record.revision);
}

/**
 * A command was sent and its effect is not known: a frozen device may execute it later. Reads again until the
 * device answers, however long that takes. Returns the member when it shows the destination, undefined when
 * it verifiably stayed as it was (several reads in a row), and throws StepFailed for a third state.
 * The card says `unknown` as soon as one read fails. Throws HandBack when the worker stops.
 */
export async function untilKnown(
  run: Run,
  move: Move,
  why: unknown,
): Promise<MemberState | undefined> {
  let pause = unknownRetryMs;
  let unchanged = 0;
  let said = false;
  for (;;) {
    assertGoingOn(run);
    try {
      const member = memberOf(await readPool(run.context, move.step, run.signal), move.step);
      if (member === undefined) {
        const message = `${move.step.member} is gone from ${move.step.balancer}.`;
        throw new StepFailed({ code: 'NOT_VERIFIED', message }, false);
      }
      const setting = settingOf(member);
      if (sameSetting(setting, destination(move))) return member;
      const start = move.direction === 'forward' ? move.step.before : move.step.after;
      if (!sameSetting(setting, start)) {
        const message = `${move.step.balancer} shows ${move.step.member} as ${member.status}, weight ${member.weight}: neither as before nor as wanted.`;
        throw new StepFailed({ code: 'NOT_VERIFIED', message }, false);
      }
      unchanged += 1;
      if (unchanged >= unknownUnchangedReads) return undefined;
    } catch (thrown) {
      if (thrown instanceof StepFailed) throw thrown;
      if (faultOf(thrown).code === 'STORE_UNAVAILABLE') throw thrown;
      assertGoingOn(run);
      unchanged = 0;
      if (!said) await sayUnknown(run, move, why);
      said = true;
      pause = Math.min(pause * 2, unknownRetryMaxMs);
    }
    await run.context.clock.sleep(pause, run.signal);
  }
}
