import type { DeviceLook, NodeWords, PoolLook } from '../domain/device-look.ts';
import { type ErrorCode, type Fault, faultOf, OperationError } from '../domain/errors.ts';
import type { WorkerContext } from '../operations/context.ts';
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

/** A look, or why there is none though the host of the device answered. */
export type Looked =
  | { readonly look: DeviceLook }
  | { readonly fault: Fault; readonly words: NodeWords };

/** One look, in one exchange where the adapter can. Throws when neither the device nor its host answered. */
export async function lookAtDevice(
  context: Pick<WorkerContext, 'adapterOf'>,
  balancer: string,
  pools: readonly string[],
  asked: { readonly isVrrp: boolean; readonly msMax: number; readonly signal: AbortSignal },
): Promise<Looked> {
  const adapter = context.adapterOf(balancer);
  const signal = AbortSignal.any([AbortSignal.timeout(asked.msMax), asked.signal]);
  const words = async () => (asked.isVrrp ? await adapter.testimony?.({ signal }) : undefined);
  if (adapter.look !== undefined) {
    let look: DeviceLook;
    try {
      look = await adapter.look(pools, { signal });
    } catch (thrown) {
      // What balances may be gone while its host is there.
      const own = await words().catch(() => undefined);
      if (own === undefined) throw thrown;
      return { fault: faultOf(thrown), words: own };
    }
    if (look.words !== undefined || !asked.isVrrp) return { look };
    const own = await words();
    return { look: own === undefined ? look : { ...look, words: own } };
  }
  const [said, found] = await Promise.allSettled([
    words(),
    Promise.all(pools.map((pool) => poolLook(adapter, pool, signal))),
  ]);
  if (found.status === 'rejected') {
    if (said.status === 'rejected' || said.value === undefined) throw found.reason;
    return { fault: faultOf(found.reason), words: said.value };
  }
  if (said.status === 'rejected') throw said.reason;
  const own = said.value;
  const looks = found.value;
  const state = looks.flatMap((look) => ('state' in look ? [look.state] : []))[0];
  if (state === undefined) {
    const [first] = looks;
    const fault = first !== undefined && 'fault' in first ? first.fault : undefined;
    throw new OperationError(
      fault?.code ?? 'INTERNAL',
      fault?.message ?? `Looking at ${balancer}: there is nothing to look at.`,
    );
  }
  const look = { device: state.device, pools: looks };
  return { look: own === undefined ? look : { ...look, words: own } };
}
