import type { NodeWords } from '../domain/device-look.ts';
import type { DeviceFacts } from '../domain/scene.ts';

/** Of what a machine says of its own start, whole seconds; and looks take their time. */
const CLOCK_MS_MAX = 2_000;

type MachineFacts = Pick<DeviceFacts, 'boot' | 'returned'>;

/** What is known of the machine once its host has answered, and what had become of it where it was away. Pure. */
export function machineFacts(
  before: DeviceFacts,
  words: NodeWords | undefined,
  at: number,
): MachineFacts {
  const { boot: was, returned: last, hostSilentSince } = before;
  const kept = {
    ...(was === undefined ? {} : { boot: was }),
    ...(last === undefined ? {} : { returned: last }),
  };
  if (words?.boot === undefined) return kept;
  const boot = { id: words.boot.id, at: at - words.boot.uptimeSeconds * 1_000 };
  if (was === undefined) return { ...kept, boot };
  const awayMs = hostSilentSince === undefined ? 0 : at - hostSilentSince;
  if (was.id !== boot.id) return { boot, returned: { at, after: 'started anew', awayMs } };
  if (hostSilentSince === undefined) return { ...kept, boot };
  // A clock that stood still makes the start look later than it was.
  const stoodMs = boot.at - was.at;
  const isFrozen = stoodMs > CLOCK_MS_MAX && stoodMs > awayMs / 2;
  return { boot, returned: { at, after: isFrozen ? 'stood still' : 'ran on', awayMs } };
}
