import { ERRORS, OperationError } from '../../domain/errors.ts';

/** One line of the live check. */
export interface Finding {
  readonly level: 'OK' | 'WARN' | 'FAIL';
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string;
}

export const ok = (text: string): Finding => ({ level: 'OK', text });
export const warn = (text: string, advice: string): Finding => ({ level: 'WARN', text, advice });
export const fail = (text: string, advice: string): Finding => ({ level: 'FAIL', text, advice });

/**
 * Runs one check; what it throws becomes its finding, with `advice` or what the table of errors says. A fault of our
 * own is passed on.
 */
export async function finding(check: () => Promise<Finding>, advice?: string): Promise<Finding> {
  try {
    return await check();
  } catch (thrown) {
    if (!(thrown instanceof OperationError)) throw thrown;
    return fail(thrown.message, advice ?? ERRORS[thrown.code].next);
  }
}

export function findingLines({ level, text, advice }: Finding): string {
  return `${level.padEnd(4)}  ${text}${advice === undefined ? '' : `\n      ${advice}`}`;
}
