import { readFileSync } from 'node:fs';
import type { DirectorOptions } from './director-files.ts';
import { type Lab, openLab, startLab } from './lab.ts';

/** The state file of a lab that is to be used instead of one of the test's own. */
export const GIVEN_LAB = 'LB_LAB_STATE';

/** A lab for one test file: the one that is given, or one that is started for it. */
export async function useLab(
  options: DirectorOptions = {},
): Promise<{ readonly lab: Lab; readonly stop: () => Promise<void> }> {
  const file = process.env[GIVEN_LAB];
  if (file === undefined) return startLab(options);
  const { lab } = JSON.parse(readFileSync(file, 'utf8')) as { lab: Lab['state'] };
  return { lab: openLab(lab), stop: async () => {} };
}
