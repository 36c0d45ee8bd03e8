import { faultOf } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { SlackApp } from './app.ts';
import { reconnectPauseMaxMs, reconnectPauseMinMs } from './limits.ts';

export interface ListeningOptions {
  /** Makes the bot; throws SLACK_UNAVAILABLE while Slack does not say who it is. */
  readonly begin: () => Promise<SlackApp>;
  /** Slack was away when this process started, and refuses the bot now that it is back. */
  readonly onRefused: (reason: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** The bot, or the attempt to become one. */
export interface Listening extends Pick<SlackApp, 'stop' | 'connected' | 'url'> {}

/**
 * Starts the bot. Where Slack is silent it is tried again, with growing pauses, until Slack answers or `stop` is called;
 * everything else Slack or this machine says is thrown, as one line.
 */
export async function startListening({
  begin,
  onRefused,
  clock,
  log,
}: ListeningOptions): Promise<Listening> {
  const closing = new AbortController();
  let app: SlackApp | undefined;

  const attempt = async (): Promise<void> => {
    const begun = await begin();
    try {
      await begun.start();
    } catch (thrown) {
      await begun.stop(0);
      throw thrown;
    }
    if (closing.signal.aborted) await begun.stop(0);
    else app = begun;
  };

  const goOnTrying = async (): Promise<void> => {
    let pauseMs = reconnectPauseMinMs;
    while (!closing.signal.aborted) {
      await clock.sleep(pauseMs, closing.signal);
      if (closing.signal.aborted) return;
      try {
        await attempt();
        return;
      } catch (thrown) {
        const { code, message } = faultOf(thrown);
        log.warn('Slack could not be connected', { fault: message, pauseMs });
        if (code !== 'SLACK_UNAVAILABLE') return onRefused(message);
        pauseMs = Math.min(reconnectPauseMaxMs, pauseMs * 2);
      }
    }
  };

  let trying = Promise.resolve();
  try {
    await attempt();
  } catch (thrown) {
    if (faultOf(thrown).code !== 'SLACK_UNAVAILABLE') throw thrown;
    trying = goOnTrying();
  }
  return {
    connected: () => app?.connected() ?? false,
    url: () => app?.url(),
    async stop(graceMs) {
      closing.abort();
      // An attempt under way may take longer than anybody waits; it ends by itself.
      const waited = new AbortController();
      await Promise.race([trying, clock.sleep(graceMs, waited.signal)]);
      // A timer that is left would keep the process alive.
      waited.abort();
      await app?.stop(graceMs);
    },
  };
}
