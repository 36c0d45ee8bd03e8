import type { Redis } from 'ioredis';
import type { NotifyIntake, NotifyLine, NotifyTaken } from '../ports/notices.ts';
import { asking, key } from './redis.ts';

const LINES_MAX = 1_000;
const BOOTS_MAX = 8;
/** A director that is silent for so long begins anew. */
const KEPT_SECONDS = 30 * 24 * 60 * 60;

/**
 * The highest number of a boot, by boot, and which boots there were. A number that is not above it was recorded
 * before: the reader on a director sends in order. Of each call, all lines or none are recorded.
 */
const TAKE = `
local answers = {}
for at = 3, #ARGV, 3 do
  local boot, sequence, line = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2]
  local highest = tonumber(redis.call('HGET', KEYS[1], boot) or '-1')
  if sequence > highest then
    redis.call('HSET', KEYS[1], boot, sequence)
    if highest == -1 then
      redis.call('RPUSH', KEYS[2], boot)
      while redis.call('LLEN', KEYS[2]) > tonumber(ARGV[2]) do
        redis.call('HDEL', KEYS[1], redis.call('LPOP', KEYS[2]))
      end
    end
    redis.call('RPUSH', KEYS[3], line)
    answers[#answers + 1] = 'taken'
  else
    answers[#answers + 1] = 'known'
  end
end
redis.call('LTRIM', KEYS[3], -tonumber(ARGV[1]), -1)
for each = 1, 3 do redis.call('EXPIRE', KEYS[each], ${KEPT_SECONDS}) end
return answers`;

export interface NoticeStore extends NotifyIntake {
  /** The last lines of a director, oldest first. */
  lines(director: string): Promise<readonly NotifyLine[]>;
}

/** What keepalived told, by director: what is known, and the last thousand lines. */
export function redisNotices(redis: Redis): NoticeStore {
  const keysOf = (director: string) =>
    ['numbers', 'boots', 'lines'].map((what) => key('notices', director, what));
  return {
    async take(lines) {
      const taken: NotifyTaken[] = [];
      for (const [director, own] of byDirector(lines)) {
        const keys = keysOf(director);
        const words = own.flatMap((line) => [
          line.bootId,
          String(line.sequence),
          JSON.stringify(line),
        ]);
        const answers = await asking(`Recording what ${director} told`, () =>
          redis.eval(TAKE, keys.length, ...keys, String(LINES_MAX), String(BOOTS_MAX), ...words),
        );
        taken.push(...(answers as NotifyTaken[]));
      }
      return taken;
    },
    async beat(heartbeat) {
      const { director } = heartbeat;
      await asking(`Recording a sign of life of ${director}`, () =>
        redis.hset(key('notices', 'beats'), director, JSON.stringify(heartbeat)),
      );
    },
    async lines(director) {
      const [, , own = ''] = keysOf(director);
      const kept = await asking(`Reading what ${director} told`, () => redis.lrange(own, 0, -1));
      return kept.map((line) => JSON.parse(line) as NotifyLine);
    },
  };
}

function byDirector(lines: readonly NotifyLine[]): ReadonlyMap<string, readonly NotifyLine[]> {
  const found = new Map<string, NotifyLine[]>();
  for (const line of lines) found.set(line.director, [...(found.get(line.director) ?? []), line]);
  return found;
}
