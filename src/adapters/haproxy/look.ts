import type { DeviceLook, PoolLook } from '../../domain/device-look.ts';
import { type ErrorCode, faultOf, OperationError } from '../../domain/errors.ts';
import type { PoolState } from '../../domain/member.ts';
import type { Clock } from '../../ports/clock.ts';
import { assertSafeName } from './commands.ts';
import { identityOf, type PoolsReading, poolStateOf } from './pools.ts';
import type { Asking } from './questions.ts';

/** Faults of one pool: the device and its other pools answered all the same. */
const OF_POOL: readonly ErrorCode[] = ['NO_SUCH_POOL', 'UNSAFE_NAME', 'UNSUPPORTED'];
/** So many go into one line, with names of up to 200 characters; HAProxy takes no line longer than 16 kB. */
const POOLS_AT_ONCE_MAX = 25;

type ReadPools = (pools: readonly string[], asking: Asking) => Promise<PoolsReading>;

/** Looks at all pools in one exchange; in more where the line would be too long, or the answer was. */
export function poolsLooker(balancer: string, read: ReadPools, clock: Pick<Clock, 'now'>) {
  let atOnce = POOLS_AT_ONCE_MAX;

  /** The fewer at once from then on, for as long as this process runs. */
  const readSome = async (left: readonly string[], asking: Asking) => {
    for (;;) {
      const some = left.slice(0, atOnce);
      try {
        return { some, reading: await read(some, asking) };
      } catch (thrown) {
        if (faultOf(thrown).code !== 'TOO_LARGE' || some.length < 2) throw thrown;
        atOnce = Math.ceil(some.length / 2);
      }
    }
  };

  return async (pools: readonly string[], signal: AbortSignal): Promise<DeviceLook> => {
    const asking = { doing: `Looking at ${balancer}`, signal };
    const states = new Map<string, () => PoolState>();
    let left = pools.filter(isSafe);
    let process: PoolsReading['process'];
    do {
      const { some, reading } = await readSome(left, asking);
      const at = clock.now();
      for (const pool of some) {
        states.set(pool, () => poolStateOf(balancer, pool, reading, at));
      }
      left = left.slice(some.length);
      process = reading.process;
    } while (left.length > 0);
    const looks = pools.map((pool) => poolLook(pool, states.get(pool)));
    const faults = looks.flatMap((look) => ('fault' in look ? [look.fault] : []));
    const [first] = faults;
    // Nothing of what is to be watched is there: that must not pass for a look at it.
    if (first !== undefined && faults.length === looks.length) {
      throw new OperationError(first.code, first.message);
    }
    return { device: identityOf(balancer, process), pools: looks };
  };
}

function isSafe(pool: string): boolean {
  try {
    assertSafeName('backend', pool);
    return true;
  } catch {
    return false;
  }
}

function poolLook(pool: string, stateOf: (() => PoolState) | undefined): PoolLook {
  try {
    assertSafeName('backend', pool);
    if (stateOf === undefined) throw new OperationError('INTERNAL', `${pool} was not asked for.`);
    return { pool, state: stateOf() };
  } catch (thrown) {
    const fault = faultOf(thrown);
    if (OF_POOL.includes(fault.code)) return { pool, fault };
    throw thrown;
  }
}
