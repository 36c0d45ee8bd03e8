import { OperationError } from '../domain/errors.ts';
import type { WorkerContext } from '../operations/context.ts';
import { incidentEditEveryMs } from '../operations/limits.ts';
import type { NotifyIntake, NotifyTaken } from '../ports/notices.ts';
import type { KeptScene } from '../ports/watch-records.ts';
import { type Advance, advance } from './advance.ts';
import type { Observation } from './observation.ts';
import { ourPart } from './own-work.ts';
import { RULES, type WatchRules } from './rules.ts';
import { type LaneSite, lanesOf } from './site.ts';

/** Writers of one lane at once are its two nodes' watchers and lines; more tries mean that something is wrong. */
const CONFLICTS_MAX = 20;

/** Where observations become events and incidents. */
export interface Desk extends NotifyIntake {
  /** Throws STORE_UNAVAILABLE; then nothing is remembered, and the next look finds the same again. */
  observe(site: LaneSite, observation: Observation): Promise<Advance>;
  /** Something is open on this lane, as far as this process knows. */
  isUneasy(lane: string): boolean;
}

/**
 * One for each process. What is remembered of a lane is read anew when another process wrote it, and written only when
 * it matters: a look that shows what the last one did costs one small question to Redis.
 */
export function openDesk(context: WorkerContext, rules: WatchRules = RULES): Desk {
  const { watched } = context.stores;
  const known = new Map<string, KeptScene>();
  const queues = new Map<string, Promise<unknown>>();

  const latest = async (lane: string): Promise<KeptScene> => {
    const kept = known.get(lane);
    if (kept !== undefined && (await watched.revision(lane)) === kept.revision) return kept;
    return watched.read(lane);
  };

  const judged = async (site: LaneSite, kept: KeptScene, observation: Observation) => {
    const nobody = { site, rules, work: [], open: [], switches: [] };
    const first = advance(kept.scene, observation, nobody);
    if (first.events.length === 0 && first.incidents.length === 0) return first;
    const ours = await ourPart(context, site);
    return advance(kept.scene, observation, { site, rules, ...ours });
  };

  const publish = async ({ incidents }: Advance): Promise<void> => {
    for (const { id, revision } of incidents) {
      try {
        await context.queue.showIncident(id, revision === 1 ? 0 : incidentEditEveryMs);
      } catch (error) {
        // It is noted as due; the sweep of the workers asks again.
        context.log.warn('An incident is told later', { id, error });
      }
    }
  };

  const step = async (site: LaneSite, observation: Observation): Promise<Advance> => {
    const { lane } = site;
    for (let attempt = 0; attempt < CONFLICTS_MAX; attempt += 1) {
      const kept = await latest(lane);
      const next = await judged(site, kept, observation);
      if (!next.isNews) {
        known.set(lane, { ...kept, scene: next.scene });
        return next;
      }
      const { scene, events, incidents } = next;
      if (await watched.commit({ scene, revision: kept.revision, events, incidents })) {
        known.set(lane, { scene, revision: kept.revision + 1 });
        for (const { kind, text } of events) context.log.info('It happened', { lane, kind, text });
        await publish(next);
        return next;
      }
      known.delete(lane);
    }
    throw new OperationError('STORE_UNAVAILABLE', `Keeping what ${lane} shows: too many writers.`);
  };

  /** One after the other: what one observation leads to is where the next begins. */
  const observe = (site: LaneSite, observation: Observation): Promise<Advance> => {
    const before = queues.get(site.lane) ?? Promise.resolve();
    const work = before.then(() => step(site, observation));
    const ended = work.catch(() => known.delete(site.lane));
    queues.set(site.lane, ended);
    return work;
  };

  const siteOf = (director: string): LaneSite | undefined =>
    lanes.find(({ nodes }) => nodes.includes(director));
  const lanes = lanesOf(context.inventory);

  return {
    observe,
    isUneasy: (lane) =>
      known.get(lane)?.scene.incidents.some(({ state }) => state === 'open') === true,

    async take(lines) {
      const answers: NotifyTaken[] = [];
      for (const line of lines) {
        const site = siteOf(line.director);
        if (site === undefined) answers.push('known');
        else answers.push((await observe(site, { kind: 'line', line })).taken);
      }
      return answers;
    },

    async beat(beat) {
      const site = siteOf(beat.director);
      if (site !== undefined) await observe(site, { kind: 'beat', beat });
    },
  };
}
