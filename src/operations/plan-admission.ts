import type { ChangeRecord, ChangeRequest } from '../domain/change.ts';
import { faultOf, OperationError } from '../domain/errors.ts';
import { findSubject, type Service } from '../domain/inventory.ts';
import { mayBreakGlass, mayRun } from '../policy/access.ts';
import { assertAdmitted, assertAllowed, type Standing, standingIn } from './access.ts';
import type { WorkerContext } from './context.ts';
import { assertNotFrozen } from './freeze.ts';
import { openPerUserAndServiceMax } from './limits.ts';
import { isResting } from './stages.ts';

/**
 * Who asks, as far as Slack says. Break-glass from a shell must work while Slack is away: then only people whom
 * the inventory names by id get through.
 */
async function standingOfAsker(
  context: WorkerContext,
  request: ChangeRequest,
  service: Service,
): Promise<Standing> {
  const { actor, command } = request;
  try {
    await assertAdmitted(actor.id, context.directory);
  } catch (thrown) {
    const away = faultOf(thrown).code === 'DIRECTORY_UNAVAILABLE';
    const named = service.environment.roles.breakGlass;
    const isNamed = named !== 'workspace' && named.includes(actor.id);
    if (!away || actor.via !== 'shell' || command.breakGlass !== true || !isNamed) throw thrown;
    context.log.warn('Break-glass from a shell while Slack is away', { changeId: request.id });
  }
  return standingIn(service.environment, actor.id, context.directory);
}

/** Everything the worker checks about the asker and the moment, before any device is read. */
export async function assertMayPlan(
  context: WorkerContext,
  request: ChangeRequest,
): Promise<Service> {
  const { command } = request;
  const service = findSubject(context.inventory, command.service);
  if (service === undefined) {
    throw new OperationError('USAGE', `There is no service ${command.service}.`);
  }
  if (context.clock.now() > request.notAfter) {
    throw new OperationError(
      'EXPIRED',
      'Your request waited too long in the queue; nothing was changed. Ask again.',
    );
  }
  const standing = await standingOfAsker(context, request, service);
  const { environment } = service;
  if (command.breakGlass === true) {
    assertAllowed(mayBreakGlass(environment, standing.roles, command.reason), standing);
  } else assertAllowed(mayRun(command.verb, environment, standing.roles), standing);
  const { channel } = request.origin;
  if (channel !== undefined && (await context.directory.isSharedChannel(channel))) {
    throw new OperationError(
      'NOT_ALLOWED',
      'This channel is shared with another organisation; ask in a channel of your own.',
    );
  }
  await Promise.all([
    assertNotFrozen(context, service.name),
    assertFewOpen(context, request, service),
  ]);
  return service;
}

/** A record that another version wrote is for its workers; it must not keep everybody else from planning. */
async function readable(context: WorkerContext, id: string): Promise<ChangeRecord | undefined> {
  try {
    return await context.stores.changes.get(id);
  } catch (thrown) {
    if (faultOf(thrown).code !== 'INTERNAL') throw thrown;
    return undefined;
  }
}

async function recordsOf(
  context: WorkerContext,
  ids: readonly string[],
): Promise<readonly ChangeRecord[]> {
  const records = await Promise.all(ids.map((id) => readable(context, id)));
  return records.filter((record) => record !== undefined);
}

/**
 * Plans are made side by side: where they will wait for approval, those created earlier count already while they
 * are being made, or ten commands typed at once would all find room.
 */
async function assertFewOpen(context: WorkerContext, request: ChangeRequest, service: Service) {
  const ids = await context.stores.changes.openOf(service.name);
  const records = await recordsOf(context, ids);
  const own = records.findIndex(({ id }) => id === request.id);
  const willWait = service.environment.approval.required > 0;
  const ahead = records.filter(
    (record, at) =>
      record.id !== request.id &&
      record.request.actor.id === request.actor.id &&
      record.request.command.service === service.name &&
      (record.state === 'waiting' || (willWait && record.state === 'planning' && at < own)),
  );
  if (ahead.length >= openPerUserAndServiceMax) {
    const list = ahead.map((record) => record.id).join(', ');
    throw new OperationError(
      'TOO_MANY_OPEN',
      `${ahead.length} of your changes of ${service.name} wait for approval or are being planned (${list}); ${openPerUserAndServiceMax} is the limit.`,
    );
  }
}

/** The changes of a service that drain, or wait for their time to be over. */
export async function restingIn(
  context: WorkerContext,
  service: string,
): Promise<readonly ChangeRecord[]> {
  const records = await recordsOf(context, await context.stores.changes.openOf(service));
  return records.filter((record) => isResting(record) && record.plan?.service === service);
}

/** Those of them that hold one of these members. */
export function holding(
  resting: readonly ChangeRecord[],
  members: readonly string[],
): readonly ChangeRecord[] {
  return resting.filter(
    ({ plan }) => plan?.members.some((member) => members.includes(member)) === true,
  );
}

/** A member at rest belongs to its change: only `enable` may take it away, which ends that change. */
export function assertUnclaimed(
  request: ChangeRequest,
  members: readonly string[],
  resting: readonly ChangeRecord[],
): void {
  if (request.command.verb === 'enable') return;
  const [other] = holding(resting, members);
  if (other === undefined) return;
  const what = other.state === 'draining' ? 'is draining' : 'holds';
  throw new OperationError(
    'CLAIMED',
    `Change ${other.id} by ${other.request.actor.id} ${what} ${other.plan?.members.join(', ')}: cancel ${other.id} first, or enable the member.`,
  );
}
