import type { DeviceLook } from '../domain/device-look.ts';
import type { EventKind } from '../domain/event.ts';
import type { ActiveUnit, DeviceFacts, UnitFacts } from '../domain/scene.ts';
import { topicOf } from './observation.ts';

/** Something that is worth an event. */
export interface Said {
  readonly kind: EventKind;
  readonly text: string;
  readonly topic: string;
}

export interface GroupSeen {
  readonly facts: Pick<DeviceFacts, 'units' | 'activeUnit' | 'sync'>;
  readonly said: readonly Said[];
  /** Another unit is active than before: what it shows is a configuration of its own. */
  readonly isMoved: boolean;
}

const STANDBY = 'STANDBY';

function unitFacts(before: DeviceFacts, look: DeviceLook, at: number): readonly UnitFacts[] {
  return (look.units ?? []).map(({ name, status, active, away }) => {
    const isUnfit = away || (!active && status !== STANDBY);
    if (!isUnfit) return { name, status, active };
    const was = before.units?.find((unit) => unit.name === name);
    return { name, status, active, unfitSince: was?.unfitSince ?? at };
  });
}

/** What a look at a device group says of its units since the last one. Pure. */
export function absorbUnits(
  before: DeviceFacts,
  look: DeviceLook,
  { balancer, at }: { readonly balancer: string; readonly at: number },
): GroupSeen {
  if (look.units === undefined) return { facts: {}, said: [], isMoved: false };
  const units = unitFacts(before, look, at);
  const names = units.filter(({ active }) => active).map(({ name }) => name);
  const [first = ''] = names;
  const was = before.activeUnit;
  const said: Said[] = [];
  const tell = (text: string) => said.push({ kind: 'unit', text, topic: topicOf.units(balancer) });
  const isMoved = names.length === 1 && was !== undefined && was.name !== first;
  let activeUnit: ActiveUnit | undefined = was;
  if (names.length !== 1) {
    if (was !== undefined && was.oddSince === undefined) {
      const who = names.length === 0 ? 'No unit' : `More than one unit (${names.join(', ')})`;
      tell(`${who} of ${balancer} is active; it was ${was.name}.`);
    }
    const { oddSince = at } = was ?? {};
    activeUnit = { name: '', ...was, oddSince };
  } else if (was === undefined || was.name === '') {
    activeUnit = { name: first };
  } else if (isMoved) {
    tell(`Unit ${first} of ${balancer} is active now; it was ${was.name}.`);
    activeUnit = { name: first, former: was.name, movedAt: at };
  } else if (was.oddSince !== undefined) {
    tell(`Unit ${first} of ${balancer} alone is active again.`);
    const { oddSince: _over, ...rest } = was;
    activeUnit = rest;
  }
  const sync = look.sync ?? before.sync;
  if (before.sync !== undefined && sync !== undefined && before.sync !== sync) {
    const text = `The units of ${balancer}: ${sync}; before: ${before.sync}.`;
    said.push({ kind: 'sync', text, topic: topicOf.sync(balancer) });
  }
  const facts = {
    units,
    ...(activeUnit === undefined ? {} : { activeUnit }),
    ...(sync === undefined ? {} : { sync }),
  };
  return { facts, said, isMoved };
}
