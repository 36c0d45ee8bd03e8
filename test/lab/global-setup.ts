import { startLab } from './lab.ts';
import { GIVEN_LAB, LAB_FAILED } from './use-lab.ts';

/** One lab for a whole run of tests, which use it one after the other. It ends with this process at the latest. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[GIVEN_LAB] !== undefined) return undefined;
  try {
    const { lab, stop } = await startLab();
    process.env[GIVEN_LAB] = JSON.stringify(lab.state);
    return stop;
  } catch (thrown) {
    // Told by each test that wants the lab, so that it counts as one that failed.
    process.env[LAB_FAILED] = (thrown as Error).message;
    return undefined;
  }
}
