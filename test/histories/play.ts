import { setTimeout as pause } from 'node:timers/promises';
import { SERVICE } from '../stage/inventory.ts';
import type { Stage } from '../stage/stage.ts';
import { type LbProcess, startWorker } from '../stage/worker-process.ts';
import type { Happening, History } from './history.ts';
import type { People } from './people.ts';
import type { Timeline } from './timeline.ts';

const PATIENCE_MS = 6_000;

/** The worker processes of one history: one that ends is followed by another. */
export interface Crew {
  kill(): void;
  pause(ms: number): void;
  /** Resolves when as many workers as at the beginning take jobs. */
  complete(): Promise<void>;
  /** What all of them logged. */
  output(): string;
  stop(): Promise<void>;
}

export function crewOf(stage: Stage, count: number): Crew {
  const all: LbProcess[] = [];
  /** A process that was killed is not gone at once. */
  const killed = new Set<LbProcess>();
  let hiring: Promise<void> = Promise.resolve();
  const alive = () =>
    all.filter(
      (worker) =>
        !killed.has(worker) && worker.child.exitCode === null && worker.child.signalCode === null,
    );

  const hire = async () => {
    for (let attempt = 0; alive().length < count && attempt < 20; attempt += 1) {
      // Without Redis a worker says so and ends, as its service manager would see it.
      await startWorker(stage.environment).then(
        (worker) => all.push(worker),
        () => pause(100),
      );
    }
  };
  const complete = () => {
    hiring = hiring.then(hire);
    return hiring;
  };

  return {
    kill() {
      for (const worker of alive()) {
        killed.add(worker);
        worker.kill('SIGKILL');
      }
      void complete();
    },
    pause(ms) {
      const [worker] = alive();
      worker?.kill('SIGSTOP');
      void pause(ms).then(() => worker?.kill('SIGCONT'));
    },
    complete,
    output: () => all.map((worker) => worker.output()).join('--- another worker\n'),
    async stop() {
      await hiring;
      for (const worker of all) {
        worker.kill('SIGCONT');
        worker.kill('SIGKILL');
      }
      await Promise.all(all.map((worker) => worker.exited));
    },
  };
}

/** Everything of one history that is under way. */
export interface Scene {
  readonly stage: Stage;
  readonly timeline: Timeline;
  readonly people: People;
  readonly crew: Crew;
  /** One outage after another: a server that is starting cannot be started. */
  redisDown: Promise<void>;
  /** Resolves when nothing that was begun in the background is left to do. */
  calm(): Promise<void>;
  /** Runs beside the rest of the history. */
  aside(work: () => Promise<unknown>): void;
}

/** Lets the events of a history happen on a scene, each so long after the one before. */
export async function play(scene: Scene, { events }: History): Promise<void> {
  for (const { afterMs, what } of events) {
    await pause(afterMs);
    happen(scene, what);
  }
}

function happen(scene: Scene, what: Happening): void {
  const { stage, timeline, people, crew, aside } = scene;
  switch (what.kind) {
    case 'command':
      aside(async () => {
        const { id } = await people.type(what.text, what.by);
        if (id !== undefined) await people.answer(id, what.by, what.answered, PATIENCE_MS);
      });
      break;
    case 'click':
      aside(async () => {
        const ids = people.typed.flatMap(({ id }) => id ?? []);
        const id = ids[what.card % Math.max(1, ids.length)];
        if (id !== undefined) await people.click(id, what.action, what.by);
      });
      break;
    case 'kill worker':
      if (what.when === 'now') crew.kill();
      else timeline.strike({ when: what.when, act: crew.kill });
      break;
    case 'pause worker':
      crew.pause(what.ms);
      break;
    case 'cut connection':
      timeline.strike({
        when: what.when === 'now' ? 'before a write' : what.when,
        act: () => undefined,
      });
      break;
    case 'redis down':
      scene.redisDown = scene.redisDown.then(() => redisDown(stage, what.ms));
      aside(() => scene.redisDown);
      break;
    case 'redis hangs':
      aside(async () => {
        stage.redis.freeze();
        await pause(what.ms);
        stage.redis.thaw();
      });
      break;
    case 'reload':
      aside(() => timeline.reload(what.node));
      break;
    case 'hand':
      aside(() => timeline.byHand(what));
      break;
    case 'freeze':
      aside(() => people.type(`freeze ${SERVICE} because history wants it`, what.by));
      break;
    case 'unfreeze':
      aside(() => people.type(`unfreeze ${SERVICE}`, what.by));
      break;
    case 'time boxes end':
      aside(() => endTimeBoxes(stage));
      break;
  }
}

async function redisDown(stage: Stage, ms: number): Promise<void> {
  await stage.redis.kill();
  await pause(ms);
  await stage.redis.start();
}

/** Makes the end of every running time box come now. */
export async function endTimeBoxes(stage: Stage): Promise<void> {
  for (const id of await stage.records.changes.open()) {
    await stage.records.changes.update(id, (latest) =>
      latest.state === 'holding' && latest.hold !== undefined
        ? { ...latest, hold: { ...latest.hold, until: Date.now(), reminded: true } }
        : undefined,
    );
  }
}
