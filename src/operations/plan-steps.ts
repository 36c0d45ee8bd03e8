import type { ChangeCommand } from '../domain/command.ts';
import { OperationError } from '../domain/errors.ts';
import type { Service } from '../domain/inventory.ts';
import {
  type KeptIn,
  type MemberSetting,
  type MemberState,
  type PoolState,
  sameSetting,
  settingOf,
} from '../domain/member.ts';
import type { PlanWarning, Step } from '../domain/plan.ts';
import { resolveMembers } from '../domain/resolve-member.ts';
import type { MemberIntent } from '../ports/adapter.ts';
import type { MemberHold } from '../ports/records.ts';
import type { WorkerContext } from './context.ts';
import type { NodeOrder } from './order.ts';
import type { PlanTarget } from './reach.ts';
import type { PlannedWrite, StagePlan } from './stages.ts';

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
  readonly targets: readonly PlanTarget[];
}

interface Concerned {
  readonly place: NodeOrder['places'][number];
  readonly member: MemberState;
  readonly hold: MemberHold | undefined;
}

/** Every member once per device, with what is remembered of it, in the order of the nodes. */
async function concernedMembers(
  context: WorkerContext,
  targets: readonly Target[],
  order: NodeOrder,
): Promise<readonly Concerned[]> {
  const found: Concerned[] = [];
  for (const place of order.places) {
    const holds = await context.stores.holds.ofPool(place.balancer, place.pool);
    const members = new Map<string, MemberState>();
    for (const target of targets.filter((candidate) => candidate.place === place)) {
      for (const member of target.members) members.set(member.name, member);
    }
    for (const member of members.values()) {
      found.push({ place, member, hold: holds.find((hold) => hold.member === member.name) });
    }
  }
  return found;
}

/** The weight as a number: percentages are of the configured weight. Throws UNSUPPORTED beyond what devices take. */
function wantedWeight(command: ChangeCommand, member: MemberState): number {
  const wanted = command.weight;
  if (wanted === undefined) return member.weight;
  if (wanted.unit === 'absolute') return wanted.value;
  return Math.round((member.configuredWeight * wanted.value) / 100);
}

/** A member enabled with weight 0 would take nobody: its configured weight is what it had. */
function restoredWeight(member: MemberState, hold: MemberHold | undefined): number {
  if (hold !== undefined) return hold.restore.weight;
  return member.weight > 0 ? member.weight : member.configuredWeight;
}

/** What a write stage wants of a member that was as `member` says before the change and is as `now` says by then. */
function intentOf(
  command: ChangeCommand,
  write: PlannedWrite,
  { member, hold }: Concerned,
  now: MemberState,
): MemberIntent {
  switch (write.to) {
    case 'unchanged':
      return { admin: now.admin, weight: wantedWeight(command, member) };
    case 'original':
      return { admin: member.admin, weight: member.weight };
    case 'enabled':
      return { admin: 'enabled', weight: restoredWeight(member, hold) };
    case 'drained':
    case 'disabled':
    case 'offline':
    case 'removed':
      return { admin: write.to, weight: now.weight };
  }
}

/** The member as it will be after a step, so that the words of a later stage can be made now. */
function after(member: MemberState, setting: MemberSetting, keptIn?: KeptIn): MemberState {
  return {
    ...member,
    ...(keptIn === undefined ? {} : { keptIn }),
    admin: setting.admin,
    weight: setting.weight,
    causes: setting.admin === 'enabled' ? [] : ['command'],
  };
}

/** The steps that take the named members through the stages, each stage in the order of the nodes. */
export async function draftSteps(
  context: WorkerContext,
  command: ChangeCommand,
  service: Service,
  order: NodeOrder,
  states: ReadonlyMap<string, PoolState>,
  plan: StagePlan,
): Promise<DraftSteps> {
  const targets = resolveEverywhere(command, service, order.places, states);
  const concerned = await concernedMembers(context, targets, order);
  const steps: Step[] = [];
  const alreadySo: string[] = [];
  const warnings: PlanWarning[] = [];
  const live = new Map(concerned.map((each) => [each, each.member]));

  for (const write of plan.writes) {
    for (const each of concerned) {
      const { place, member } = each;
      const now = live.get(each) ?? member;
      const intent = intentOf(command, write, each, now);
      const words = context.adapterOf(place.balancer).commandsFor(place.pool, now, intent);
      if (words.commands.length === 0 || sameSetting(words.after, settingOf(now))) {
        if (write.stage === 0) alreadySo.push(`${member.name} on ${place.balancer}`);
        continue;
      }
      if (write.to === 'enabled' && intent.weight !== member.weight) {
        warnings.push({
          text: `${member.name} on ${place.balancer} has weight ${member.weight} now; it gets back its weight ${intent.weight}.`,
          asks: false,
        });
      }
      if (words.caution !== undefined && write.stage === 0) {
        warnings.push({ text: words.caution, asks: false });
      }
      live.set(each, after(now, words.after, words.keptIn));
      steps.push({
        index: steps.length,
        stage: write.stage,
        lane: place.lane,
        balancer: place.balancer,
        pool: place.pool,
        member: member.name,
        address: member.address,
        port: member.port,
        commands: words.commands,
        before: settingOf(now),
        after: words.after,
      });
    }
  }
  return {
    steps,
    alreadySo,
    warnings,
    members: [...new Set(concerned.map(({ member }) => member.name))],
    targets: concerned.map(({ place, member }) => ({
      balancer: place.balancer,
      pool: place.pool,
      member,
    })),
  };
}
