import { endpointText, type TcpEndpoint } from '../domain/endpoint.ts';
import { openNet } from './net-stream.ts';
import type { RuntimeSocket } from './runtime-socket.ts';
import { EXCHANGE_LIMITS, type ExchangeLimits, streamSocket } from './stream-socket.ts';

export interface TcpLimits extends ExchangeLimits {
  /** Until the connection stands; later the host counts as unreachable. */
  readonly connectMsMax: number;
}

export const TCP_LIMITS: TcpLimits = { ...EXCHANGE_LIMITS, connectMsMax: 3_000 };

/** Exchanges over TCP, in clear and without a password: see the readme of the adapter. */
export function tcpSocket(endpoint: TcpEndpoint, limits: TcpLimits = TCP_LIMITS): RuntimeSocket {
  const { host, port } = endpoint;
  const name = endpointText(endpoint);
  return streamSocket(async (signal) => {
    const stream = await openNet({ host, port }, name, signal, limits.connectMsMax);
    return { stream, isGone: () => stream.destroyed, close: () => stream.destroy() };
  }, limits);
}
