import { type Config, redisPlaceOf } from '../../config/environment.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Inventory } from '../../domain/inventory.ts';
import type { Secret } from '../../domain/secret.ts';
import { createLog } from '../../telemetry/log.ts';
import { systemClock } from '../system-clock.ts';
import { checkBalancers } from './balancers.ts';
import { counted } from './counted.ts';
import { type Finding, findingLines } from './finding.ts';
import { checkRedis } from './redis.ts';
import { checkSlack } from './slack.ts';

/** Asks Redis, Slack and every balancer; says what each answered. Exit code 1 when one of them fails. */
export async function checkLive(
  config: Config,
  inventory: Inventory,
  secrets: ReadonlyMap<string, Secret>,
): Promise<number> {
  const { REDIS_URL, SLACK_BOT_TOKEN } = config;
  if (REDIS_URL === undefined || SLACK_BOT_TOKEN === undefined) {
    throw new OperationError('INTERNAL', 'The environment was read without what was needed.');
  }
  const counts = { OK: 0, WARN: 0, FAIL: 0 };
  const tell = async (findings: AsyncGenerator<Finding>) => {
    for await (const found of findings) {
      process.stdout.write(`${findingLines(found)}\n`);
      counts[found.level] += 1;
    }
  };
  await tell(checkRedis(redisPlaceOf({ ...config, REDIS_URL })));
  await tell(
    checkSlack({
      botToken: SLACK_BOT_TOKEN,
      apiUrl: config.SLACK_API_URL,
      mode: config.LB_SLACK_MODE,
      appToken: config.SLACK_APP_TOKEN,
      log: createLog({ level: 'silent' }),
      clock: systemClock,
      inventory,
    }),
  );
  await tell(checkBalancers(inventory, secrets));
  const warnings = counted(counts.WARN, 'warning');
  process.stdout.write(`Live: ${counts.OK} OK, ${warnings}, ${counts.FAIL} failed.\n`);
  return counts.FAIL === 0 ? 0 : 1;
}
