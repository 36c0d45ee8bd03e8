import type { AdminState, MemberState, PoolState } from '../../../src/domain/member.ts';
import type { LoadBalancerAdapter } from '../../../src/ports/adapter.ts';
import { openGate, stepTo, withoutEnd } from '../contract-device.ts';
import { MEMBER, POOL } from './site.ts';

export function readPool(adapter: LoadBalancerAdapter, pool = POOL): Promise<PoolState> {
  return adapter.read(pool, withoutEnd());
}

export async function look(
  adapter: LoadBalancerAdapter,
  name = MEMBER,
  pool = POOL,
): Promise<MemberState> {
  const { members } = await readPool(adapter, pool);
  const found = members.find((member) => member.name === name);
  if (found === undefined) throw new Error(`${name} is not among ${members.map((m) => m.name)}`);
  return found;
}

/** Reads, writes and reads back, as the product does. */
export async function bring(
  adapter: LoadBalancerAdapter,
  admin: AdminState,
  name = MEMBER,
  pool = POOL,
): Promise<MemberState> {
  const step = stepTo(adapter, pool, await look(adapter, name, pool), admin);
  await adapter.apply(step, openGate, withoutEnd());
  return look(adapter, name, pool);
}
