import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Lab } from '../../lab/lab.ts';
import { CLIENT, NET } from '../../lab/places.ts';
import { insideWords } from '../../lab/site.ts';
import { until } from '../../lab/until.ts';

/** Where directors of the lab reach a server of this machine. */
export const WAY_OUT = `${NET}.${CLIENT}`;

/**
 * A port on the lab's client whose connections come out here, at a port of this machine's loopback: the lab has no
 * other way out. Ends with `close`.
 */
export async function openWayOut(
  lab: Lab,
  port: number,
  target: () => number,
): Promise<{ readonly close: () => Promise<void> }> {
  const file = join(lab.state.site.directory, `out-${port}.sock`);
  const server = createServer((near) => {
    const far = connect(target(), '127.0.0.1');
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(file, () => resolve()));
  const words = [
    'socat',
    `TCP-LISTEN:${port},bind=${WAY_OUT},fork,reuseaddr`,
    `UNIX-CONNECT:${file}`,
  ];
  const [program = '', ...args] = insideWords(lab.state.site, words, 'client');
  const child = spawn(program, args, { stdio: 'ignore' });
  const isOpen = async () =>
    (await lab.on('client', ['bash', '-c', `exec 3<>/dev/tcp/${WAY_OUT}/${port}`])).code === 0;
  await until('the way out of the lab', 5_000, isOpen);
  return {
    async close() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      await lab.on('client', ['pkill', '-f', `TCP-LISTEN:${port},`]);
      child.kill('SIGKILL');
      await gone;
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
