import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { OperationError } from '../../domain/errors.ts';
import { type LvsLab, NoLab, startLvsLab } from '../../sandbox/lvs/lab-process.ts';

/** Built by `npm run demo -- --with-lvs` from a checkout; an installed package has no lab. */
const PROGRAM = resolve(import.meta.dirname, '../../../dist-bench/lab/test/lab/hold.js');

/** Two LVS directors and five real servers; throws an OperationError that says what is missing. */
export async function startDemoLvs(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LvsLab> {
  if (!existsSync(PROGRAM)) {
    throw new OperationError(
      'UNSUPPORTED',
      'The LVS lab is not built; in a checkout of lb-chatops type: npm run demo -- --with-lvs',
    );
  }
  try {
    return await startLvsLab(PROGRAM, environment);
  } catch (thrown) {
    if (!(thrown instanceof NoLab)) throw thrown;
    throw new OperationError('UNSUPPORTED', `Starting the LVS lab: ${thrown.message}`);
  }
}
