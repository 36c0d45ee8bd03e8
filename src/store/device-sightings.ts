import type { Redis } from 'ioredis';
import type { Fault } from '../domain/errors.ts';
import type { DeviceSighting } from '../domain/home.ts';
import type { DeviceSightings } from '../ports/records.ts';
import { asking, key } from './redis.ts';

/** Of one device not more than one note in this time, as long as it says the same. */
const NOTE_EVERY_MS = 5_000;

const answeredKey = key('devices', 'answered');
const silentKey = key('devices', 'silent');

interface Silence extends Fault {
  readonly at: number;
}

/** When each device last answered and last did not: two hashes, one field per device. */
export function redisDeviceSightings(redis: Redis): DeviceSightings {
  /** What this process noted last; a device is read many times in one change. */
  const noted = new Map<string, { readonly at: number; readonly answered: boolean }>();
  return {
    async note(balancer, at, fault) {
      const last = noted.get(balancer);
      const answered = fault === undefined;
      if (last?.answered === answered && at - last.at < NOTE_EVERY_MS) return;
      noted.set(balancer, { at, answered });
      await asking(`Noting when ${balancer} was seen`, () =>
        fault === undefined
          ? redis.hset(answeredKey, balancer, String(at))
          : redis.hset(silentKey, balancer, JSON.stringify({ ...fault, at })),
      );
    },

    async all() {
      const [answered, silent] = await Promise.all(
        [answeredKey, silentKey].map((each) =>
          asking('Reading when devices were seen', () => redis.hgetall(each)),
        ),
      );
      const names = new Set([...Object.keys(answered ?? {}), ...Object.keys(silent ?? {})]);
      return [...names].map((balancer): DeviceSighting => {
        const answeredAt = answered?.[balancer];
        const silence = silent?.[balancer];
        const fault = silence === undefined ? undefined : (JSON.parse(silence) as Silence);
        return {
          balancer,
          ...(answeredAt === undefined ? {} : { answeredAt: Number(answeredAt) }),
          ...(fault === undefined || fault.at <= Number(answeredAt ?? 0) ? {} : { fault }),
        };
      });
    },
  };
}
