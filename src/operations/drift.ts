import { createHash } from 'node:crypto';
import { isOpen } from '../domain/change.ts';
import type { Drift, Incident } from '../domain/incident.ts';
import type { Service } from '../domain/inventory.ts';
import type { MemberHold } from '../ports/records.ts';
import type { FrontContext } from './context.ts';

type DriftContext = Pick<FrontContext, 'stores' | 'queue' | 'clock' | 'log'>;

/** The same for the same hand on the same hold, whoever sees it: one message, however often it is looked at. */
export function driftId({ balancer, pool, member, changeId }: MemberHold, at: number): string {
  const text = JSON.stringify([balancer, pool, member, changeId, at]);
  return `i${createHash('sha256').update(text).digest('hex').slice(0, 15)}`;
}

/** Asks for what is kept to be shown; it is noted as due, so a queue that is away delays it only. */
export async function showDrift(context: DriftContext, id: string): Promise<void> {
  try {
    await context.queue.showIncident(id, 0);
  } catch (error) {
    context.log.warn('An incident is told later', { id, error });
  }
}

/**
 * Tells that a member which a change keeps was changed by hand, with the choice between restoring and accepting it.
 * The same twice is one message. Throws STORE_UNAVAILABLE; then it is tried at the next look.
 */
export async function openDrift(
  context: DriftContext,
  service: Service,
  hold: MemberHold,
  { at, shows }: { readonly at: number; readonly shows: string },
): Promise<void> {
  const { balancer, pool, member, changeId, actor, want } = hold;
  const id = driftId(hold, at);
  const target = service.pools.find((each) => each.pool === pool);
  const incident: Incident = {
    v: 1,
    id,
    lane: target?.lane ?? balancer,
    topic: `drift:${balancer}/${pool}/${member}`,
    kind: 'drift',
    state: 'open',
    severity: 'warning',
    worst: 'warning',
    revision: 1,
    begunAt: at,
    updatedAt: at,
    services: [service.name],
    headline: `${member} in ${pool} on ${balancer} was changed by hand.`,
    facts: [
      { label: 'It shows', text: shows },
      { label: 'It was left', text: `${want.admin}, weight ${want.weight}, by change ${changeId}` },
      { label: 'Until somebody chooses', text: 'it stays as it is and is not restored' },
    ],
    events: [],
    eventsCount: 0,
    drift: { balancer, pool, member, service: service.name, actor, tries: 0 },
  };
  await context.stores.watched.keep(incident);
  await showDrift(context, id);
}

/** What of an incident a step of its story alters. */
export type DriftStep = Partial<Pick<Incident, 'state' | 'severity' | 'headline' | 'facts'>> & {
  readonly drift: Drift;
};

/** One step further, if it is still as the caller read it; undefined when somebody was faster. */
export async function advanceDrift(
  { stores, clock }: Pick<DriftContext, 'stores' | 'clock'>,
  incident: Incident,
  step: DriftStep,
): Promise<Incident | undefined> {
  const now = clock.now();
  const next: Incident = {
    ...incident,
    ...step,
    revision: incident.revision + 1,
    updatedAt: now,
    ...(step.state === 'over' ? { endedAt: now } : {}),
  };
  return (await stores.watched.keep(next)) ? next : undefined;
}

/** More who alter one drift at once than this mean that something is wrong; the next look goes on. */
const TRIES_MAX = 5;

/** What was told of this hold is over; nothing where nothing was told. */
export async function endDrift(
  context: DriftContext,
  hold: MemberHold,
  headline: string,
): Promise<void> {
  const { suspended } = hold;
  if (suspended === undefined) return;
  const id = driftId(hold, suspended.at);
  for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
    const incident = await context.stores.watched.incident(id);
    if (incident?.drift === undefined || incident.state === 'over') return;
    const { drift } = incident;
    const step = { state: 'over', severity: 'info', headline, facts: [], drift } as const;
    if ((await advanceDrift(context, incident, step)) !== undefined) return showDrift(context, id);
  }
}

/** From now on no change keeps the member. Can be done again: what is removed already is let be. */
export async function giveUpHold(
  context: DriftContext,
  hold: MemberHold,
  by: string,
): Promise<void> {
  const { balancer, pool, member, changeId, want } = hold;
  await context.stores.audit.append({
    kind: 'accepted',
    changeId,
    actor: by,
    detail: { balancer, pool, member, gaveUp: want },
  });
  await context.stores.holds.remove(balancer, pool, member);
}

/** So long after a choice its change may still be on its way through the queue. */
const ON_ITS_WAY_MS = 90_000;

/**
 * Goes on with what somebody chose and a process left undone, and asks again where the change that was to restore the
 * member is over without having done so. For holds that are still as a hand left them.
 */
export async function tendDrift(context: DriftContext, hold: MemberHold): Promise<void> {
  const { suspended } = hold;
  if (suspended === undefined) return;
  const incident = await context.stores.watched.incident(driftId(hold, suspended.at));
  const drift = incident?.drift;
  if (incident === undefined || drift?.choice === undefined) return;
  const { verb, by, at, changeId } = drift.choice;
  if (verb === 'accept') return giveUpHold(context, hold, by);
  if (incident.state === 'over') return;
  const record = changeId === undefined ? undefined : await context.stores.changes.get(changeId);
  if (record === undefined && context.clock.now() - at < ON_ITS_WAY_MS) return;
  if (record !== undefined && isOpen(record.state)) return;
  const why =
    record === undefined
      ? 'it was never planned'
      : [record.state, record.fault?.message].filter(Boolean).join(': ');
  await reopenDrift(context, incident, `change ${changeId ?? ''} did not do it (${why})`);
}

/** The buttons are there again, with what became of the last choice. */
export async function reopenDrift(
  context: DriftContext,
  incident: Incident,
  why: string,
): Promise<void> {
  const { drift } = incident;
  if (drift === undefined) return;
  const { choice: _over, ...rest } = drift;
  const label = 'The last try';
  const facts = [...incident.facts.filter((fact) => fact.label !== label), { label, text: why }];
  const step = { facts, drift: { ...rest, tries: drift.tries + 1 } };
  if ((await advanceDrift(context, incident, step)) !== undefined) {
    await showDrift(context, incident.id);
  }
}
