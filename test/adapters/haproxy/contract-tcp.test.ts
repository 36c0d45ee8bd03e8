import { startTcpRelay, type TcpRelay } from '../../fakes/tcp-relay.ts';
import { testAdapter } from '../contract.ts';
import { realHaproxy, type Way } from './real-haproxy.ts';

/** tcpmux, of 1988. */
const NOBODYS_PORT = 1;

/** HAProxy listens on TCP itself; its impostors are relayed, and where nobody is, nobody listens. */
async function overTcp(_directory: string, realTcp: ReadonlyMap<string, number>): Promise<Way> {
  const relays: TcpRelay[] = [];
  const portFor = async (path: string) => {
    const own = realTcp.get(path);
    if (own !== undefined) return own;
    // A free port may be somebody else's a moment later; nobody listens on this one.
    if (path.endsWith('absent')) return NOBODYS_PORT;
    const relay = await startTcpRelay(path);
    relays.push(relay);
    return relay.port;
  };
  return {
    to: async (path) => ({ socket: `tcp://127.0.0.1:${await portFor(path)}` }),
    deadlineMs: 500,
    close: async () => {
      await Promise.all(relays.map((relay) => relay.close()));
    },
  };
}

testAdapter('HAProxy over TCP', () => realHaproxy(overTcp));
