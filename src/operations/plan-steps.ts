import type { ChangeCommand, WriteVerb } from '../domain/command.ts';
import { OperationError } from '../domain/errors.ts';
import type { Service } from '../domain/inventory.ts';
import {
  type AdminState,
  type MemberState,
  type PoolState,
  sameSetting,
  settingOf,
} from '../domain/member.ts';
import type { PlanWarning, Step } from '../domain/plan.ts';
import { resolveMembers } from '../domain/resolve-member.ts';
import type { WorkerContext } from './context.ts';
import type { NodeOrder } from './order.ts';

/** The state a verb leads to. */
export function wantedState(verb: WriteVerb): AdminState {
  switch (verb) {
    case 'disable':
      return 'disabled';
    case 'enable':
      return 'enabled';
  }
}

interface Target {
  readonly place: NodeOrder['places'][number];
  readonly state: PoolState;
  readonly members: readonly MemberState[];
}

/**
 * Finds the named members on every device of the service. A name that a pool does not know is an error, unless
 * another pool of the service knows it and no node of this one does.
 */
function resolveEverywhere(
  command: ChangeCommand,
  service: Service,
  places: NodeOrder['places'],
  states: ReadonlyMap<string, PoolState>,
): readonly Target[] {
  const targets: Target[] = [];
  for (const asked of command.members) {
    let found = 0;
    const problems: { text: string; pool: string; balancer: string }[] = [];
    const poolsWith = new Set<string>();
    for (const place of places) {
      const state = states.get(`${place.balancer}/${place.pool}`);
      if (state === undefined) continue;
      const result = resolveMembers([asked], state.members);
      if ('problem' in result) {
        problems.push({
          text: result.problem,
          pool: place.pool + place.lane,
          balancer: place.balancer,
        });
        continue;
      }
      found += 1;
      poolsWith.add(place.pool + place.lane);
      targets.push({ place, state, members: result.resolved });
    }
    const serious = problems.find((problem) => found === 0 || poolsWith.has(problem.pool));
    if (serious !== undefined) {
      throw new OperationError(
        'NO_SUCH_MEMBER',
        `${serious.text} (asked on ${serious.balancer}, service ${service.name})`,
      );
    }
  }
  return targets;
}

export interface DraftSteps {
  readonly steps: readonly Step[];
  /** Members that are as wanted already, as `name on balancer`. */
  readonly alreadySo: readonly string[];
  readonly members: readonly string[];
  readonly warnings: readonly PlanWarning[];
  /** The members concerned, by balancer, as they are now. */
  readonly targets: readonly { balancer: string; member: MemberState }[];
}

/** The steps that bring the named members to the wanted state, in the order of the nodes. */
export async function draftSteps(
  context: WorkerContext,
  command: ChangeCommand,
  service: Service,
  order: NodeOrder,
  states: ReadonlyMap<string, PoolState>,
): Promise<DraftSteps> {
  const targets = resolveEverywhere(command, service, order.places, states);
  const steps: Step[] = [];
  const alreadySo: string[] = [];
  const warnings: PlanWarning[] = [];
  const seen = new Set<string>();
  const concerned: { balancer: string; member: MemberState }[] = [];

  for (const place of order.places) {
    const holds = await context.stores.holds.ofPool(place.balancer, place.pool);
    const adapter = context.adapterOf(place.balancer);
    for (const target of targets.filter((candidate) => candidate.place === place)) {
      for (const member of target.members) {
        const once = `${place.balancer}/${place.pool}/${member.name}`;
        if (seen.has(once)) continue;
        seen.add(once);
        concerned.push({ balancer: place.balancer, member });
        const admin = wantedState(command.verb);
        const hold = holds.find((candidate) => candidate.member === member.name);
        const weight =
          admin === 'enabled' ? (hold?.restore.weight ?? restoredWeight(member)) : member.weight;
        const words = adapter.commandsFor(place.pool, member, { admin, weight });
        if (words.commands.length === 0 || sameSetting(words.after, settingOf(member))) {
          alreadySo.push(`${member.name} on ${place.balancer}`);
          continue;
        }
        if (admin === 'enabled' && weight !== member.weight) {
          warnings.push({
            text: `${member.name} on ${place.balancer} has weight ${member.weight} now; it gets back its weight ${weight}.`,
            asks: false,
          });
        }
        steps.push({
          index: steps.length,
          lane: place.lane,
          balancer: place.balancer,
          pool: place.pool,
          member: member.name,
          address: member.address,
          port: member.port,
          commands: words.commands,
          before: settingOf(member),
          after: words.after,
        });
      }
    }
  }
  const members = [...new Set(concerned.map(({ member }) => member.name))];
  return { steps, alreadySo, members, warnings, targets: concerned };
}

/** A member enabled with weight 0 would take nobody: its configured weight is what it had. */
function restoredWeight(member: MemberState): number {
  return member.weight > 0 ? member.weight : member.configuredWeight;
}
