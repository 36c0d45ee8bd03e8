import type { Redis } from 'ioredis';
import { OperationError } from '../domain/errors.ts';
import type { Journal, JournalEntry } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const KEEP_MS = 30 * 24 * 3_600_000;

// The entry is written only while this epoch holds the lane: a worker that lost it writes nothing more.
const WRITE_IF_HOLDER = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 1`;

const epochKey = (lane: string) => key('epoch', lane);
const journalKey = (changeId: string) => key('journal', changeId);

function fenced(lane: string): OperationError {
  return new OperationError('FENCED', `Lane ${lane}: another worker took over; this one stops.`);
}

export function redisJournal(redis: Redis): Journal {
  return {
    takeLane: (lane) => asking(`Taking lane ${lane}`, () => redis.incr(epochKey(lane))),

    async assertHolder(lane, epoch) {
      const holder = await asking(`Checking lane ${lane}`, () => redis.get(epochKey(lane)));
      if (holder !== String(epoch)) throw fenced(lane);
    },

    async write(changeId, lane, epoch, entry) {
      const written = await asking(`Journalling change ${changeId}`, () =>
        redis.eval(
          WRITE_IF_HOLDER,
          2,
          epochKey(lane),
          journalKey(changeId),
          String(epoch),
          String(entry.index),
          JSON.stringify(entry),
          String(KEEP_MS),
        ),
      );
      if (written !== 1) throw fenced(lane);
    },

    async read(changeId) {
      const fields = await asking(`Reading the journal of ${changeId}`, () =>
        redis.hgetall(journalKey(changeId)),
      );
      return new Map(
        Object.entries(fields).map(([index, text]) => [
          Number(index),
          JSON.parse(text) as JournalEntry,
        ]),
      );
    },
  };
}
