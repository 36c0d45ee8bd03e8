import type { Service } from '../domain/inventory.ts';
import { type MemberState, type PoolState, sameSetting, settingOf } from '../domain/member.ts';
import type { PairGap } from '../domain/pair-gap.ts';
import type { WorkerContext } from './context.ts';
import { type PoolReading, readPools } from './devices.ts';
import { peerReadMs } from './limits.ts';
import type { Run } from './run.ts';

/** A node of a pair that is not to be changed, and what it shows of the pool. */
interface LeftOut {
  readonly pair: string;
  readonly pool: string;
  readonly reading: PoolReading;
}

/** The other nodes of the pairs of this service, where a command is for one balancer only. */
async function readLeftOut(
  context: WorkerContext,
  service: Service,
  on: string,
): Promise<readonly LeftOut[]> {
  const places = service.pools
    .filter(({ balancers }) => balancers.includes(on))
    .flatMap(({ lane, pool, balancers }) =>
      balancers
        .filter((balancer) => balancer !== on)
        .map((balancer) => ({ pair: lane, pool, balancer })),
    );
  const readings = await readPools(context, places, AbortSignal.timeout(peerReadMs));
  return places.flatMap(({ pair, pool }, index) => {
    const reading = readings[index];
    return reading === undefined ? [] : [{ pair, pool, reading }];
  });
}

const memberIn = (state: PoolState, name: string) =>
  state.members.find((member) => member.name === name);

export function isAlike(one: MemberState | undefined, other: MemberState | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return sameSetting(settingOf(one), settingOf(other));
}

/** What a member is, in words for people. */
export function shownAs(member: MemberState | undefined): string {
  return member === undefined ? 'not there' : `${member.admin} with weight ${member.weight}`;
}

/** What whoever agrees to a change of one node must know of the others; one sentence each. */
export async function leftOutWarnings(
  context: WorkerContext,
  service: Service,
  on: string,
  wanted: readonly { readonly pool: string; readonly member: MemberState }[],
): Promise<readonly string[]> {
  const found = await readLeftOut(context, service, on);
  return found.flatMap(({ pair, pool, reading }) => {
    if ('fault' in reading) {
      return [
        `${reading.balancer} does not answer and is left out: pair ${pair} differs until it has the same. ${reading.fault.message}`,
      ];
    }
    const differing = wanted
      .filter((each) => each.pool === pool)
      .filter(({ member }) => !isAlike(member, memberIn(reading.state, member.name)))
      .map(({ member }) => `${member.name} stays ${shownAs(memberIn(reading.state, member.name))}`);
    if (differing.length === 0) return [];
    return [`${reading.balancer} is left out, so pair ${pair} differs: ${differing.join(', ')}.`];
  });
}

/**
 * After a change of one node: notes in what the others differ from it now, and says so. What is alike by then is noted
 * no longer. Restores of one restarted node leave nothing out.
 */
export async function noteGaps(run: Run, after: readonly PoolState[]): Promise<readonly string[]> {
  const { context, on, service, approved } = run;
  if (on === undefined || approved.approval.kind === 'restore') return [];
  const changed = after.filter(({ device }) => device.balancer === on);
  const remarks: string[] = [];
  for (const { pair, pool, reading } of await readLeftOut(context, service, on)) {
    const own = changed.find((state) => state.pool === pool);
    if (own === undefined) continue;
    const isAway = 'fault' in reading;
    const leftOut = reading.balancer;
    const names: string[] = [];
    for (const member of approved.plan.members) {
      const base = { pair, service: service.name, pool, member, changed: on, leftOut };
      const by = { changeId: run.changeId, actor: run.requester, at: context.clock.now() };
      const gap: PairGap = { ...base, ...by, isAway };
      if (!isAway && isAlike(memberIn(own, member), memberIn(reading.state, member))) {
        await context.stores.gaps.remove(gap);
        continue;
      }
      await context.stores.gaps.put(gap);
      names.push(member);
    }
    if (names.length === 0) continue;
    const why = isAway ? `${leftOut} did not answer` : `${leftOut} was left out`;
    remarks.push(
      `${why}: pair ${pair} differs in ${names.join(', ')} until ${leftOut} has the same. compare ${pair} shows it.`,
    );
  }
  return remarks;
}
