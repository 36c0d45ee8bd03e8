import type { ChangeCommand } from '../domain/command.ts';
import { type Fault, faultOf, OperationError } from '../domain/errors.ts';
import type { Drift, DriftChoice, Incident } from '../domain/incident.ts';
import { findService, type Service } from '../domain/inventory.ts';
import { mayAccept, mayRun } from '../policy/access.ts';
import type { MemberHold } from '../ports/records.ts';
import { assertAdmitted, assertAllowed, standingIn } from './access.ts';
import { idFor } from './change-id.ts';
import type { FrontContext } from './context.ts';
import { advanceDrift, driftId, giveUpHold, reopenDrift, showDrift } from './drift.ts';
import type { Asker, DriftDecision, DriftReply, Operations } from './operations.ts';
import { isOwnHold } from './remember.ts';
import { verbOf } from './restore.ts';

interface Found {
  readonly incident: Incident;
  readonly drift: Drift;
  readonly service: Service;
}

async function found(context: FrontContext, id: string): Promise<Found> {
  const incident = await context.stores.watched.incident(id);
  if (incident?.drift === undefined) {
    throw new OperationError('NOT_FOUND', `There is no incident ${id} with anything to choose.`);
  }
  const service = findService(context.inventory, incident.drift.service);
  if (service === undefined) {
    throw new OperationError(
      'STALE',
      `${incident.drift.service} is no longer in the inventory; nothing was changed.`,
    );
  }
  return { incident, drift: incident.drift, service };
}

/** The hold that the incident is about; undefined when nobody keeps the member any more, or another change does. */
async function holdOf(context: FrontContext, { incident, drift }: Found) {
  const kept = await context.stores.holds.ofPool(drift.balancer, drift.pool);
  return kept.find(
    (hold) =>
      hold.member === drift.member &&
      isOwnHold(context, hold) &&
      hold.suspended !== undefined &&
      driftId(hold, hold.suspended.at) === incident.id,
  );
}

async function authorise(
  context: FrontContext,
  { verb }: DriftDecision,
  { service, drift }: Found,
  hold: MemberHold,
  userId: string,
): Promise<void> {
  if (context.directory === undefined) {
    throw new OperationError(
      'NOT_ALLOWED',
      `\`${verb}\` of ${drift.member} is given in Slack only.`,
    );
  }
  const { environment } = service;
  await assertAdmitted(userId, context.directory);
  const standing = await standingIn(environment, userId, context.directory);
  const verdict =
    verb === 'accept'
      ? mayAccept(environment, standing.roles)
      : mayRun(verbOf(hold), environment, standing.roles);
  assertAllowed(verdict, standing);
}

/** What brings the member back to what was left: a change like one that somebody types, for the rest of its time. */
function commandFor(hold: MemberHold, { service }: Found, now: number): ChangeCommand {
  const { want, until, balancer, member, changeId } = hold;
  const left = until === undefined ? undefined : until - now;
  if (left !== undefined && left <= 0) {
    throw new OperationError(
      'EXPIRED',
      `The time of change ${changeId} is over; accept it instead.`,
    );
  }
  const base = {
    service: service.name,
    members: [member],
    on: balancer,
    ifPairFails: 'put back',
    reason: `It was changed by hand after change ${changeId}.`,
    ...(left === undefined ? {} : { forMs: left }),
  } as const;
  // What was out of the table altogether goes there by way of a drain.
  if (want.admin === 'removed') {
    const { forMs: _never, ...rest } = base;
    return { ...rest, verb: 'drain', until: { afterwards: 'remove' } };
  }
  const verb = verbOf(hold);
  if (verb !== 'weight') return { ...base, verb };
  return { ...base, verb, weight: { unit: 'absolute', value: want.weight } };
}

async function accept(
  context: FrontContext,
  here: Found,
  hold: MemberHold,
  choice: DriftChoice,
): Promise<DriftReply | undefined> {
  const { incident, drift } = here;
  const next = await advanceDrift(context, incident, {
    state: 'over',
    severity: 'info',
    headline: `${drift.member} in ${drift.pool} on ${drift.balancer} stays as a hand left it; change ${hold.changeId} no longer keeps it.`,
    facts: incident.facts.filter(({ label }) => label === 'It shows' || label === 'It was left'),
    drift: { ...drift, choice },
  });
  if (next === undefined) return undefined;
  await showDrift(context, incident.id);
  // The choice stands: what fails here is done by the watcher's next look.
  await giveUpHold(context, hold, choice.by).catch((error: unknown) =>
    context.log.warn('A hold is given up at the next look', { id: incident.id, error }),
  );
  return { kind: 'taken', isKnown: true };
}

async function restore(
  context: FrontContext,
  change: Operations['change'],
  here: Found,
  hold: MemberHold,
  asker: Asker,
  choice: DriftChoice,
): Promise<DriftReply | undefined> {
  const { incident, drift } = here;
  const command = commandFor(hold, here, context.clock.now());
  const deliveryId = `drift.${incident.id}.${drift.tries}`;
  const changeId = idFor(deliveryId);
  const next = await advanceDrift(context, incident, {
    drift: { ...drift, choice: { ...choice, changeId } },
  });
  if (next === undefined) return undefined;
  const receipt = await change(command, { ...asker, deliveryId });
  if (receipt.kind === 'refused') {
    await reopenDrift(context, next, receipt.fault.message);
    return receipt;
  }
  await showDrift(context, incident.id);
  return { kind: 'taken', changeId, isKnown: receipt.kind === 'accepted' };
}

async function taken(
  context: FrontContext,
  change: Operations['change'],
  decision: DriftDecision,
  asker: Asker,
): Promise<DriftReply> {
  const here = await found(context, decision.incidentId);
  const { incident, drift } = here;
  if (drift.choice !== undefined) return { kind: 'late', choice: drift.choice };
  if (incident.state === 'over') {
    throw new OperationError('NOT_WAITING', `It is over: ${incident.headline}`);
  }
  const hold = await holdOf(context, here);
  if (hold === undefined) {
    throw new OperationError(
      'NOT_WAITING',
      `${drift.member} is no longer kept as it was left; see status.`,
    );
  }
  await authorise(context, decision, here, hold, asker.actor.id);
  const choice = { verb: decision.verb, by: asker.actor.id, at: context.clock.now() };
  const reply =
    decision.verb === 'accept'
      ? await accept(context, here, hold, choice)
      : await restore(context, change, here, hold, asker, choice);
  // Somebody was faster by a moment: then there is a choice to be told.
  return reply ?? taken(context, change, decision, asker);
}

/** A write to Redis that timed out may have landed: then nobody may be told that nothing happened. */
function truthful(fault: Fault): Fault {
  if (fault.code !== 'STORE_UNAVAILABLE') return fault;
  const message = `Redis did not answer, so it is not known whether this counted; the message will show it. (${fault.message})`;
  return { code: fault.code, message };
}

/**
 * Somebody chooses what is to become of a member that was changed by hand. Of many clicks one counts: the choice is
 * one atomic step, and what follows from it is gone on with by the watcher when this process dies.
 */
export async function chooseDrift(
  context: FrontContext,
  change: Operations['change'],
  decision: DriftDecision,
  asker: Asker,
): Promise<DriftReply> {
  try {
    return await taken(context, change, decision, asker);
  } catch (thrown) {
    const fault = truthful(faultOf(thrown));
    const { incidentId, verb } = decision;
    if (fault.code === 'INTERNAL') {
      context.log.error('Choosing failed', { incidentId, error: thrown });
    }
    await context.stores.audit
      .append({
        kind: 'refused',
        changeId: incidentId,
        actor: asker.actor.id,
        detail: { verb, fault },
      })
      .catch(() => undefined);
    return { kind: 'refused', fault };
  }
}
