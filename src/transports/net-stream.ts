import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { WayFault } from './stream-socket.ts';
import { wordsOf } from './system-error.ts';

/**
 * An open connection, without the delay that small packets otherwise have. Rejects with WayFault: its
 * message begins with `name`. Gives up when the signal ends or, when there is a limit, after that time.
 */
export function openNet(
  to: NetConnectOpts,
  name: string,
  signal: AbortSignal,
  connectMsMax?: number,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...to, noDelay: true });
    const give = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const giveUp = (words: string) => {
      socket.destroy();
      give(() => reject(new WayFault('UNREACHABLE', `${name}: ${words}`)));
    };
    const onAbort = () => giveUp('stopped before it was connected');
    const timer =
      connectMsMax === undefined
        ? undefined
        : setTimeout(() => giveUp(`no answer within ${connectMsMax / 1000} s`), connectMsMax);
    socket.once('connect', () => give(() => resolve(socket)));
    socket.on('error', (error) => {
      const { code, words } = wordsOf(error);
      give(() => reject(new WayFault(code, `${name}: ${words}`, { cause: error })));
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
