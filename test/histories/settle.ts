import { setTimeout as pause } from 'node:timers/promises';
import { type ChangeRecord, isOpen } from '../../src/domain/change.ts';
import { cardsOf } from '../journeys/acting.ts';
import { REQUESTER, SERVICE } from '../stage/inventory.ts';
import { RIGHT_PEOPLE } from './people.ts';
import { endTimeBoxes, type Scene } from './play.ts';

const SETTLE_MS = 45_000;
const EVERY_MS = 150;
/** Longer than from one look of the watcher to the next: what it finds becomes a change of its own. */
const CALM_MS = 1_400;

/** Every change there is, oldest first. */
export async function allChanges({
  stage,
}: Pick<Scene, 'stage'>): Promise<readonly ChangeRecord[]> {
  return [...(await stage.records.changes.recent(1_000))].reverse();
}

/** Whoever was told that something waits has been told its end by now, too. */
async function isShown(scene: Scene, record: ChangeRecord): Promise<boolean> {
  if (cardsOf(scene.stage, record.id).length === 0) return record.plan === undefined;
  const shown = await scene.stage.records.cards.get(record.id);
  return shown.revisionShown >= record.revision && shown.ending === 'posted';
}

/** One nudge at everything that waits for a person or a time; returns what is still under way. */
async function nudge(scene: Scene): Promise<readonly string[]> {
  const left: string[] = [];
  for (const record of await allChanges(scene)) {
    const { id, state } = record;
    if (isOpen(state)) left.push(`${id} is ${state}`);
    else if (!(await isShown(scene, record))) left.push(`${id}: the card does not show its end`);
    if (state !== 'waiting') continue;
    for (const who of [record.request.actor.id, ...RIGHT_PEOPLE]) {
      await scene.people.click(
        id,
        who === record.request.actor.id ? 'change.cancel' : 'change.deny',
        who,
      );
    }
  }
  await endTimeBoxes(scene.stage);
  return left;
}

/**
 * Ends the troubles and lets everything come to rest: Redis and the workers are there, nothing is frozen, what waits
 * for people is called off, time boxes end. Resolves with what did not come to rest in time, one line each.
 */
export async function settle(scene: Scene): Promise<readonly string[]> {
  const { stage, timeline, crew, people } = scene;
  await scene.calm();
  timeline.disarm();
  await scene.redisDown;
  stage.redis.thaw();
  await crew.complete();
  await stage.redis.client.ping();
  const until = Date.now() + SETTLE_MS;
  let left: readonly string[] = ['the freeze'];
  let calmSince = Date.now();
  while (Date.now() < until && Date.now() - calmSince < CALM_MS) {
    await pause(EVERY_MS);
    if (left.length > 0) calmSince = Date.now();
    try {
      const frozen = await stage.records.freezes.active(Date.now());
      if (frozen.length > 0) await people.type(`unfreeze ${SERVICE}`, REQUESTER);
      left = await nudge(scene);
    } catch (thrown) {
      // A store that has just come back may need a second more.
      left = [String(thrown)];
    }
  }
  return left;
}
