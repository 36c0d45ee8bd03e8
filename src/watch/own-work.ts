import type { ChangeRecord } from '../domain/change.ts';
import { isSwitch } from '../domain/command.ts';
import type { WorkerContext } from '../operations/context.ts';
import type { OwnSwitch, OwnWork } from './observation.ts';
import type { LaneSite } from './site.ts';

/** So long after its end a change may still be what a look finds. */
const AFTERMATH_MS = 15_000;
const RECENT_MAX = 30;

const AT_WORK: readonly ChangeRecord['state'][] = [
  'approved',
  'running',
  'unknown',
  'draining',
  'holding',
];

/** A watcher that was away for so long may still find a fail-over that somebody asked for. */
const SWITCH_KNOWN_MS = 600_000;

/** Ends of a change that wrote something. */
const WRITTEN: readonly ChangeRecord['state'][] = ['done', 'failed', 'half-done'];

export interface OurPart {
  readonly work: readonly OwnWork[];
  readonly open: readonly string[];
  readonly switches: readonly OwnSwitch[];
}

/** What changes of ours do or keep on this lane, for whoever wonders what it was or meant. */
export async function ourPart(
  { stores, clock }: Pick<WorkerContext, 'stores' | 'clock'>,
  site: LaneSite,
): Promise<OurPart> {
  const ids = await stores.changes.open();
  const [open, recent, holds] = await Promise.all([
    Promise.all(ids.map((id) => stores.changes.get(id))),
    stores.changes.recent(RECENT_MAX),
    Promise.all(
      site.pools.flatMap(({ pool, balancers }) =>
        balancers.map((balancer) => stores.holds.ofPool(balancer, pool)),
      ),
    ),
  ]);
  const since = clock.now() - AFTERMATH_MS;
  const isHere = (record: ChangeRecord) =>
    record.plan?.steps.some(({ balancer }) => site.nodes.includes(balancer)) === true;
  const atWork = open.filter((record) => record !== undefined).filter(isHere);
  const ended = recent.filter((record) => record.updatedAt >= since && isHere(record));
  const concerned = new Map([...atWork, ...ended].map((record) => [record.id, record]));
  const steps = [...concerned.values()]
    .filter(({ id, state }) => AT_WORK.includes(state) || ended.some((each) => each.id === id))
    .flatMap(({ id, plan }) =>
      (plan?.steps ?? []).map(({ balancer, pool, member }): OwnWork => {
        return { changeId: id, balancer, pool, member };
      }),
    );
  const held = holds.flat().map(({ changeId, balancer, pool, member, want }): OwnWork => {
    return { changeId, balancer, pool, member, want };
  });
  const known = recent.filter(({ updatedAt }) => updatedAt >= clock.now() - SWITCH_KNOWN_MS);
  return {
    work: [...steps, ...held],
    open: [...changesWords(atWork), ...holdsWords(held)],
    switches: [...known, ...atWork].filter(isHere).flatMap((record) => switchOf(site, record)),
  };
}

/** What a change does to the roles of this pair, once it may have written. */
function switchOf({ nodes }: LaneSite, record: ChangeRecord): readonly OwnSwitch[] {
  const { id, state, request, plan, approval, updatedAt } = record;
  const isAtIt = state === 'running' || state === 'unknown';
  const verb = plan?.verb;
  if (verb === undefined || !isSwitch(verb) || !(isAtIt || WRITTEN.includes(state))) return [];
  const written = plan?.steps[0]?.balancer;
  const next = verb === 'failback' ? written : nodes.find((node) => node !== written);
  if (next === undefined) return [];
  const from = approval?.at ?? request.acceptedAt;
  const base = { changeId: id, verb, next, askedBy: request.actor.id, from };
  return [isAtIt ? base : { ...base, to: updatedAt }];
}

function changesWords(records: readonly ChangeRecord[]): readonly string[] {
  return records.map(({ id, state, request, plan }) => {
    const { verb, members } = request.command;
    return `change ${id} is ${state} (${verb} ${(plan?.members ?? members).slice(0, 3).join(', ')})`;
  });
}

function holdsWords(held: readonly OwnWork[]): readonly string[] {
  const out = new Map(held.map(({ member, changeId }) => [member, changeId]));
  return [...out].slice(0, 5).map(([member, id]) => `${member} is kept out by change ${id}`);
}
