import { SERVICE } from '../stage/inventory.ts';
import { openStage } from '../stage/stage.ts';
import { checkApprovals, checkAudit, checkOutcomes, type Found } from './checks.ts';
import type { History } from './history.ts';
import { checkFreezes, checkIntents } from './intents.ts';
import { matchWrites } from './matching.ts';
import { type People, peopleOn } from './people.ts';
import { crewOf, play, type Scene } from './play.ts';
import { allChanges, settle } from './settle.ts';
import { type Timeline, watchStage } from './timeline.ts';

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

async function openScene({ site }: History): Promise<Scene> {
  const stage = await openStage({
    approval: site.approval,
    minAvailable: site.minAvailable,
    ...(site.sticky ? { cookie: 'JSESSIONID' } : {}),
    roles: site.workers === 0 ? ['bot', 'worker', 'watch'] : ['bot', 'watch'],
    breakGlass: ['U0REQUEST'],
    quietFor: '1s',
    drainFor: '2s',
    lockMs: 800,
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

function logOf(begun: number, { writes, outside }: Timeline, { typed, clicked }: People): string {
  const lines = [
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
  return lines
    .sort((a, b) => a.at - b.at)
    .map(
      ({ at, words }) =>
        `  ${String(at - begun).padStart(6)} ${words.replaceAll(SERVICE, 'S').replaceAll('\n', ' ')}`,
    )
    .join('\n');
}

/** Lets a history happen on real HAProxy and real Redis, brings all to rest, and holds it against what was promised. */
export async function run(history: History): Promise<Ran> {
  const begun = Date.now();
  const scene = await openScene(history);
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
    const ends: Record<string, number> = {};
    for (const { state } of all.changes) ends[state] = (ends[state] ?? 0) + 1;
    const { timeline, people } = scene;
    return {
      faults,
      ms: Date.now() - begun,
      writes: timeline.writes.length,
      looks: timeline.looks(),
      ends,
      log: logOf(begun, timeline, people),
    };
  } finally {
    await scene.timeline.stop();
    await scene.crew.stop();
    await scene.stage.stop();
  }
}
