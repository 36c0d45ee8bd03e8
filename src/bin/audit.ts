import { readEnvironment } from '../config/environment.ts';
import { faultReport } from '../config/report.ts';
import { firstBreak } from '../domain/audit.ts';
import { openStore } from '../store/redis.ts';
import { redisStores } from '../store/stores.ts';
import { systemClock } from './system-clock.ts';

/** `lb audit verify`: walks the whole chain. Exit code 0 when it is whole and its head is signed, else 1. */
export async function auditVerify(): Promise<number> {
  const environment = readEnvironment(process.env, ['REDIS_URL', 'LB_SIGNING_KEY']);
  if (!environment.ok) {
    process.stderr.write(`${faultReport(environment.faults)}\n`);
    return 2;
  }
  const { config } = environment;
  const redis = await openStore(config.REDIS_URL.reveal());
  try {
    const { audit } = redisStores(redis, systemClock, config.LB_SIGNING_KEY);
    const { entries, headSigned } = await audit.readAll();
    const broken = firstBreak(entries);
    if (broken !== undefined) {
      process.stdout.write(`The audit chain is broken: ${broken.reason}.\n`);
      return 1;
    }
    if (!headSigned) {
      process.stdout.write(
        'The audit chain is whole, but its head is not signed with this key: the end may be cut off.\n',
      );
      return 1;
    }
    process.stdout.write(`The audit chain is whole: ${entries.length} entries, head signed.\n`);
    return 0;
  } finally {
    redis.disconnect();
  }
}
