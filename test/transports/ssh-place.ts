import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SshHost } from '../../src/domain/inventory.ts';
import type { ExchangeOptions, RuntimeSocket } from '../../src/transports/runtime-socket.ts';
import { type SshHosts, sshHosts } from '../../src/transports/ssh-hosts.ts';
import { SSH_LIMITS, type SshLimits } from '../../src/transports/ssh-login.ts';
import { type SshSocketPlace, sshSocket } from '../../src/transports/ssh-socket.ts';
import { EXCHANGE_LIMITS } from '../../src/transports/stream-socket.ts';
import { type FakeHaproxy, startFakeHaproxy } from '../fakes/haproxy.ts';
import { type SshdOptions, type StageSshd, startSshd } from '../stage/sshd.ts';

/** A host with a HAProxy that is reached by ssh. */
export interface SshPlace {
  readonly sshd: StageSshd;
  readonly device: FakeHaproxy;
  readonly directory: string;
  readonly hosts: SshHosts;
  /** To the device as it is meant, or with something changed. */
  socket(change?: Partial<SshSocketPlace>, exchangeMsMax?: number): RuntimeSocket;
  /** Its host, with something changed. */
  host(change: Partial<SshHost>): { readonly host: SshHost };
}

/** Is gone when the test ends. */
export async function sshPlace(
  options:
    | Omit<SshdOptions, 'directory'>
    | ((device: string) => Omit<SshdOptions, 'directory'>) = {},
  limits: Partial<SshLimits> = {},
): Promise<SshPlace> {
  const directory = mkdtempSync(join(tmpdir(), 'lb-ssh-'));
  const device = await startFakeHaproxy(join(directory, 's'));
  const sshd = await startSshd({
    directory: join(directory, 'sshd'),
    ...(typeof options === 'function' ? options(device.socket) : options),
  });
  const hosts = sshHosts({ ...SSH_LIMITS, ...limits });
  const sockets: RuntimeSocket[] = [];
  onTestFinished(async () => {
    await Promise.all(sockets.map((socket) => socket.close()));
    await sshd.stop();
    await device.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    sshd,
    device,
    directory,
    hosts,
    socket(change = {}, exchangeMsMax = EXCHANGE_LIMITS.exchangeMsMax) {
      const place = { host: sshd.host, path: device.socket, ...change };
      const socket = sshSocket(place, hosts, { ...EXCHANGE_LIMITS, exchangeMsMax });
      sockets.push(socket);
      return socket;
    },
    host: (change) => ({ host: { ...sshd.host, ...change } }),
  };
}

export const reading: ExchangeOptions = {
  doing: 'Reading',
  signal: new AbortController().signal,
  isWhole: (reply) => reply === '\n' || reply.endsWith('\n\n'),
};

export const openGate = () => Promise.resolve({ validUntilMs: performance.now() + 100 });

export const writing = { ...reading, doing: 'Writing', gate: openGate };
