import { HELPER } from '../adapters/lvs/script.ts';
import { OperationError } from '../domain/errors.ts';

const USAGE = 'Usage: lb lvs helper';

/** `lb lvs helper`: the program for a director, as root puts it there. */
export function lvs(args: readonly string[]): number {
  if (args.length !== 1 || args[0] !== 'helper') throw new OperationError('USAGE', USAGE);
  process.stdout.write(HELPER);
  return 0;
}
