import type {
  Answer,
  FreezeLine,
  HistoryLine,
  Provenance,
  ServiceStatus,
} from '../domain/answer.ts';
import type { ChangeRecord } from '../domain/change.ts';
import { faultOf, OperationError } from '../domain/errors.ts';
import { type Environment, findService, type Service } from '../domain/inventory.ts';
import type { Cause, MemberState, PoolState } from '../domain/member.ts';
import { mayRun } from '../policy/access.ts';
import type { QuestionJob } from '../ports/queue.ts';
import type { MemberHold } from '../ports/records.ts';
import { assertAdmitted, assertAllowed, standingIn } from './access.ts';
import { answerComparison, servicesCompared } from './compare-question.ts';
import type { WorkerContext } from './context.ts';
import { poolsOf, readPools } from './devices.ts';
import { ALL_SERVICES } from './freeze.ts';
import { devicesOf } from './home.ts';
import { historyLinesMax } from './limits.ts';

/** The environments in which this person may ask this; throws when it is none of those concerned. */
async function visibleIn(
  context: WorkerContext,
  question: QuestionJob,
  concerned: readonly Environment[],
): Promise<ReadonlySet<string>> {
  const visible = new Set<string>();
  let refusal: unknown;
  for (const environment of concerned) {
    const standing = await standingIn(environment, question.actor.id, context.directory);
    try {
      assertAllowed(mayRun(question.command.verb, environment, standing.roles), standing);
      visible.add(environment.name);
    } catch (thrown) {
      refusal = thrown;
    }
  }
  if (visible.size === 0)
    throw refusal ?? new OperationError('NOT_ALLOWED', 'Nothing to see here.');
  return visible;
}

function askedServices(context: WorkerContext, name: string | undefined): readonly Service[] {
  if (name === undefined) return [...context.inventory.services.values()];
  const service = findService(context.inventory, name);
  if (service === undefined) throw new OperationError('USAGE', `There is no service ${name}.`);
  return [service];
}

const BY_CAUSE: Readonly<Record<Cause, Provenance['by']>> = {
  command: 'hand',
  configuration: 'configuration',
  tracking: 'tracking',
  resolution: 'configuration',
  'health-check': 'health check',
};

/** Why a member is out: ours when we hold it, else what the device says, else unknown. */
function provenanceOf(
  state: PoolState,
  member: MemberState,
  holds: readonly MemberHold[],
): Provenance | undefined {
  // Enabled and yet suspended is a member whose node is out (F5).
  const byNode = member.admin === 'enabled' && member.health === 'suspended';
  const sick = member.health === 'down' || member.health === 'recovering' || byNode;
  if (member.admin === 'enabled' && member.weight > 0 && !sick) return undefined;
  const place = { balancer: state.device.balancer, pool: state.pool, member: member.name };
  const hold = holds.find((candidate) => candidate.member === member.name);
  const isOurWeight = hold?.want.admin === 'enabled' && hold.want.weight === member.weight;
  if (hold !== undefined && (member.admin !== 'enabled' || isOurWeight)) {
    const { changeId, actor, approver, until } = hold;
    const end = until === undefined ? {} : { until };
    return { ...place, by: 'bot', changeId, actor, approver, ...end };
  }
  const [cause] = member.causes;
  if (cause !== undefined) return { ...place, by: BY_CAUSE[cause] };
  return { ...place, by: member.admin === 'enabled' && sick ? 'health check' : 'unknown' };
}

async function statusOf(context: WorkerContext, service: Service): Promise<ServiceStatus> {
  const readings = await readPools(context, poolsOf(service));
  const pools = readings.flatMap((reading) => ('state' in reading ? [reading.state] : []));
  const out = await Promise.all(
    pools.map(async (state) => {
      const holds = await context.stores.holds.ofPool(state.device.balancer, state.pool);
      return state.members.flatMap((member) => provenanceOf(state, member, holds) ?? []);
    }),
  );
  return {
    service: service.name,
    environment: service.environment.name,
    pools,
    faults: readings.flatMap((reading) =>
      'fault' in reading ? [{ balancer: reading.balancer, fault: reading.fault }] : [],
    ),
    out: out.flat(),
  };
}

/** The freezes in force that stop writes of one of these services. */
async function freezesOn(
  context: WorkerContext,
  services: readonly Service[],
): Promise<readonly FreezeLine[]> {
  const active = await context.stores.freezes.active(context.clock.now());
  return active.filter(
    ({ scope }) => scope === ALL_SERVICES || services.some(({ name }) => name === scope),
  );
}

function historyLine(record: ChangeRecord): HistoryLine {
  const { command, actor, acceptedAt } = record.request;
  return {
    changeId: record.id,
    at: acceptedAt,
    service: command.service,
    verb: command.verb,
    members: record.plan?.members ?? command.members,
    state: record.state,
    actor: actor.id,
    ...(record.approval === undefined ? {} : { approver: record.approval.by }),
    ...(command.reason === undefined ? {} : { reason: command.reason }),
  };
}

async function whoami(context: WorkerContext, question: QuestionJob): Promise<Answer> {
  const may = await Promise.all(
    [...context.inventory.environments.values()].map(async (environment) => {
      const { roles } = await standingIn(environment, question.actor.id, context.directory);
      return { environment: environment.name, roles: [...roles].sort() };
    }),
  );
  return { kind: 'whoami', id: question.actor.id, via: question.actor.via, may };
}

async function answer(context: WorkerContext, question: QuestionJob): Promise<Answer> {
  const { command } = question;
  await assertAdmitted(question.actor.id, context.directory);
  if (command.verb === 'whoami') return whoami(context, question);
  if (command.verb === 'compare') return comparison(context, question, command);
  return answerAbout(context, question, command);
}

async function comparison(
  context: WorkerContext,
  question: QuestionJob,
  command: Extract<QuestionJob['command'], { verb: 'compare' }>,
): Promise<Answer> {
  const [service] = 'service' in command ? askedServices(context, command.service) : [];
  const asked =
    service === undefined ? { pair: 'pair' in command ? command.pair : '' } : { service };
  const concerned = servicesCompared(context, asked).map(({ environment }) => environment);
  await visibleIn(context, question, [...new Set(concerned)]);
  const seen = await visibleIn(context, question, [...context.inventory.environments.values()]);
  return answerComparison(context, asked, ({ environment }) => seen.has(environment.name));
}

/** What changes left out on pairs of these services and is not alike yet. */
async function gapsOf(context: WorkerContext, services: readonly Service[]) {
  const names = new Set(services.map(({ name }) => name));
  return (await context.stores.gaps.all()).filter(({ service }) => names.has(service));
}

async function answerAbout(
  context: WorkerContext,
  question: QuestionJob,
  command: Exclude<QuestionJob['command'], { verb: 'whoami' | 'compare' }>,
): Promise<Answer> {
  const pair = command.verb === 'history' ? command.pair : undefined;
  const name = command.verb === 'pools' ? undefined : (command.service ?? pair);
  const asked =
    pair === undefined ? askedServices(context, name) : servicesCompared(context, { pair });
  const visible = await visibleIn(context, question, [
    ...new Set(asked.map((service) => service.environment)),
  ]);
  const services = asked.filter((service) => visible.has(service.environment.name));
  switch (command.verb) {
    case 'status': {
      const statuses = await Promise.all(services.map((service) => statusOf(context, service)));
      const [freezes, gaps, devices] = await Promise.all([
        freezesOn(context, services),
        gapsOf(context, services),
        devicesOf(context, services),
      ]);
      const at = context.clock.now();
      return { kind: 'status', services: statuses, freezes, gaps, devices, at };
    }
    case 'pools':
      return {
        kind: 'pools',
        pools: services.flatMap((service) =>
          service.pools.map(({ on, pool, balancers }) => ({
            service: service.name,
            environment: service.environment.name,
            on,
            pool,
            balancers,
          })),
        ),
      };
    case 'history':
      return history(context, services, name);
  }
}

/** Changes, and what happened on the balancers of these services; of pools only theirs. */
async function history(
  context: WorkerContext,
  services: readonly Service[],
  name: string | undefined,
): Promise<Answer> {
  const { changes, watched } = context.stores;
  const lanes = new Set(services.flatMap(({ pools }) => pools.map(({ lane }) => lane)));
  const pools = new Set(services.flatMap((service) => service.pools.map(({ pool }) => pool)));
  const names = new Set(services.map((service) => service.name));
  const [records, events] = await Promise.all([
    changes.recent(historyLinesMax, services.length === 1 ? services[0]?.name : undefined),
    watched.events([...lanes], historyLinesMax * 5),
  ]);
  const lines = records.map(historyLine).filter((line) => names.has(line.service));
  const own = events
    .filter(({ pool }) => pool === undefined || pools.has(pool))
    .slice(0, historyLinesMax)
    .map(({ at, lane, kind, text }) => ({ at, lane, kind, text }));
  return { kind: 'history', lines, events: own, ...(name === undefined ? {} : { service: name }) };
}

/** Answers a question to whoever asked: whispered in Slack, kept for the shell to fetch. */
export async function answerQuestion(context: WorkerContext, question: QuestionJob): Promise<void> {
  if (context.clock.now() > question.notAfter) return;
  let given: Answer;
  try {
    given = await answer(context, question);
  } catch (thrown) {
    const fault = faultOf(thrown);
    if (fault.code === 'STORE_UNAVAILABLE') throw thrown;
    if (fault.code === 'INTERNAL')
      context.log.error('Answering failed', { id: question.id, error: thrown });
    given = { kind: 'fault', fault };
  }
  const { channel, via } = question.origin;
  if (via === 'shell' || channel === undefined) {
    await context.stores.answers.put(question.id, given);
    return;
  }
  await context.queue.whisper({
    id: `answer.${question.id}`,
    channel,
    user: question.actor.id,
    whisper: { kind: 'answer', answer: given },
    notAfter: question.notAfter,
  });
}
