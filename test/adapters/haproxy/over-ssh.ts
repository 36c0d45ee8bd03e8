import { join } from 'node:path';
import { sshHosts } from '../../../src/transports/ssh-hosts.ts';
import { type SshdOptions, startSshd } from '../../stage/sshd.ts';
import type { Way } from './real-haproxy.ts';

/** Every socket of the suite by one login to a real sshd. */
export function overSsh(via: 'forward' | 'socat', options: Omit<SshdOptions, 'directory'> = {}) {
  return async (directory: string): Promise<Way> => {
    const sshd = await startSshd({ directory: join(directory, 'sshd'), ...options });
    const ssh = sshHosts();
    // A busy machine must not make the first exchange late.
    await ssh.take(sshd.host).connection.session();
    return {
      to: async (socket) => ({ socket, ssh: sshd.host, via }),
      ssh,
      deadlineMs: 1_000,
      close: sshd.stop,
    };
  };
}
