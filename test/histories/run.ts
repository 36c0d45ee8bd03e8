import type { Log } from '../../src/ports/log.ts';
import { SERVICE } from '../stage/inventory.ts';
import { openStage } from '../stage/stage.ts';
import { checkApprovals, checkAudit, checkOutcomes, type Found } from './checks.ts';
import type { History } from './history.ts';
import { checkDrift, checkFreezes, checkIntents } from './intents.ts';
import { checkEffects, matchWrites } from './matching.ts';
import { peopleOn } from './people.ts';
import { crewOf, play, type Scene } from './play.ts';
import { allChanges, settle } from './settle.ts';
import { watchStage } from './timeline.ts';

/** What one history came to; `faults` is empty when every promise was kept. */
export interface Ran {
  readonly faults: readonly string[];
  readonly ms: number;
  readonly writes: number;
  readonly looks: number;
  /** How many changes ended in each state. */
  readonly ends: Readonly<Record<string, number>>;
  /** What people, troubles and balancers did, in order; for whoever looks for the reason of a fault. */
  readonly log: string;
}

/** Warnings and errors of the product in this process, as lines. */
function keeping(lines: string[]): Log {
  const keep = (message: string, data?: Readonly<Record<string, unknown>>) =>
    void lines.push(`${message} ${JSON.stringify(data)?.slice(0, 300)}`);
  return { debug() {}, info() {}, warn: keep, error: keep };
}

async function openScene({ site }: History, log: Log): Promise<Scene> {
  const stage = await openStage({
    approval: site.approval,
    minAvailable: site.minAvailable,
    ...(site.sticky ? { cookie: 'JSESSIONID' } : {}),
    roles: site.workers === 0 ? ['bot', 'worker', 'watch'] : ['bot', 'watch'],
    breakGlass: ['U0REQUEST'],
    quietFor: '1s',
    drainFor: '2s',
    lockMs: 800,
    log,
  });
  const begun: Promise<unknown>[] = [];
  const crew = crewOf(stage, site.workers);
  await crew.complete();
  return {
    stage,
    timeline: watchStage(stage, site),
    people: peopleOn(stage),
    crew,
    redisDown: Promise.resolve(),
    aside: (work) => void begun.push(work().catch(() => undefined)),
    async calm() {
      while (begun.length > 0) await begun.shift();
    },
  };
}

async function found(scene: Scene, history: History, faults: string[]): Promise<Found> {
  const { entries, headSigned } = await scene.stage.records.audit.readAll();
  return {
    scene,
    site: history.site,
    changes: await allChanges(scene),
    entries,
    headSigned,
    matched: matchWrites(scene.timeline, entries, faults),
  };
}

/** Everything that was said and done, in order, and how it ended; to be read by whoever looks for a reason. */
function logOf(
  begun: number,
  { scene, changes, entries }: Found,
  logged: readonly string[],
): string {
  const { writes, outside } = scene.timeline;
  const { typed, clicked } = scene.people;
  const lines = [
    ...entries.map(({ at, kind, changeId, detail }) => ({
      at,
      words: `    audit ${changeId} ${kind} ${JSON.stringify(detail).slice(0, 160)}`,
    })),
    ...typed.map(({ at, by, text, told }) => ({
      at,
      words: `${by}: ${text} -> ${told.slice(0, 90)}`,
    })),
    ...clicked.map(({ at, by, action, id }) => ({ at, words: `${by} clicks ${action} of ${id}` })),
    ...outside.map(({ at, node, kind, member }) => ({
      at,
      words: `${node} ${kind} ${member ?? ''}`,
    })),
    ...writes.map(({ at, node, command }) => ({ at, words: `${node} <- ${command}` })),
  ];
  const ends = changes.map(
    ({ id, state, approval, fault, outcome }) =>
      `  ${id} ${state} ${approval?.kind ?? ''} ${fault?.message ?? ''} ${outcome?.remarks.join(' ') ?? ''}`,
  );
  const course = lines
    .sort((a, b) => a.at - b.at)
    .map(
      ({ at, words }) =>
        `  ${String(at - begun).padStart(6)} ${words.replaceAll(SERVICE, 'S').replaceAll('\n', ' ')}`,
    )
    .join('\n');
  return [course, ...ends, ...logged, scene.crew.output().slice(-9_000)].join('\n');
}

/** Lets a history happen on real HAProxy and real Redis, brings all to rest, and holds it against what was promised. */
export async function run(history: History): Promise<Ran> {
  const begun = Date.now();
  const logged: string[] = [];
  const scene = await openScene(history, keeping(logged));
  const faults: string[] = [];
  const fault = (words: string) => void faults.push(words);
  try {
    await play(scene, history);
    for (const left of await settle(scene)) fault(`rest: ${left}`);
    await checkIntents(async () => found(scene, history, []), fault);
    for (const left of await settle(scene)) fault(`rest: ${left}`);
    await scene.timeline.stop();
    const all = await found(scene, history, faults);
    faults.push(...scene.timeline.faults);
    checkOutcomes(all, fault);
    checkApprovals(all, fault);
    checkAudit(all, fault);
    checkFreezes(all, fault);
    checkDrift(all, fault);
    checkEffects(all.scene.timeline, all.matched, fault);
    const ends: Record<string, number> = {};
    for (const { state } of all.changes) ends[state] = (ends[state] ?? 0) + 1;
    const { timeline } = scene;
    return {
      faults,
      ms: Date.now() - begun,
      writes: timeline.writes.length,
      looks: timeline.looks(),
      ends,
      log: logOf(begun, all, logged.slice(-40)),
    };
  } finally {
    await scene.timeline.stop();
    await scene.crew.stop();
    await scene.stage.stop();
  }
}
