import { type RedisPlace, redisPlaceName } from '../../domain/redis-url.ts';
import { inspectRedis, type RedisRemark } from '../../store/check-redis.ts';
import { openStore } from '../../store/redis.ts';
import { type Finding, finding, ok } from './finding.ts';

/** Connects, and says what Redis does with what it is given. Writes nothing. */
export async function* checkRedis(place: RedisPlace): AsyncGenerator<Finding> {
  let remarks: readonly RedisRemark[] = [];
  const connected = await finding(async () => {
    const redis = await openStore(place);
    try {
      remarks = await inspectRedis(redis);
    } finally {
      redis.disconnect();
    }
    return ok('Redis is connected');
  });
  if (connected.level === 'FAIL') {
    yield connected;
    return;
  }
  for (const remark of remarks) {
    // Where it answers is said once, with its version.
    const answers = remark.level === 'OK' && remark.text.endsWith(' answers');
    yield answers ? ok(`${remark.text} at ${redisPlaceName(place)}`) : remark;
  }
}
