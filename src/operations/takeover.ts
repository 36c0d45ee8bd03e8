import type { PoolState } from '../domain/member.ts';
import type { Run } from './run.ts';

/**
 * Another unit of the balancer is active than when this was planned: plan and guard are held against what the new one
 * shows, and it is said, once.
 */
export function noteTakeover(
  run: Pick<Run, 'approved' | 'remarks'>,
  { device, pool }: PoolState,
): void {
  const planned = run.approved.plan.before.find(
    (before) => before.device.balancer === device.balancer && before.pool === pool,
  )?.device.unit;
  if (planned === undefined || device.unit === undefined || planned === device.unit) return;
  const remark = `${device.balancer}: unit ${device.unit} is active now, ${planned} was when this was planned; it was planned anew on what ${device.unit} shows.`;
  if (!run.remarks.includes(remark)) run.remarks.push(remark);
}
