import type { WatchEvent } from '../domain/event.ts';
import type { Scene, VipMeasure, VipSilence } from '../domain/scene.ts';
import type { Absorbed } from './absorb-look.ts';
import { silencesMax } from './rules.ts';
import { silenceWords } from './vip-words.ts';
import { VRRP_TOPIC } from './vrrp-judge.ts';

/** One lost packet is no news. */
const NEWS_AFTER_MS = 300;

const endOf = ({ until, to }: VipSilence) => until ?? to;

/** Takes in what a probe knows by now; the same once more changes nothing. Pure. */
export function absorbProbe(scene: Scene, measure: VipMeasure): Absorbed {
  const { probe: known, lane } = scene;
  const older = known?.vip === measure.vip ? known.silences : [];
  // Another probe, of a watcher that is gone, may have seen the beginning of one and not its end.
  const kept = older.filter(
    (old) =>
      old.until !== undefined &&
      measure.silences.every(({ from, before }) => from !== old.from && endOf(old) <= before),
  );
  const silences = [...kept, ...measure.silences].slice(-silencesMax);
  const ended = (from: number) => older.some((old) => old.from === from && old.until !== undefined);
  const news = measure.silences.filter(
    ({ from, to, until }) => until !== undefined && to - from >= NEWS_AFTER_MS && !ended(from),
  );
  const events = news.map((silence) => ({
    event: {
      id: `unanswered.${lane}.${silence.from}`,
      at: silence.from,
      lane,
      kind: 'unanswered',
      witness: 'look',
      text: `${measure.vip} gave ${silenceWords(silence, measure.everyMs)}.`,
    } satisfies WatchEvent,
    topic: VRRP_TOPIC,
  }));
  return { scene: { ...scene, probe: { ...measure, silences } }, events };
}
