import { expect } from 'vitest';
import type { ContractDevice, Impostors, Misbehaviour } from '../contract-device.ts';
import { type Impostor, startImpostor } from './impostor.ts';
import { startPausableWire } from './pausable-wire.ts';
import { f5Site, MEMBER, POOL, placeOf } from './site.ts';

const DEADLINE_MS = 1_000;

/** One unit behind a wire that can be held, and its impostors. */
export async function contractDevice(api: 'rest' | 'soap'): Promise<ContractDevice & Impostors> {
  const site = await f5Site();
  const [unit] = site.sim.units;
  if (unit === undefined) throw new Error('the simulator has no unit');
  const wire = await startPausableWire(unit.port);
  const place = { ...placeOf(unit), port: wire.port };
  const common = { api, limits: { exchangeMsMax: DEADLINE_MS } } as const;
  const impostors = new Map<Misbehaviour, Impostor>();
  for (const how of ['silent', 'garbage', 'cut', 'huge'] as const) {
    impostors.set(how, await startImpostor(how));
  }
  const gone = await startImpostor('silent');
  await gone.close();
  return {
    adapter: site.adapter({ ...common, units: [place] }),
    pool: POOL,
    member: MEMBER,
    async reset() {
      site.sim.control.reset();
      // A request that was held may still be on its way.
      await expect.poll(() => site.sim.control.state()[0]?.pools.length).toBeGreaterThan(0);
    },
    freeze: () => wire.hold(),
    thaw: () => wire.letGo(),
    readOnly: site.adapter({ ...common, units: [place], username: 'looker' }),
    absent: site.adapter({ ...common, units: [gone.place] }),
    misbehaving(how) {
      const impostor = impostors.get(how);
      if (impostor === undefined) throw new Error(how);
      impostor.received = 0;
      return {
        adapter: site.adapter({ ...common, units: [impostor.place] }),
        received: () => impostor.received,
      };
    },
    deadlineMs: DEADLINE_MS,
    async close() {
      await site.close();
      await Promise.all([...impostors.values()].map((impostor) => impostor.close()));
      await wire.close();
    },
  };
}
