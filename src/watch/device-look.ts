import type { DeviceLook, PoolLook } from '../domain/device-look.ts';
import { type ErrorCode, faultOf, OperationError } from '../domain/errors.ts';
import type { WorkerContext } from '../operations/context.ts';
import { readDeadlineMs } from '../operations/limits.ts';
import type { LoadBalancerAdapter } from '../ports/adapter.ts';

/** Faults of one pool, not of the device. */
const OF_POOL: readonly ErrorCode[] = ['NO_SUCH_POOL', 'UNSAFE_NAME', 'UNSUPPORTED'];

async function poolLook(
  adapter: LoadBalancerAdapter,
  pool: string,
  signal: AbortSignal,
): Promise<PoolLook> {
  try {
    return { pool, state: await adapter.read(pool, { signal }) };
  } catch (thrown) {
    const fault = faultOf(thrown);
    if (OF_POOL.includes(fault.code)) return { pool, fault };
    throw thrown;
  }
}

/** One look, in one exchange where the adapter can. Throws when the device as a whole did not answer. */
export async function lookAtDevice(
  context: Pick<WorkerContext, 'adapterOf'>,
  balancer: string,
  pools: readonly string[],
  asked: { readonly isVrrp: boolean; readonly signal: AbortSignal },
): Promise<DeviceLook> {
  const adapter = context.adapterOf(balancer);
  const signal = AbortSignal.any([AbortSignal.timeout(readDeadlineMs), asked.signal]);
  const words = async () => (asked.isVrrp ? await adapter.testimony?.({ signal }) : undefined);
  if (adapter.look !== undefined) {
    const look = await adapter.look(pools, { signal });
    if (look.words !== undefined || !asked.isVrrp) return look;
    const own = await words();
    return own === undefined ? look : { ...look, words: own };
  }
  const [own, ...looks] = await Promise.all([
    words(),
    ...pools.map((pool) => poolLook(adapter, pool, signal)),
  ]);
  const state = looks.flatMap((look) => ('state' in look ? [look.state] : []))[0];
  if (state === undefined) {
    const [first] = looks;
    const fault = first !== undefined && 'fault' in first ? first.fault : undefined;
    throw new OperationError(
      fault?.code ?? 'INTERNAL',
      fault?.message ?? `Looking at ${balancer}: there is nothing to look at.`,
    );
  }
  return { device: state.device, pools: looks, ...(own === undefined ? {} : { words: own }) };
}
