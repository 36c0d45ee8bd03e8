import { signHold } from '../domain/approval.ts';
import { faultOf } from '../domain/errors.ts';
import type { Service } from '../domain/inventory.ts';
import type { PoolState } from '../domain/member.ts';
import { idFor } from '../operations/change-id.ts';
import type { WorkerContext } from '../operations/context.ts';
import type { PoolAt } from '../operations/devices.ts';
import { endDrift, openDrift, tendDrift } from '../operations/drift.ts';
import { freezeOn } from '../operations/freeze.ts';
import { keepStates } from '../operations/keep-state.ts';
import { isOwnHold } from '../operations/remember.ts';
import { type Forgotten, isRestarted, restore, whatHappened } from '../operations/restore.ts';
import { channelForService } from '../operations/route.ts';
import type { MemberHold } from '../ports/records.ts';
import { judge } from './judge.ts';

function serviceOn(context: WorkerContext, place: PoolAt): Service | undefined {
  for (const service of context.inventory.services.values()) {
    const here = service.pools.some(
      ({ pool, balancers }) => pool === place.pool && balancers.includes(place.balancer),
    );
    if (here) return service;
  }
  return undefined;
}

/** True while a change of ours is under way on this pool: its steps must not look like somebody's hand. */
async function isBeingChanged(context: WorkerContext, place: PoolAt): Promise<boolean> {
  const ids = await context.stores.changes.open();
  const records = await Promise.all(ids.map((id) => context.stores.changes.get(id)));
  return records.some(
    (record) =>
      record !== undefined &&
      ['approved', 'running', 'unknown'].includes(record.state) &&
      record.plan?.steps.some(
        (step) => step.balancer === place.balancer && step.pool === place.pool,
      ),
  );
}

async function say(
  context: WorkerContext,
  service: Service,
  hold: MemberHold,
  id: string,
  text: string,
): Promise<void> {
  context.log.warn('A held member is not as it was left', { member: hold.member, text });
  const channel = channelForService(context.inventory, service.name);
  if (channel === undefined) return;
  await context.queue.notice({
    id,
    channel,
    changeId: hold.changeId,
    mentions: [hold.actor],
    text,
  });
}

/** The same for the same facts, and short, however long the names are: one word for each member and occasion. */
function wordId(kind: 'lost' | 'often', ...facts: readonly string[]): string {
  return `${kind}.${idFor(facts.join('\n'))}`;
}

const factsOf = ({ changeId, balancer, pool, member }: MemberHold) => [
  changeId,
  balancer,
  pool,
  member,
];

function withIncarnation(
  context: WorkerContext,
  hold: MemberHold,
  incarnation: string,
): MemberHold {
  const { mac: _mac, suspended: _suspended, ...rest } = hold;
  const unsigned = { ...rest, incarnation };
  return { ...unsigned, mac: signHold(unsigned, context.signingKey) };
}

/** True while nobody has changed or forgotten what is remembered of the member. */
async function stillHeld(context: WorkerContext, hold: MemberHold): Promise<boolean> {
  const kept = await context.stores.holds.ofPool(hold.balancer, hold.pool);
  return kept.some(({ member, mac }) => member === hold.member && mac === hold.mac);
}

/**
 * A change by hand is never reverted: it is announced once, and the hold is left to rest. Until the word of it is on its
 * way, the hold says so: a store that goes away in between must not keep people from hearing it.
 */
async function suspend(
  context: WorkerContext,
  service: Service,
  hold: MemberHold,
  state: PoolState,
): Promise<void> {
  const { holds, audit } = context.stores;
  if (hold.suspended !== undefined && hold.suspended.untold !== true) {
    return tendDrift(context, hold);
  }
  const at = hold.suspended?.at ?? context.clock.now();
  const member = state.members.find(({ name }) => name === hold.member);
  const shows = member === undefined ? 'gone' : `${member.status}, weight ${member.weight}`;
  if (hold.suspended === undefined) {
    await audit.append({
      kind: 'drifted',
      changeId: hold.changeId,
      actor: 'lb-chatops',
      detail: { balancer: hold.balancer, pool: hold.pool, member: hold.member, shows },
    });
    await holds.put({ ...hold, suspended: { at, untold: true } });
  }
  // Or the next reload would bring back from the state file what somebody has just undone.
  await keepStates(context, [hold.balancer]);
  context.log.warn('A held member is not as it was left', { member: hold.member, shows });
  await openDrift(context, service, hold, { at, shows });
  if (await stillHeld(context, hold)) await holds.put({ ...hold, suspended: { at } });
}

const isOver = (hold: MemberHold, now: number) => hold.until !== undefined && now >= hold.until;

/** Why a forgotten member is not restored now; undefined when it may be. */
async function obstacleTo(
  context: WorkerContext,
  service: Service,
  hold: MemberHold,
): Promise<string | undefined> {
  if (hold.suspended !== undefined) return 'somebody had changed it by hand before';
  if (isOver(hold, context.clock.now())) return 'its time was over';
  const needsApproval = service.environment.approval.required > 0;
  if (hold.approvalKind === 'nobody needed' && needsApproval) return 'nobody approved it';
  if (hold.approvalKind === 'break glass') return 'it was taken out by breaking the glass';
  if (!isOwnHold(context, hold)) return 'what Redis holds about it is not signed by us';
  const freeze = await freezeOn(context, service.name);
  return freeze === undefined ? undefined : `writes are frozen (${freeze.reason})`;
}

async function seeToForgotten(
  context: WorkerContext,
  service: Service,
  state: PoolState,
  holds: readonly MemberHold[],
): Promise<void> {
  const byChange = new Map<string, Forgotten[]>();
  for (const hold of holds) {
    const member = state.members.find(({ name }) => name === hold.member);
    if (member === undefined) continue;
    const obstacle = await obstacleTo(context, service, hold);
    if (obstacle === undefined) {
      byChange.set(hold.changeId, [...(byChange.get(hold.changeId) ?? []), { hold, member }]);
      continue;
    }
    const { incarnation } = state.device;
    await say(
      context,
      service,
      hold,
      wordId('lost', ...factsOf(hold), incarnation),
      `${whatHappened(state, [{ hold, member }])}: ${hold.member} in ${hold.pool} was left ${hold.want.admin} (change ${hold.changeId}). It is NOT restored: ${obstacle}.`,
    );
  }
  for (const forgotten of byChange.values()) {
    if (await restore(context, service, state, forgotten)) continue;
    const [first] = forgotten;
    if (first === undefined) continue;
    const { balancer, incarnation } = state.device;
    const names = forgotten.map(({ hold }) => hold.member);
    await say(
      context,
      service,
      first.hold,
      wordId('often', ...factsOf(first.hold), incarnation),
      `${isRestarted(state, forgotten) ? `${balancer} was restarted again and again` : `${balancer} undid it by itself again and again`}; ${names.join(', ')} in ${first.hold.pool} is NOT put back ${first.hold.want.admin} this time. Look at ${balancer}.`,
    );
  }
}

const asLeftAgain = ({ member, pool, balancer, changeId }: MemberHold) =>
  `${member} in ${pool} on ${balancer} was put back by hand as change ${changeId} left it; it is kept so again.`;

/**
 * Judges a pool with held members as it is now: what was kept is noted, what was forgotten restored, what was changed
 * told. `known` is what was held before the pool was read: of what was put there since, or altered, it says nothing.
 */
export async function lookAt(
  context: WorkerContext,
  place: PoolAt,
  state: PoolState,
  known?: readonly MemberHold[],
): Promise<void> {
  const service = serviceOn(context, place);
  if (service === undefined) return;
  const held = await context.stores.holds.ofPool(place.balancer, place.pool);
  const isOlder = ({ mac }: MemberHold) => known?.some((each) => each.mac === mac) !== false;
  const holds = held.filter(isOlder);
  const forgotten: MemberHold[] = [];
  for (const hold of holds) {
    switch (judge(hold, state)) {
      case 'kept':
        // Somebody's hand put it back as it was: the hold counts again.
        if (hold.suspended !== undefined && isOwnHold(context, hold)) {
          await context.stores.holds.put(withIncarnation(context, hold, hold.incarnation));
          await endDrift(context, hold, asLeftAgain(hold));
        }
        break;
      case 'kept over a restart':
        if (isOwnHold(context, hold)) {
          await context.stores.holds.put(withIncarnation(context, hold, state.device.incarnation));
        }
        break;
      case 'forgotten':
        forgotten.push(hold);
        break;
      case 'changed by hand':
      case 'gone':
        if (!(await isBeingChanged(context, place))) await suspend(context, service, hold, state);
        break;
    }
  }
  if (forgotten.length > 0 && !(await isBeingChanged(context, place))) {
    await seeToForgotten(context, service, state, forgotten);
  }
}

/** The same, and never throws: what could not be seen to now is seen to at the next look. */
export async function lookQuietly(
  context: WorkerContext,
  place: PoolAt,
  state: PoolState,
  known: readonly MemberHold[],
): Promise<void> {
  try {
    await lookAt(context, place, state, known);
  } catch (thrown) {
    const fault = faultOf(thrown);
    context.log.debug('What must stay so could not be judged', { ...place, fault });
  }
}
