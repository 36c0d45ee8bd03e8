import type { ChangeRecord } from '../domain/change.ts';
import { type Fault, faultOf } from '../domain/errors.ts';
import type { DeviceSighting, Home, OutMember } from '../domain/home.ts';
import { findSubject, type Service } from '../domain/inventory.ts';
import { mayRun } from '../policy/access.ts';
import { mayApprove } from '../policy/approval-rule.ts';
import { assertAdmitted, type Standing, standingIn } from './access.ts';
import type { FrontContext, WorkerContext } from './context.ts';
import { poolsOf } from './devices.ts';
import { homeChangesMax, homeFreshMs } from './limits.ts';
import type { Asker } from './operations.ts';

/** Somebody opened the Home tab: from now on it follows what they decide. */
export async function openHome(context: FrontContext, asker: Asker): Promise<void> {
  const userId = asker.actor.id;
  try {
    await context.stores.openers.note(userId, context.clock.now());
    await context.queue.publishHome(userId);
  } catch (error) {
    context.log.warn('A Home tab is not drawn', { userId, error });
  }
}

/** Draws the Home tab anew for those of these people who opened it lately. A courtesy: never throws. */
export async function refreshHomes(
  context: Pick<FrontContext, 'stores' | 'queue' | 'clock' | 'log'>,
  userIds: readonly string[],
): Promise<void> {
  try {
    const from = context.clock.now() - homeFreshMs;
    const openers = await context.stores.openers.since([...new Set(userIds)], from);
    await Promise.all(openers.map((userId) => context.queue.publishHome(userId)));
  } catch (error) {
    context.log.warn('Home tabs are not drawn anew', { error });
  }
}

/** Whom a change concerns: who asked, and who decided. */
export function peopleOf(record: ChangeRecord | undefined): readonly string[] {
  return [record?.request.actor.id, record?.approval?.by, record?.decidedBy].filter(
    (id): id is string => id !== undefined && /^[UW][A-Z0-9]+$/.test(id),
  );
}

/** Draws one Home tab. Throws what may work later; what Slack refuses for good is logged. */
export async function publishHome(context: WorkerContext, userId: string): Promise<void> {
  try {
    await context.announcer.publishHome(userId, await homeOf(context, userId));
  } catch (thrown) {
    const fault = faultOf(thrown);
    if (fault.code !== 'UNSUPPORTED' && fault.code !== 'NOT_ALLOWED') throw thrown;
    context.log.warn('A Home tab could not be drawn', { userId, fault });
  }
}

async function homeOf(context: WorkerContext, userId: string): Promise<Home> {
  try {
    await assertAdmitted(userId, context.directory);
  } catch (thrown) {
    const fault = faultOf(thrown);
    if (fault.code === 'NOT_ALLOWED') return { kind: 'refused', reason: fault.message };
    throw thrown;
  }
  const standings = await standingsOf(context, userId);
  const services = [...context.inventory.services.values()].filter(({ environment }) => {
    const roles = standings.get(environment.name)?.roles ?? new Set();
    return mayRun('status', environment, roles).allowed;
  });
  const [changes, out, devices, gaps] = await Promise.all([
    waitingChanges(context, userId, standings),
    outOf(context, services),
    devicesOf(context, services),
    context.stores.gaps.all(),
  ]);
  const faults = [...standings.values()].flatMap(({ fault }) => fault ?? []);
  return {
    kind: 'home',
    userId,
    at: context.clock.now(),
    ...changes,
    out,
    devices,
    gaps: gaps.filter(({ service }) => services.some(({ name }) => name === service)),
    faults: oneEach(faults),
  };
}

/** What this person may do, by environment. */
async function standingsOf(
  context: WorkerContext,
  userId: string,
): Promise<ReadonlyMap<string, Standing>> {
  const environments = [...context.inventory.environments.values()];
  const standings = await Promise.all(
    environments.map((environment) => standingIn(environment, userId, context.directory)),
  );
  return new Map(
    standings.map((standing, index) => [environments[index]?.name ?? '', standing] as const),
  );
}

async function waitingChanges(
  context: WorkerContext,
  userId: string,
  standings: ReadonlyMap<string, Standing>,
): Promise<Pick<Extract<Home, { kind: 'home' }>, 'approvals' | 'mine'>> {
  const { changes } = context.stores;
  const open = (await changes.open()).slice(-homeChangesMax);
  const records = await Promise.all(open.map((changeId) => changes.get(changeId)));
  const now = context.clock.now();
  const waiting = records
    .filter((record) => record !== undefined)
    .filter(({ state, expiresAt }) => state === 'waiting' && now < (expiresAt ?? now + 1))
    .sort((a, b) => b.request.acceptedAt - a.request.acceptedAt);
  const mayAgree = (record: ChangeRecord): boolean => {
    const service = findSubject(context.inventory, record.request.command.service);
    if (service === undefined || record.votes?.some(({ by }) => by === userId)) return false;
    const { environment } = service;
    const roles = standings.get(environment.name)?.roles ?? new Set();
    return mayApprove(record, environment, userId, roles).allowed;
  };
  const approvals = waiting.filter(mayAgree);
  const mine = waiting.filter(
    (record) => record.request.actor.id === userId && !approvals.includes(record),
  );
  return { approvals, mine };
}

/** What the bot keeps out now, of these services, oldest first. */
async function outOf(
  context: WorkerContext,
  services: readonly Service[],
): Promise<readonly OutMember[]> {
  const places = services.flatMap((service) =>
    poolsOf(service).map((place) => ({ service, ...place })),
  );
  const found = await Promise.all(
    places.map(async ({ service, balancer, pool }) => {
      const holds = await context.stores.holds.ofPool(balancer, pool);
      return holds.map((hold): OutMember => {
        const { member, want, restore, changeId, actor, approver, at, until } = hold;
        const place = { service: service.name, environment: service.environment.name };
        const time = until === undefined ? { at } : { at, until };
        const what = { balancer, pool, member, want, restore };
        return { ...place, ...what, changeId, actor, approver, ...time };
      });
    }),
  );
  return found.flat().sort((a, b) => a.at - b.at);
}

/** When the balancers of these services last answered, in the order of the inventory. */
export async function devicesOf(
  context: Pick<WorkerContext, 'inventory' | 'stores'>,
  services: readonly Service[],
): Promise<readonly DeviceSighting[]> {
  const used = new Set(services.flatMap((service) => poolsOf(service)).map((at) => at.balancer));
  const sightings = await context.stores.sightings.all();
  const seen = new Map(sightings.map((sighting) => [sighting.balancer, sighting]));
  return [...context.inventory.balancers.keys()]
    .filter((balancer) => used.has(balancer))
    .map((balancer) => seen.get(balancer) ?? { balancer });
}

function oneEach(faults: readonly Fault[]): readonly Fault[] {
  return [...new Map(faults.map((fault) => [fault.message, fault])).values()];
}
