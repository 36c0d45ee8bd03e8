import type { DirectorOptions } from './director-files.ts';
import { type Lab, type LabState, openLab, startLab } from './lab.ts';

/** In the environment: the state of a lab that is to be used instead of one of the test's own, as JSON. */
export const GIVEN_LAB = 'LB_LAB_STATE';
/** In the environment: why there is no lab. */
export const LAB_FAILED = 'LB_LAB_FAILED';

/**
 * The lab for one test file (`*.lab.ts`), at its agreed start: the one of this run of tests, or one that is started
 * for it. `lab.reset()` brings it back there between tests.
 */
export async function useLab(
  options: DirectorOptions = {},
): Promise<{ readonly lab: Lab; readonly stop: () => Promise<void> }> {
  const why = process.env[LAB_FAILED];
  if (why !== undefined) throw new Error(why);
  const given = process.env[GIVEN_LAB];
  if (given === undefined) return startLab(options);
  const lab = openLab(JSON.parse(given) as LabState);
  await lab.reset(options);
  // The next file may want another start.
  return { lab, stop: async () => {} };
}
