import { vipWords } from '../domain/probed-vip.ts';
import type { VipMeasure } from '../domain/scene.ts';
import type { WorkerContext } from '../operations/context.ts';
import { watchLeaseMs } from '../operations/limits.ts';
import { startKnocking } from '../operations/probe/knocking.ts';
import { type Heard, NOTHING_HEARD, withKnock } from '../operations/probe/silences.ts';
import type { Desk } from './desk.ts';
import { silencesMax } from './rules.ts';
import type { LaneSite } from './site.ts';

/** The lease is renewed, and what a store that was away did not take is told again. */
const TEND_EVERY_MS = 1_000;
/** While nothing is open, what is measured is noted this often: an incident asks for the time before it too. */
const NOTE_EVERY_MS = 5_000;
/** A silence is told when so many tries in a row were lost, and when it is over. */
const TOLD_FROM_LOST = 2;

type Probe = NonNullable<LaneSite['probe']>;

type Around = Pick<WorkerContext, 'clock' | 'log' | 'check'> & {
  readonly stores: { readonly leases: Pick<WorkerContext['stores']['leases'], 'take'> };
};

/** What one prober measured so far. */
function measuring(probe: Probe) {
  let heard: Heard = NOTHING_HEARD;
  let since: number | undefined;
  let until = 0;
  return {
    /** True when it is worth telling at once. */
    take(knock: { readonly at: number; readonly isAnswered: boolean }): boolean {
      const before = heard.silences.at(-1);
      const next = withKnock(heard, knock);
      heard = { ...next, silences: next.silences.slice(-silencesMax) };
      if (knock.isAnswered) since ??= knock.at;
      until = knock.at;
      const now = heard.silences.at(-1);
      const isOver = before !== undefined && before.until === undefined && knock.isAnswered;
      return isOver || (now?.lost === TOLD_FROM_LOST && !knock.isAnswered);
    },
    /** Undefined as long as nothing was answered: it may be this machine that cannot reach the VIP. */
    told(): VipMeasure | undefined {
      if (since === undefined) return undefined;
      const silences = heard.silences.flatMap(({ from, to, before, until: end }) => {
        if (before === undefined) return [];
        return [{ from, to, before, ...(end === undefined ? {} : { until: end }) }];
      });
      return { vip: vipWords(probe), everyMs: probe.everyMs, since, until, silences };
    },
  };
}

async function probeOne(
  context: Around,
  desk: Pick<Desk, 'observe' | 'isUneasy'>,
  site: LaneSite,
  probe: Probe,
  asked: { readonly holder: string; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, log, stores } = context;
  const { holder, signal } = asked;
  let knocking: { readonly stop: () => void } | undefined;
  let measure = measuring(probe);
  let isDue = false;
  let telling: Promise<void> | undefined;

  const tellOnce = async (): Promise<void> => {
    while (isDue && !signal.aborted) {
      isDue = false;
      const told = measure.told();
      if (told === undefined) return;
      try {
        await desk.observe(site, { kind: 'probe', at: clock.now(), measure: told });
      } catch (error) {
        isDue = true;
        log.debug('What a probe measured is told later', { lane: site.lane, error });
        return;
      }
    }
  };
  const tell = (): void => {
    telling ??= tellOnce().finally(() => {
      telling = undefined;
    });
  };
  const begin = () => {
    const mine = measuring(probe);
    measure = mine;
    return startKnocking(context, probe, {
      everyMs: probe.everyMs,
      heard: (knock) => {
        if (!mine.take(knock)) return;
        isDue = true;
        tell();
      },
    });
  };
  /** A store that is away keeps nobody from measuring; one that names another holder does. */
  const isMine = () =>
    stores.leases.take(`probe.${site.lane}`, holder, watchLeaseMs).catch(() => undefined);

  let notedAt = 0;
  while (!signal.aborted) {
    const mine = await isMine();
    if (mine === true) knocking ??= begin();
    if (mine === false) {
      knocking?.stop();
      knocking = undefined;
    }
    const now = clock.now();
    if (knocking !== undefined && (desk.isUneasy(site.lane) || now - notedAt >= NOTE_EVERY_MS)) {
      notedAt = now;
      isDue = true;
    }
    tell();
    await clock.sleep(TEND_EVERY_MS, signal);
  }
  knocking?.stop();
  await telling;
}

/** Tries the VIP of each pair that asks for it, by one watcher of the site. */
export function startProbing(
  context: Around,
  desk: Pick<Desk, 'observe' | 'isUneasy'>,
  lanes: readonly LaneSite[],
  holder: string,
): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const asked = { holder, signal: stopping.signal };
  const ended = Promise.all(
    lanes.flatMap((site) =>
      site.probe === undefined ? [] : [probeOne(context, desk, site, site.probe, asked)],
    ),
  );
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
