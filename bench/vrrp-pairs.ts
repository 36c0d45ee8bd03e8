import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { NOTIFY_SCRIPT } from '../src/keepalived/notify/script.ts';
import { findProgram } from '../src/sandbox/child.ts';
import { selfSigned } from '../src/sandbox/f5/certificate.ts';
import { type StageSshd, startSshd } from '../test/stage/sshd.ts';
import { epochMs, until } from './time.ts';

const exec = promisify(execFile);
const SCRIPT = resolve(import.meta.dirname, '../../bench/vrrp-site.sh');
const PROGRAMS = ['keepalived', 'sshd', 'socat', 'curl', 'ip', 'nsenter'];
const UP_MS_MAX = 30_000;
/** Of every pair: each has a network of its own. */
export const VIP = '192.168.1.1';
const CLIENT = '192.168.1.200';

/** What keepalived on a node wrote, when it did. */
interface Said {
  readonly at: number;
  readonly state: string;
}

/** A node with a real keepalived, the printed notify script, and an sshd that leads into it. */
export interface VrrpNode {
  readonly name: string;
  readonly sshd: StageSshd;
  readonly token: string;
  /** What its keepalived wrote to a FIFO of our own, oldest first. */
  readonly said: readonly Said[];
  /** Stops keepalived and starts it again: the other node takes over, and this one stands by. */
  restart(): Promise<void>;
}

export interface VrrpPair {
  readonly name: string;
  readonly nodes: readonly [VrrpNode, VrrpNode];
  master(): VrrpNode | undefined;
  /** When, after this, the pair's client first received the packet that moves the VIP; ms since the epoch. */
  movedAt(since: number): number | undefined;
}

export interface VrrpPairs {
  readonly pairs: readonly VrrpPair[];
  /** Paths for the listener. */
  readonly certificate: { readonly cert: string; readonly key: string };
  /** Where the directors' posts come out, on this machine's loopback. */
  leadTo(port: number): void;
  stop(): Promise<void>;
}

const NOTIFIED = /^INSTANCE "VI_1" ([A-Z_]+) \d+$/;

/** Starts pairs of keepalived in namespaces; with `tell`, they run the printed notify script. Needs the right to make them, as root has it. */
export async function startVrrpPairs(
  directory: string,
  { count, tell }: { readonly count: number; readonly tell: boolean },
): Promise<VrrpPairs> {
  if (process.getuid?.() !== 0) throw new Error('Only root can make the namespaces of the nodes.');
  for (const program of PROGRAMS) {
    if (findProgram(program) === undefined) throw new Error(`There is no ${program}.`);
  }
  mkdirSync(directory, { recursive: true });
  const at = (name: string) => join(directory, name);
  const { certificate, key } = selfSigned(CLIENT);
  const paths = { cert: at('ca.pem'), key: at('key.pem') };
  writeFileSync(paths.cert, certificate);
  writeFileSync(paths.key, key, { mode: 0o600 });
  if (tell) writeFileSync(at('lb-notify'), NOTIFY_SCRIPT);
  let port = 0;
  let posts = 0;
  const out = createServer((near) => {
    // Of a host each: how many connections one host may open is limited.
    posts = (posts + 1) % 200;
    const far = connect({ port, host: '127.0.0.1', localAddress: `127.0.1.${posts + 1}` });
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((done) => out.listen(at('out.sock'), () => done()));
  const children: ChildProcess[] = [];
  const sshds: StageSshd[] = [];
  const stop = async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(sshds.map((sshd) => sshd.stop()));
    await new Promise((done) => out.close(done));
  };
  const run = (program: string, args: readonly string[]) => {
    const words = ['--pdeathsig', 'KILL', '--', program, ...args];
    const child = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    return child;
  };
  const names = Array.from({ length: count }, (_, index) => [`a${index + 1}`, `b${index + 1}`]);
  try {
    const heard = new Map(names.flat().map((name) => [name, prepare(at, name, run)]));
    const inside = ['--mount', '--net', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'];
    const site = run('unshare', [...inside, 'sh', SCRIPT, 'site', directory, String(count)]);
    await until('the namespaces', UP_MS_MAX, () => existsSync(at('ready')) || undefined);
    const sitePid = childOf(site.pid ?? 0);

    const nodeOf = async (name: string): Promise<VrrpNode> => {
      const pid = await until(`node ${name}`, UP_MS_MAX, () => textOf(at(`${name}.pid`)));
      const enter = `nsenter -t ${sitePid} -m -n -p nsenter -t ${pid} -m -n -p`;
      writeFileSync(
        at(`${name}.enter`),
        `#!/bin/sh\nexec ${enter} sh -c "$SSH_ORIGINAL_COMMAND"\n`,
        {
          mode: 0o755,
        },
      );
      const config = [`ForceCommand ${at(`${name}.enter`)}`];
      const sshd = await startSshd({ directory: at(`ssh-${name}`), config });
      sshds.push(sshd);
      const [program = '', ...words] = enter.split(' ');
      return {
        name,
        sshd,
        token: tokenOf(name),
        said: heard.get(name) ?? [],
        async restart() {
          const line = `pid=$(cat /run/keepalived.pid); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done
            setsid keepalived --use-file /run/keepalived.conf --log-console --dont-fork </dev/null >>/mnt/${name}.keepalived 2>&1 &`;
          await exec(program, [...words, 'sh', '-c', line]);
        },
      };
    };
    const pairOf = async (
      [a = '', b = '']: readonly string[],
      index: number,
    ): Promise<VrrpPair> => {
      const nodes = [await nodeOf(a), await nodeOf(b)] as const;
      return {
        name: `edge-${index + 1}`,
        nodes,
        master: () => {
          const [only, ...more] = nodes.filter(({ said }) => said.at(-1)?.state === 'MASTER');
          return more.length === 0 ? only : undefined;
        },
        movedAt: (since) =>
          packets(readFileSync(at(`c${index + 1}.neighbours`), 'utf8')).find(
            (packetAt) => packetAt > since,
          ),
      };
    };
    // One after the other: a hundred sshds that start at once are slow to.
    const pairs: VrrpPair[] = [];
    for (const [index, both] of names.entries()) pairs.push(await pairOf(both, index));
    await until('a MASTER of each pair', UP_MS_MAX, () =>
      pairs.every((pair) => pair.master() !== undefined) ? true : undefined,
    );
    return {
      pairs,
      certificate: paths,
      leadTo(to) {
        port = to;
      },
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

const tokenOf = (name: string) => `bench-token-of-${name}-0123456789`;

/** The settings of a node, and a reader of its second FIFO, which stamps what keepalived writes. */
function prepare(
  at: (name: string) => string,
  name: string,
  run: (program: string, args: readonly string[]) => ChildProcess,
): readonly Said[] {
  writeFileSync(at(`${name}.url`), `https://${CLIENT}:8443/notify\n`);
  writeFileSync(at(`${name}.header`), `Authorization: Bearer ${tokenOf(name)}\n`, { mode: 0o600 });
  execFileSync('mkfifo', ['-m', '600', at(`${name}.fifo`)]);
  const said: Said[] = [];
  let rest = '';
  // Opened for writing too, or the end of one keepalived would be the end of it.
  const reader = run('sh', ['-c', `exec cat <>${at(`${name}.fifo`)}`]);
  reader.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const state = NOTIFIED.exec(line)?.[1];
      if (state !== undefined) said.push({ at: epochMs(), state });
    }
  });
  return said;
}

/** Stamped in local time, to the microsecond. */
function packets(text: string): readonly number[] {
  const all = text.matchAll(/^\[(\S+)\.(\d{3})(\d{3})\] 192\.168\.1\.1 .*lladdr/gm);
  return [...all].map(([, second, ms, us]) => Date.parse(`${second}.${ms}`) + Number(us) / 1_000);
}

const textOf = (file: string) =>
  existsSync(file) ? readFileSync(file, 'utf8').trim() || undefined : undefined;

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}
