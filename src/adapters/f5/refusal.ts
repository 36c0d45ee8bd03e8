import { type ErrorCode, OperationError } from '../../domain/errors.ts';

/** The unit, or what stands in front of it, answered and said no. */
export class Refusal extends OperationError {
  /** Of HTTP. */
  readonly status: number;

  constructor(code: ErrorCode, message: string, status: number) {
    super(code, message);
    this.status = status;
  }
}

/** A refused permission, with what whoever set up the account must know: whose it is and which role it takes. */
export function asDenied(thrown: unknown, username: string): unknown {
  if (!(thrown instanceof Refusal) || thrown.code !== 'PERMISSION') return thrown;
  const role = `User ${username} may not do that: disable, enable and offline take the role Operator in the partition of the pool, a ratio the role Manager.`;
  return new Refusal(
    'PERMISSION',
    `${thrown.message.replace(/[.\s]*$/, '.')} ${role}`,
    thrown.status,
  );
}

/** Statuses after which the same question may find an answer a moment later. */
export const PASSING: readonly number[] = [429, 502, 503, 504];

const charactersMax = 300;

/** What a unit said, fit to be shown: one line, no control characters, not long. */
export function deviceWords(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > charactersMax ? `${line.slice(0, charactersMax)}…` : line;
}

/**
 * The fault of an answer in none of the forms that the unit's programs give: a page, or nothing. Of a page only the
 * one thing is said that can be told from it.
 */
export function pageFault(
  { status, body }: { readonly status: number; readonly body: string },
  wanted: 'JSON' | 'XML',
  doing: string,
  isWrite: boolean,
): OperationError {
  const what = body.includes('Configuration Utility restarting')
    ? `its configuration utility is restarting (${status})`
    : `the answer (status ${status}, ${body.length} characters) is not ${wanted}`;
  const message = `${doing}: ${what}.`;
  if (status === 401 || status === 403) return new Refusal('PERMISSION', message, status);
  if (!PASSING.includes(status)) return new OperationError('UNEXPECTED_REPLY', message);
  if (!isWrite) return new Refusal('UNREACHABLE', message, status);
  return new OperationError('OUTCOME_UNKNOWN', `${message} The request may still be executed.`);
}
