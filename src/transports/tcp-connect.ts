import { connect } from 'node:net';
import { wordsOf } from './system-error.ts';

/**
 * Opens a TCP connection and closes it at once; sends no byte. Resolves with the time it took, in ms,
 * or with why it did not come about. Never rejects.
 */
export function tryTcp(
  address: string,
  port: number,
  limitMs: number,
): Promise<{ readonly ms: number } | { readonly reason: string }> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return Promise.resolve({ reason: `${port} is not a port` });
  }
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const socket = connect({ host: address, port });
    const tooLate = () => end({ reason: `no answer within ${limitMs / 1000} s` });
    // A process that was busy meanwhile may have the answer already, and looks for it first.
    const timer = setTimeout(() => setImmediate(tooLate), limitMs);
    const end = (result: { ms: number } | { reason: string }) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end({ ms: performance.now() - startedMs }));
    socket.on('error', (error) => end({ reason: wordsOf(error).words }));
  });
}
