import type { IncidentFact } from '../domain/incident.ts';
import type { VipMeasure, VipSilence } from '../domain/scene.ts';
import { secondsWords } from '../operations/probe/interruption.ts';
import { lengthOf } from '../operations/probe/silences.ts';

/** What a probe that died last said of a silence that goes on is no news of now. */
const STALE_MS = 10_000;
const LISTED_MAX = 3;

/** The likeliest length, and the widest that it may be off, in ms. */
function measured(silence: VipSilence): { readonly ms: number; readonly offMs: number } {
  const { leastMs, mostMs = leastMs } = lengthOf({ ...silence, lost: 1 });
  return { ms: (leastMs + mostMs) / 2, offMs: (mostMs - leastMs) / 2 };
}

/** A probe that slowed down, or was held up, says how far off it may be. */
function precision(offMs: number, everyMs: number): string {
  return offMs <= everyMs * 1.5
    ? `measured every ${everyMs} ms`
    : `give or take ${secondsWords(offMs)}`;
}

/** `no answer for 1.24 s, measured every 100 ms` */
export function silenceWords(silence: VipSilence, everyMs: number): string {
  const { ms, offMs } = measured(silence);
  return `no answer for ${secondsWords(ms)}, ${precision(offMs, everyMs)}`;
}

function manyWords(silences: readonly VipSilence[], everyMs: number): string {
  const all = silences.map(measured);
  const lengths = all.map(({ ms }) => ms);
  const how = precision(Math.max(...all.map(({ offMs }) => offMs)), everyMs);
  const total = secondsWords(lengths.reduce((sum, ms) => sum + ms, 0));
  const what =
    all.length <= LISTED_MAX
      ? `for ${lengths.map(secondsWords).join(', then ')}`
      : `${total} in all, ${secondsWords(Math.max(...lengths))} the longest`;
  return `no answer ${all.length} times, ${what}, ${how}`;
}

/**
 * What clients met between these times, as a probe of the VIP measured it; undefined where nobody measured all of it
 * and nothing was found.
 */
export function measuredFact(
  measure: VipMeasure | undefined,
  span: { readonly from: number; readonly to: number; readonly now: number },
): IncidentFact | undefined {
  if (measure === undefined) return undefined;
  const { vip, everyMs, since, until } = measure;
  const isFresh = span.now - until <= STALE_MS;
  const here = measure.silences.filter(
    (silence) => (silence.until ?? (isFresh ? span.now : 0)) >= span.from,
  );
  const open = here.find((silence) => silence.until === undefined);
  const [only] = here;
  const text = () => {
    if (open !== undefined) return `no answer since ${clockWords(open.from)}`;
    if (here.length > 1) return manyWords(here, everyMs);
    if (only !== undefined) return silenceWords(only, everyMs);
    const isWhole = since <= span.from && until >= span.to;
    return isWhole ? `every try was answered, one every ${everyMs} ms` : undefined;
  };
  const words = text();
  return words === undefined ? undefined : { label: MEASURED, text: `${words} (${vip})` };
}

const clockWords = (at: number) => `${new Date(at).toISOString().slice(11, 19)} UTC`;

/** Label of what was measured. */
const MEASURED = 'Clients met';
