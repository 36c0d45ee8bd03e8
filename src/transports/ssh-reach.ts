import type { SshHost } from '../domain/inventory.ts';
import { createSlots } from './slots.ts';
import type { SshHosts } from './ssh-hosts.ts';
import type { SshSession } from './ssh-login.ts';
import { printable } from './ssh-words.ts';

/** Connections that are tried from one host at a time. */
const AT_ONCE = 64;
/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED of RFC 4254. */
const PROHIBITED = 1;

export type Reached =
  | { readonly ms: number }
  /** `blind`: it could not be tried, so nothing is known of that place. */
  | { readonly reason: string; readonly blind?: true };

/** Tries TCP connections from another host. */
export interface SshReach {
  /** Opens a connection there and closes it at once; sends no byte. Never rejects. */
  reach(address: string, port: number): Promise<Reached>;
  close(): void;
}

/**
 * Has the ssh server of `host` open the connection, as for a forwarded port: no program and no shell there, and no login
 * beside the one that stands.
 */
export function sshReach(host: SshHost, hosts: SshHosts, limitMs: number): SshReach {
  const { connection, giveBack } = hosts.take(host);
  const places = createSlots(AT_ONCE);
  return {
    async reach(address, port) {
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        return { reason: `${port} is not a port` };
      }
      const place = await places.take(AbortSignal.timeout(10 * limitMs));
      if (place === undefined) return { reason: 'too many checks were under way', blind: true };
      try {
        const session = await connection.session();
        return await tryFrom(session, address, port, limitMs);
      } catch (thrown) {
        return { reason: thrown instanceof Error ? thrown.message : String(thrown), blind: true };
      } finally {
        place();
      }
    },
    close: giveBack,
  };
}

function tryFrom(
  session: SshSession,
  address: string,
  port: number,
  limitMs: number,
): Promise<Reached> {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const timer = setTimeout(
      () => end({ reason: `no answer within ${limitMs / 1000} s` }),
      limitMs,
    );
    const onLost = () => end({ reason: 'the ssh connection was lost', blind: true });
    const end = (result: Reached) => {
      clearTimeout(timer);
      session.lost.removeEventListener('abort', onLost);
      resolve(result);
    };
    if (session.lost.aborted) return onLost();
    session.lost.addEventListener('abort', onLost, { once: true });
    session.client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
      if (error !== undefined) return end(refusalOf(error));
      channel.on('error', () => {});
      // Also when it comes too late.
      if (!session.lost.aborted) channel.destroy();
      end({ ms: performance.now() - startedMs });
    });
  });
}

function refusalOf(error: Error & { reason?: unknown }): Reached {
  if (error.reason === PROHIBITED) {
    const reason =
      'the ssh server opens no connection for us (AllowTcpForwarding, PermitOpen, or the key forbids it); allow it there, or say check_from: worker';
    return { reason, blind: true };
  }
  return { reason: printable(error.message.replace(/^\(SSH\) Channel open failure: /, '')) };
}
