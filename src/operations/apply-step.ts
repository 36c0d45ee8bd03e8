import type { StepOutcome } from '../domain/change.ts';
import { type ErrorCode, faultOf, OperationError } from '../domain/errors.ts';
import { type MemberState, sameSetting, settingOf } from '../domain/member.ts';
import type { Step } from '../domain/plan.ts';
import type { JournalEntry } from '../ports/records.ts';
import { readPool } from './devices.ts';
import {
  connectAttemptsMax,
  connectRetryMs,
  permitAttemptsMax,
  verifyEveryMs,
  verifyWithinMs,
  writeDeadlineMs,
} from './limits.ts';
import { remember } from './remember.ts';
import {
  assertGoingOn,
  destination,
  gateOf,
  HandBack,
  keepGoing,
  type Move,
  memberOf,
  type Run,
  StepFailed,
} from './run.ts';
import { untilKnown } from './until-known.ts';

function journalEntry(run: Run, move: Move, phase: JournalEntry['phase']): JournalEntry {
  return {
    index: move.step.index,
    phase,
    direction: move.direction,
    before: move.direction === 'forward' ? move.step.before : move.step.after,
    after: destination(move),
    at: run.context.clock.now(),
  };
}

async function note(run: Run, move: Move, phase: JournalEntry['phase']): Promise<void> {
  const entry = journalEntry(run, move, phase);
  await run.context.stores.journal.write(run.changeId, run.lane, run.epoch, entry);
  run.journal.set(entry.index, entry);
}

async function auditStep(
  run: Run,
  move: Move,
  kind: 'about-to' | 'verified' | 'put-back' | 'failed' | 'unknown',
  extra: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { balancer, pool, member, commands } = move.step;
  await run.context.stores.audit.append({
    kind,
    changeId: run.changeId,
    actor: run.approved.approval.by,
    detail: {
      balancer,
      pool,
      member,
      direction: move.direction,
      to: destination(move),
      ...(move.direction === 'forward' ? { commands } : {}),
      ...extra,
    },
  });
}

/** The step as it is sent: going back needs the words for the way back, made from the member as it is now. */
function wordsFor(run: Run, move: Move, live: MemberState): Step {
  const adapter = run.context.adapterOf(move.step.balancer);
  const { admin, weight } = destination(move);
  const { commands } = adapter.commandsFor(move.step.pool, live, { admin, weight });
  if (move.direction === 'back') return { ...move.step, commands };
  if (commands.join('\n') !== move.step.commands.join('\n')) {
    throw new OperationError(
      'STALE',
      `The way to change ${move.step.member} on ${move.step.balancer} is not the one that was approved.`,
    );
  }
  return move.step;
}

/** Connecting may be tried again, because nothing was sent; whatever was sent is never sent again blindly. */
async function send(run: Run, step: Step): Promise<void> {
  const adapter = run.context.adapterOf(step.balancer);
  for (let attempt = 1; ; attempt += 1) {
    assertGoingOn(run);
    try {
      await adapter.apply(step, gateOf(run), { signal: AbortSignal.timeout(writeDeadlineMs) });
      return;
    } catch (thrown) {
      if (thrown instanceof HandBack) throw thrown;
      const { code } = faultOf(thrown);
      if (code === 'FENCED') await assertStillHolder(run, attempt);
      else if (code !== 'UNREACHABLE' || attempt >= connectAttemptsMax) throw thrown;
      await run.context.clock.sleep(connectRetryMs * attempt, run.signal);
    }
  }
}

/**
 * A permit that was too old when it was to be used was sent nothing by. While the lane is still ours, this machine
 * was only slow, and asks again; when it stays so slow, it is not the one to write.
 */
async function assertStillHolder(run: Run, attempt: number): Promise<void> {
  await run.context.stores.journal.assertHolder(run.lane, run.epoch);
  if (attempt < permitAttemptsMax) return;
  throw new OperationError('STORE_UNAVAILABLE', 'This worker is too slow to write safely.');
}

async function readMember(run: Run, step: Step): Promise<MemberState> {
  const state = await readPool(run.context, step);
  const member = memberOf(state, step);
  if (member === undefined) {
    throw new OperationError('NO_SUCH_MEMBER', `${step.member} is gone from ${step.balancer}.`);
  }
  return member;
}

/** Reads back until the device shows the destination, or NOT_VERIFIED when it does not in time. */
async function readBack(run: Run, move: Move): Promise<MemberState> {
  const until = run.context.clock.now() + verifyWithinMs;
  for (;;) {
    const member = await readMember(run, move.step);
    if (sameSetting(settingOf(member), destination(move))) return member;
    if (run.context.clock.now() >= until) {
      throw new OperationError(
        'NOT_VERIFIED',
        `${move.step.balancer} took the command, but shows ${move.step.member} as ${member.status}, weight ${member.weight}.`,
      );
    }
    await run.context.clock.sleep(verifyEveryMs, run.signal);
  }
}

const SERVING = ['up', 'unchecked'] as const;

/** An enabled member is done when its health check says so; within the service's patience. */
async function untilServing(run: Run, move: Move, member: MemberState): Promise<StepOutcome> {
  const { index } = move.step;
  const isServing = (state: MemberState) => SERVING.some((health) => health === state.health);
  if (destination(move).admin !== 'enabled' || isServing(member)) {
    return { index, result: 'verified', member };
  }
  const until = run.context.clock.now() + run.service.servingWithinMs;
  let latest = member;
  while (run.context.clock.now() < until && !run.signal.aborted) {
    await run.context.clock.sleep(verifyEveryMs, run.signal);
    // The step itself is verified: a device that is silent now only keeps us from saying that it serves.
    latest = await readMember(run, move.step).catch(() => latest);
    if (isServing(latest)) return { index, result: 'verified', member: latest };
  }
  // A worker that stops does not know how it ends: another one waits on.
  assertGoingOn(run);
  return { index, result: 'not serving yet', member: latest };
}

/** Faults of a single command that mean: it was not sent, or the device said no. Nothing can have changed. */
const UNTOUCHED: readonly ErrorCode[] = [
  'EXPIRED',
  'STALE',
  'UNREACHABLE',
  'UNSAFE_NAME',
  'PERMISSION',
  'HOST_KEY',
  'NO_SUCH_POOL',
  'NO_SUCH_MEMBER',
  'ROLES_UNKNOWN',
];

/** Faults that stop this worker and say nothing about the device. */
const STOPS_WORKER: readonly ErrorCode[] = ['FENCED', 'STORE_UNAVAILABLE'];

/** The write and its proof. The device's silence is waited out; its refusal ends in StepFailed. */
async function sendAndReadBack(run: Run, move: Move, live: MemberState): Promise<MemberState> {
  let sent = false;
  try {
    const step = wordsFor(run, move, live);
    sent = step.commands.length > 1;
    await send(run, step);
    sent = true;
    return await readBack(run, move);
  } catch (thrown) {
    if (thrown instanceof HandBack) throw thrown;
    const fault = faultOf(thrown);
    if (STOPS_WORKER.includes(fault.code)) throw thrown;
    if (!sent && UNTOUCHED.includes(fault.code)) throw new StepFailed(fault, true);
    const reached = await untilKnown(run, move, thrown);
    keepGoing(run);
    if (reached === undefined) throw new StepFailed(fault, true);
    return reached;
  }
}

/**
 * Takes one step: audit and journal first, then the write through the gate, then the read-back. Returns what
 * the device shows. Throws StepFailed when it did not get there, FENCED, STORE_UNAVAILABLE or HandBack when
 * this worker must stop.
 */
export async function takeStep(run: Run, move: Move, live: MemberState): Promise<StepOutcome> {
  assertGoingOn(run);
  // Both stand before anything is sent; neither needs the other.
  await Promise.all([
    auditStep(run, move, 'about-to', { epoch: run.epoch }),
    note(run, move, 'about-to'),
  ]);
  let member: MemberState;
  try {
    member = await sendAndReadBack(run, move, live);
  } catch (thrown) {
    if (!(thrown instanceof HandBack)) {
      const fault = thrown instanceof StepFailed ? thrown.fault : faultOf(thrown);
      await auditStep(run, move, 'failed', { fault }).catch(() => undefined);
    }
    throw thrown;
  }
  return confirmStep(run, move, member);
}

/** Writes down that the device shows the destination, however it got there. */
export async function confirmStep(run: Run, move: Move, member: MemberState): Promise<StepOutcome> {
  const back = move.direction === 'back';
  const written = async () => {
    const outcome = await untilServing(run, move, member);
    keepGoing(run);
    await Promise.all([
      note(run, move, back ? 'put back' : 'verified'),
      auditStep(run, move, back ? 'put-back' : 'verified', { status: outcome.member?.status }),
    ]);
    return outcome;
  };
  // Whoever takes over confirms the step again, whichever of them stood already.
  const [outcome] = await Promise.all([written(), remember(run, move)]);
  return back ? { ...outcome, result: 'put back' } : outcome;
}
