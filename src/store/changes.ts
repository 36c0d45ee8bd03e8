import type { Redis } from 'ioredis';
import { type ChangeRecord, type ChangeRequest, isOpen } from '../domain/change.ts';
import { OperationError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { ChangeStore } from '../ports/records.ts';
import { parseRecord } from './record-schema.ts';
import { afterConflict, asking, key } from './redis.ts';

/** A finished change is readable this long; the audit log keeps it for good. */
const KEEP_MS = 30 * 24 * 3_600_000;
const CONFLICTS_MAX = 100;

// Replaces the record only if its revision is still the one the caller read.
const REPLACE = `
local now = redis.call('GET', KEYS[1])
if not now then return 0 end
if tostring(cjson.decode(now).revision) ~= ARGV[1] then return 0 end
if ARGV[3] == 'open' then
  redis.call('SET', KEYS[1], ARGV[2])
  redis.call('ZADD', KEYS[2], 'NX', '+inf', ARGV[4])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[5])
  redis.call('ZREM', KEYS[2], ARGV[4])
  redis.call('ZREM', KEYS[3], ARGV[4])
end
return 1`;

const CREATE = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX') == false then return 0 end
local place = redis.call('INCR', KEYS[4])
redis.call('ZADD', KEYS[2], place, ARGV[2])
redis.call('ZADD', KEYS[5], place, ARGV[2])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[4])
return 1`;

const recordKey = (changeId: string) => key('change', changeId);
/** Open changes in the order of their creation, which is the same for every reader. */
const openKey = key('changes', 'open');
const createdKey = key('changes', 'created');
const recentKey = key('changes', 'recent');
/** The open ones of one service alone, so that a plan need not read everybody's. */
const openOfKey = (service: string) => key('changes', 'open-of', service);

/** In a list, one record of another version must not hide all the others. */
function readable(text: string | null, changeId: string): readonly ChangeRecord[] {
  try {
    return text === null ? [] : [parseRecord(text, changeId)];
  } catch {
    return [];
  }
}

export function redisChanges(redis: Redis, clock: Clock): ChangeStore {
  const read = async (changeId: string) => {
    const text = await asking(`Reading change ${changeId}`, () => redis.get(recordKey(changeId)));
    return text === null ? undefined : parseRecord(text, changeId);
  };

  const replace = async (record: ChangeRecord, revision: number) => {
    const written = await asking(`Writing change ${record.id}`, () =>
      redis.eval(
        REPLACE,
        3,
        recordKey(record.id),
        openKey,
        openOfKey(record.request.command.service),
        String(revision),
        JSON.stringify(record),
        isOpen(record.state) ? 'open' : 'over',
        record.id,
        String(KEEP_MS),
      ),
    );
    return written === 1;
  };

  return {
    async create(request: ChangeRequest) {
      const now = clock.now();
      const record: ChangeRecord = {
        v: 1,
        id: request.id,
        revision: 0,
        state: 'planning',
        request,
        stage: 0,
        runs: 0,
        updatedAt: now,
      };
      const created = await asking(`Creating change ${request.id}`, () =>
        redis.eval(
          CREATE,
          5,
          recordKey(request.id),
          openKey,
          recentKey,
          createdKey,
          openOfKey(request.command.service),
          JSON.stringify(record),
          request.id,
          String(request.acceptedAt),
          String(now - KEEP_MS),
        ),
      );
      return created === 1;
    },

    get: read,

    async update(changeId, next, known) {
      const replaced = async (current: ChangeRecord, wanted: ChangeRecord) => {
        const record = { ...wanted, revision: current.revision + 1, updatedAt: clock.now() };
        return (await replace(record, current.revision)) ? record : undefined;
      };
      // Whether an old record is to be left as it is says nothing: only what is written by it is checked.
      const early = known && next(known);
      const first = known && early && (await replaced(known, early));
      if (first !== undefined) return first;
      for (let attempt = 0; attempt < CONFLICTS_MAX; attempt += 1) {
        const current = await read(changeId);
        if (current === undefined) {
          throw new OperationError('NOT_FOUND', `There is no change ${changeId}.`);
        }
        const wanted = next(current);
        if (wanted === undefined) return current;
        const record = await replaced(current, wanted);
        if (record !== undefined) return record;
        await afterConflict(attempt);
      }
      throw new OperationError(
        'STORE_UNAVAILABLE',
        `Writing change ${changeId}: too many writers at once.`,
      );
    },

    open: () => asking('Listing open changes', () => redis.zrange(openKey, '0', '-1')),

    openOf: (service) =>
      asking('Listing open changes', () => redis.zrange(openOfKey(service), '0', '-1')),

    async recent(limit, service) {
      // A service's changes may be sparse among all, so look deeper than the limit.
      const depth = service === undefined ? limit : limit * 20;
      const ids = await asking('Listing changes', () =>
        redis.zrevrange(recentKey, 0, Math.max(0, depth - 1)),
      );
      if (ids.length === 0) return [];
      const texts = await asking('Reading changes', () => redis.mget(ids.map(recordKey)));
      return texts
        .flatMap((text, index) => readable(text, ids[index] ?? ''))
        .filter(
          (record) =>
            service === undefined ||
            (record.plan?.service ?? record.request.command.service) === service,
        )
        .slice(0, limit);
    },

    nextSequence: () =>
      asking('Numbering an approval', () => redis.incr(key('approvals', 'sequence'))),
  };
}
