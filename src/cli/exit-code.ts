import type { Answer } from '../domain/answer.ts';
import type { ChangeRecord, ChangeState } from '../domain/change.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { DecisionReply, FreezeReply, Receipt } from '../operations/operations.ts';

/** 0 done, 1 failed or not known, 2 usage, 3 refused, 4 waiting: for approval, or for idle members. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** For a command that was not understood, or a configuration that is wrong. */
export const USAGE_EXIT: ExitCode = 2;

/** A decision of a rule or a person; everything else that goes wrong is a failure. */
const REFUSALS: readonly ErrorCode[] = [
  'NOT_ALLOWED',
  'NOT_FOUND',
  'GUARD',
  'STALE',
  'NOT_WAITING',
  'WRONG_CARD',
  'EXPIRED',
  'TOO_MANY_OPEN',
  'FROZEN',
  'CLAIMED',
  'RATE_LIMITED',
  'BAD_SIGNATURE',
  'UNSUPPORTED',
  'UNSAFE_NAME',
  'NO_SUCH_MEMBER',
];

function exitCodeOfFault(code: ErrorCode): ExitCode {
  if (code === 'USAGE') return USAGE_EXIT;
  return REFUSALS.includes(code) ? 3 : 1;
}

function exitCodeOfState(state: ChangeState): ExitCode {
  switch (state) {
    case 'done':
    // Done for now; what takes it back later is another matter.
    case 'holding':
      return 0;
    case 'waiting':
    case 'draining':
      return 4;
    case 'refused':
    case 'denied':
    case 'cancelled':
    case 'expired':
      return 3;
    // Still going on: whoever stopped waiting does not know how it ends.
    case 'planning':
    case 'approved':
    case 'running':
    case 'unknown':
    case 'failed':
    case 'half-done':
      return 1;
  }
}

/** What the shell is told of a change, a receipt, the reply to a decision, or an answer. */
export function exitCodeOf(
  result: ChangeRecord | Receipt | DecisionReply | FreezeReply | Answer,
): ExitCode {
  if (!('kind' in result)) return exitCodeOfState(result.state);
  switch (result.kind) {
    case 'refused':
    case 'fault':
      return exitCodeOfFault(result.fault.code);
    case 'unknown':
      return 1;
    case 'status':
      // A balancer that could not be read is no full answer.
      return result.services.every(({ faults }) => faults.length === 0) ? 0 : 1;
    case 'comparison':
      // For scripts: alike or not.
      return result.comparisons.every(
        ({ differences, faults }) => differences.length + faults.length === 0,
      )
        ? 0
        : 1;
    case 'accepted':
    case 'taken':
    case 'pools':
    case 'history':
    case 'whoami':
      return 0;
  }
}
