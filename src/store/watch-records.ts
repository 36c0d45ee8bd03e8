import type { Redis } from 'ioredis';
import { z } from 'zod';
import { OperationError } from '../domain/errors.ts';
import type { WatchEvent } from '../domain/event.ts';
import type { Incident } from '../domain/incident.ts';
import { emptyScene, type Scene } from '../domain/scene.ts';
import type { KeptScene, SceneStep, WatchRecords } from '../ports/watch-records.ts';
import { asking, key } from './redis.ts';

/** An incident is readable this long; what happened is in the events. */
const INCIDENT_KEEP_MS = 30 * 24 * 3_600_000;
/** Events kept of one lane; a flood drops the oldest. */
const EVENTS_MAX = 2_000;

// Scene, events and incidents as a whole, if the scene is still the one that the caller read.
const COMMIT = `
local now = tonumber(redis.call('HGET', KEYS[1], 'revision') or '0')
if now ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'revision', now + 1, 'scene', ARGV[2])
local events = tonumber(ARGV[3])
for at = 1, events do redis.call('LPUSH', KEYS[2], ARGV[5 + at]) end
if events > 0 then redis.call('LTRIM', KEYS[2], 0, tonumber(ARGV[4]) - 1) end
local place = 5 + events
for at = 4, #KEYS do
  redis.call('SET', KEYS[at], ARGV[place + 1], 'PX', ARGV[5])
  redis.call('ZADD', KEYS[3], ARGV[place + 3], ARGV[place + 2])
  place = place + 3
end
return 1`;

// An incident alone, if the kept one is the revision before it.
const KEEP = `
local kept = redis.call('GET', KEYS[1])
local now = kept and cjson.decode(kept).revision or 0
if now ~= tonumber(ARGV[1]) - 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[4])
return 1`;

// Another revision may have come while this one was being shown.
const SHOWN = `
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if due and tonumber(due) <= tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
return 1`;

const sceneKey = (lane: string) => key('scene', lane);
const eventsKey = (lane: string) => key('events', lane);
const incidentKey = (id: string) => key('incident', id);
const dueKey = key('incidents', 'due');

// What the watcher decides by; the rest is carried along as it is.
const sceneShape = z.looseObject({
  v: z.literal(1),
  lane: z.string(),
  devices: z.record(z.string(), z.looseObject({ pools: z.record(z.string(), z.unknown()) })),
  roles: z.record(z.string(), z.array(z.looseObject({ role: z.string(), at: z.number() }))),
  lines: z.record(z.string(), z.looseObject({ bootId: z.string(), sequence: z.number() })),
  vrrp: z.looseObject({ judgedUntil: z.number() }),
  incidents: z.array(z.looseObject({ v: z.literal(1), id: z.string(), topic: z.string() })),
});
const incidentShape = z.looseObject({
  v: z.literal(1),
  id: z.string(),
  lane: z.string(),
  kind: z.string(),
  state: z.enum(['open', 'over']),
  severity: z.enum(['info', 'warning', 'critical']),
  worst: z.enum(['info', 'warning', 'critical']),
  revision: z.number(),
  headline: z.string(),
  facts: z.array(z.looseObject({ label: z.string(), text: z.string() })),
  events: z.array(z.looseObject({ id: z.string(), at: z.number(), text: z.string() })),
  eventsCount: z.number(),
  services: z.array(z.string()),
});
const eventShape = z.looseObject({
  id: z.string(),
  at: z.number(),
  lane: z.string(),
  kind: z.string(),
  text: z.string(),
});

/** An unknown version or shape is refused, never guessed at. */
function parsed<T>(shape: z.ZodType, text: string, what: string): T {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new OperationError('INTERNAL', `Reading ${what}: it is not JSON.`, { cause });
  }
  const result = shape.safeParse(raw);
  if (result.success) return result.data as T;
  const where = result.error.issues[0]?.path.join('.') ?? '';
  throw new OperationError(
    'INTERNAL',
    `Reading ${what}: ${where} is not as this version writes it; left untouched.`,
  );
}

function readable(text: string): readonly WatchEvent[] {
  try {
    return [parsed<WatchEvent>(eventShape, text, 'an event')];
  } catch {
    return [];
  }
}

export function redisWatchRecords(redis: Redis): WatchRecords {
  return {
    async revision(lane) {
      const text = await asking(`Looking after the scene of ${lane}`, () =>
        redis.hget(sceneKey(lane), 'revision'),
      );
      return Number(text ?? 0);
    },

    async read(lane): Promise<KeptScene> {
      const [revision, text] = await asking(`Reading the scene of ${lane}`, () =>
        redis.hmget(sceneKey(lane), 'revision', 'scene'),
      );
      const scene =
        text === null || text === undefined
          ? emptyScene(lane)
          : parsed<Scene>(sceneShape, text, `the scene of ${lane}`);
      return { scene, revision: Number(revision ?? 0) };
    },

    async commit({ scene, revision, events, incidents }: SceneStep) {
      const latest = events.slice(-EVENTS_MAX);
      const keys = [
        sceneKey(scene.lane),
        eventsKey(scene.lane),
        dueKey,
        ...incidents.map(({ id }) => incidentKey(id)),
      ];
      const written = await asking(`Keeping the scene of ${scene.lane}`, () =>
        redis.eval(
          COMMIT,
          keys.length,
          ...keys,
          String(revision),
          JSON.stringify(scene),
          String(latest.length),
          String(EVENTS_MAX),
          String(INCIDENT_KEEP_MS),
          ...latest.map((event) => JSON.stringify(event)),
          ...incidents.flatMap((each) => [JSON.stringify(each), each.id, String(each.revision)]),
        ),
      );
      return written === 1;
    },

    async keep(incident) {
      const { id, revision } = incident;
      const written = await asking(`Keeping incident ${id}`, () =>
        redis.eval(
          KEEP,
          2,
          incidentKey(id),
          dueKey,
          String(revision),
          JSON.stringify(incident),
          String(INCIDENT_KEEP_MS),
          id,
        ),
      );
      return written === 1;
    },

    async incident(id) {
      const text = await asking(`Reading incident ${id}`, () => redis.get(incidentKey(id)));
      return text === null ? undefined : parsed<Incident>(incidentShape, text, `incident ${id}`);
    },

    due: () => asking('Listing incidents to show', () => redis.zrange(dueKey, '0', '-1')),

    async shown(id, revision) {
      await asking(`Noting that incident ${id} is shown`, () =>
        redis.eval(SHOWN, 1, dueKey, id, String(revision)),
      );
    },

    async events(lanes, limit) {
      const lists = await asking('Reading events', () =>
        Promise.all(lanes.map((lane) => redis.lrange(eventsKey(lane), 0, Math.max(0, limit - 1)))),
      );
      return lists
        .flat()
        .flatMap(readable)
        .sort((a, b) => b.at - a.at)
        .slice(0, limit);
    },
  };
}
