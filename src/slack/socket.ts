import { SocketModeReceiver } from '@slack/bolt';
import type { Secret } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { startFault } from './identity.ts';
import {
  connectTimeoutMs,
  disconnectTimeoutMs,
  reconnectPauseMaxMs,
  reconnectPauseMinMs,
} from './limits.ts';
import type { SlackLink } from './link.ts';
import { slackLogger } from './logger.ts';
import { clientOptions, failureOf, failureWords } from './web.ts';

export interface SocketOptions {
  readonly appToken: Secret;
  readonly apiUrl?: string | undefined;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * Socket Mode. The library's own reconnecting is off: it waits seconds with nobody listening after Slack asked
 * for a new connection, and a refused reconnection ends the process as an unhandled rejection.
 */
export function socketLink(options: SocketOptions): SlackLink {
  const { log, clock } = options;
  const receiver = new SocketModeReceiver({
    appToken: options.appToken.reveal(),
    logger: slackLogger(log),
    autoReconnectEnabled: false,
    // Options of its own: the library writes into them, and its token must not meet the bot's.
    installerOptions: { clientOptions: clientOptions(options) },
    customPropertiesExtractor: (delivery: { envelope_id?: unknown }) => ({
      envelopeId: delivery.envelope_id,
    }),
  });
  const { client } = receiver;
  const closing = new AbortController();
  let connected = false;
  let connecting = false;

  const connect = async (): Promise<void> => {
    connecting = true;
    const done = new AbortController();
    // A start that never ends is ended by a disconnect: then it throws.
    void clock.sleep(connectTimeoutMs, done.signal).then(() => {
      if (!done.signal.aborted) void client.disconnect();
    });
    try {
      await client.start();
      connected = true;
    } catch (thrown) {
      throw thrown ?? new Error('the connection was closed before Slack said hello');
    } finally {
      connecting = false;
      done.abort();
    }
  };

  const reconnect = async (): Promise<void> => {
    let pauseMs = 0;
    while (!closing.signal.aborted) {
      try {
        if (pauseMs > 0) await clock.sleep(pauseMs, closing.signal);
        if (closing.signal.aborted) return;
        await connect();
        log.info('Connected to Slack again');
        if (closing.signal.aborted) await disconnect();
        return;
      } catch (thrown) {
        const failure = failureOf(thrown);
        pauseMs = Math.min(reconnectPauseMaxMs, Math.max(reconnectPauseMinMs, pauseMs * 2));
        if (failure.kind === 'limited') pauseMs = Math.max(pauseMs, failure.retryAfterMs);
        log.warn('Slack could not be connected again', {
          fault: failureWords('Connecting to Slack', failure),
          pauseMs,
        });
      }
    }
  };

  const disconnect = async (): Promise<void> => {
    const done = new AbortController();
    await Promise.race([client.disconnect(), clock.sleep(disconnectTimeoutMs, done.signal)]);
    done.abort();
  };

  client.on('disconnected', () => {
    const lost = connected;
    connected = false;
    if (connecting || closing.signal.aborted || !lost) return;
    log.info('Slack closed the connection; connecting again');
    void reconnect();
  });

  return {
    receiver,
    connected: () => connected,
    url: () => undefined,
    async open() {
      try {
        await connect();
      } catch (thrown) {
        throw startFault('Opening the connection to Slack', 'app token', thrown);
      }
    },
    async close() {
      closing.abort();
      await disconnect();
    },
  };
}
