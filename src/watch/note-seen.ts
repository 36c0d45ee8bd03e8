import type { DeviceLook } from '../domain/device-look.ts';
import type { Fault } from '../domain/errors.ts';
import type { WorkerContext } from '../operations/context.ts';

/** The same members are noted this often: the memory of them is one of days. */
const SAME_EVERY_MS = 60_000;

/** Keeps what looks see for others: when a device answered, and which members it had. Never throws. */
export function noteSeen({ stores, clock, log }: Pick<WorkerContext, 'stores' | 'clock' | 'log'>) {
  const noted = new Map<string, { readonly names: string; readonly at: number }>();

  const quietly = async (balancer: string, note: () => Promise<void>): Promise<void> => {
    try {
      await note();
    } catch (error) {
      log.debug('Noting that a device was seen failed', { balancer, error });
    }
  };

  return {
    answered: (balancer: string, look: DeviceLook): Promise<void> =>
      quietly(balancer, async () => {
        const now = clock.now();
        await stores.sightings.note(balancer, now);
        for (const each of look.pools) {
          if (!('state' in each)) continue;
          const names = each.state.members.filter(({ backup }) => !backup).map(({ name }) => name);
          const key = JSON.stringify([balancer, each.pool]);
          const text = JSON.stringify(names);
          const last = noted.get(key);
          if (last?.names === text && now - last.at < SAME_EVERY_MS) continue;
          await stores.seen.note(balancer, each.pool, names, now);
          noted.set(key, { names: text, at: now });
        }
      }),

    silent: (balancer: string, fault: Fault): Promise<void> =>
      quietly(balancer, () => stores.sightings.note(balancer, clock.now(), fault)),
  };
}
