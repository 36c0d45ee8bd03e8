import { openNet } from './net-stream.ts';
import type { RuntimeSocket } from './runtime-socket.ts';
import {
  type DeviceStream,
  EXCHANGE_LIMITS,
  type ExchangeLimits,
  streamSocket,
} from './stream-socket.ts';

/** Exchanges over a unix socket of this machine. */
export function unixSocket(
  path: string,
  limits: ExchangeLimits = EXCHANGE_LIMITS,
  closing: Pick<DeviceStream, 'closesOurSide'> = {},
): RuntimeSocket {
  return streamSocket(async (signal) => {
    const stream = await openNet({ path }, path, signal);
    return {
      stream,
      ...closing,
      isGone: () => stream.destroyed,
      close: () => stream.destroy(),
    };
  }, limits);
}
