import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { StoreLife } from '../ports/records.ts';
import { asking, isFailingOver, key } from './redis.ts';

const lifeKey = key('life');

/**
 * One atomic look at the server's replication id beside the one noted at the last look. A server that restarts takes
 * a new id too: with an append-only file it has lost nothing, unless it is one that was promoted since.
 */
const LOOK = `
local info = redis.call('INFO', 'replication')
local replid = string.match(info, 'master_replid:(%x+)') or 'unknown'
local former = string.match(info, 'master_replid2:(%x+)') or ''
local noted = redis.call('HMGET', KEYS[1], 'life', 'replid')
if noted[1] and noted[2] == replid then return noted[1] end
local durable = string.match(redis.call('INFO', 'persistence'), 'aof_enabled:(%d)') == '1'
local promoted = string.match(former, '[1-9a-f]') ~= nil
local life = ARGV[1]
if noted[1] and durable and not promoted and ARGV[2] == 'alone' then
  life = noted[1]
end
redis.call('HSET', KEYS[1], 'life', life, 'replid', replid)
return life`;

/** Notes in Redis which life it lives, see the decision about fail-overs. */
export function redisStoreLife(redis: Redis): StoreLife {
  const kind = isFailingOver(redis) ? 'replicated' : 'alone';
  const look = async () => {
    const life = await asking('Asking Redis whether it is still the same', () =>
      redis.eval(LOOK, 1, lifeKey, randomUUID(), kind),
    );
    return String(life);
  };
  return {
    current: look,
    async unlooked() {
      const life = await look();
      const looked = await asking('Asking whether members out were looked for', () =>
        redis.hget(lifeKey, 'looked'),
      );
      return looked === life ? undefined : life;
    },
    async noteLooked(life) {
      await asking('Noting that members out were looked for', () =>
        redis.hset(lifeKey, 'looked', life),
      );
    },
  };
}
