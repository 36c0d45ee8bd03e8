import type { FreezeCommand } from '../domain/command.ts';
import { durationWords } from '../domain/duration.ts';
import { faultOf, OperationError } from '../domain/errors.ts';
import { type Environment, findService, servicesOnPair } from '../domain/inventory.ts';
import { mayRun } from '../policy/access.ts';
import type { Freeze } from '../ports/records.ts';
import { assertAdmitted, assertAllowed, standingIn } from './access.ts';
import type { FrontContext } from './context.ts';
import type { Asker, FreezeReply } from './operations.ts';

/** Scope of a freeze of everything. */
export const ALL_SERVICES = '*';

/** The freeze that stops writes of this service now, if any; of a pair, that of any service on it. */
export async function freezeOn(
  context: Pick<FrontContext, 'inventory' | 'stores' | 'clock'>,
  service: string,
): Promise<Freeze | undefined> {
  const active = await context.stores.freezes.active(context.clock.now());
  const isService = context.inventory.services.has(service);
  const onPair = isService ? [] : servicesOnPair(context.inventory, service);
  const scopes = [ALL_SERVICES, service, ...onPair.map(({ name }) => name)];
  return active.find(({ scope }) => scopes.includes(scope));
}

/** The freeze in one sentence, for whoever runs into it. */
export function freezeWords(freeze: Freeze, now: number): string {
  const what = freeze.scope === ALL_SERVICES ? 'Everything' : freeze.scope;
  const end =
    freeze.until === undefined
      ? 'until somebody lifts it'
      : `for another ${durationWords(freeze.until - now)}`;
  return `${what} is frozen by ${freeze.by} ${end}: ${freeze.reason}`;
}

/** Throws FROZEN while writes of this service are stopped. */
export async function assertNotFrozen(
  context: Pick<FrontContext, 'inventory' | 'stores' | 'clock'>,
  service: string,
): Promise<void> {
  const freeze = await freezeOn(context, service);
  if (freeze === undefined) return;
  throw new OperationError('FROZEN', freezeWords(freeze, context.clock.now()));
}

/** A freeze of everything concerns every environment; one of a service its own. */
function environmentsOf(context: FrontContext, scope: string): readonly Environment[] {
  if (scope === ALL_SERVICES) return [...context.inventory.environments.values()];
  const service = findService(context.inventory, scope);
  return service === undefined ? [] : [service.environment];
}

async function assertMayFreeze(
  context: FrontContext,
  command: FreezeCommand,
  asker: Asker,
  scope: string,
) {
  const environments = environmentsOf(context, scope);
  if (environments.length === 0) throw new OperationError('USAGE', `There is no service ${scope}.`);
  if (context.directory === undefined) {
    throw new OperationError('NOT_ALLOWED', `\`${command.verb}\` is given in Slack only.`);
  }
  await assertAdmitted(asker.actor.id, context.directory);
  for (const environment of environments) {
    const standing = await standingIn(environment, asker.actor.id, context.directory);
    assertAllowed(mayRun(command.verb, environment, standing.roles), standing);
  }
}

async function frozen(
  context: FrontContext,
  command: FreezeCommand,
  asker: Asker,
): Promise<string> {
  const scope =
    command.service === undefined
      ? ALL_SERVICES
      : (findService(context.inventory, command.service)?.name ?? command.service);
  await assertMayFreeze(context, command, asker, scope);
  const { freezes, audit } = context.stores;
  const now = context.clock.now();
  const fact = { changeId: '-', actor: asker.actor.id };
  if (command.verb === 'unfreeze') {
    await audit.append({ ...fact, kind: 'unfrozen', detail: { scope } });
    const was = await freezes.remove(scope);
    const what = scope === ALL_SERVICES ? 'Writes' : `Writes of ${scope}`;
    return was
      ? `${what} are possible again.`
      : `There was no freeze of ${scope === ALL_SERVICES ? 'everything' : scope}.`;
  }
  const freeze: Freeze = {
    scope,
    by: asker.actor.id,
    at: now,
    reason: command.reason,
    ...(command.forMs === undefined ? {} : { until: now + command.forMs }),
  };
  await audit.append({ ...fact, kind: 'frozen', detail: { ...freeze } });
  await freezes.put(freeze);
  return freezeWords(freeze, now);
}

/** Stops or allows writes. Works at once, for every command, return and restore that has not begun to write. */
export async function freeze(
  context: FrontContext,
  command: FreezeCommand,
  asker: Asker,
): Promise<FreezeReply> {
  try {
    return { kind: 'taken', text: await frozen(context, command, asker) };
  } catch (thrown) {
    return { kind: 'refused', fault: faultOf(thrown) };
  }
}
