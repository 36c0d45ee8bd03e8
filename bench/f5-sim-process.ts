import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type Agent, request as httpsRequest } from 'node:https';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const EXECUTABLE = resolve(import.meta.dirname, '../src/bin/lb.js');

export const F5_PASSWORD = 'pass-word-of-the-benchmark-5c1d';
export const F5_POOL = 'bench_pool';
export const F5_MEMBERS = [1, 2, 3, 4, 5].map((last) => `127.0.9.${last}`);

/** A simulated BIG-IP in a process of its own. */
export interface SimProcess {
  readonly units: readonly { readonly url: string; readonly name: string }[];
  readonly fingerprint: string;
  /** `METHOD /path` of what was asked since it was last emptied. */
  asked(): Promise<readonly string[]>;
  forgetAsked(): Promise<void>;
  stop(): Promise<void>;
}

interface Ready {
  readonly units: readonly { readonly url: string; readonly name: string }[];
  readonly control: string;
  readonly fingerprint256: string;
}

/** Starts `lb f5-sim` with one pool of five members on loopback addresses, where `membersPort` answers. */
export async function startSim(
  directory: string,
  membersPort: number,
  pair: boolean,
): Promise<SimProcess> {
  const file = `${directory}/f5-${pair ? 'pair' : 'unit'}.yml`;
  const members = F5_MEMBERS.map((address) => `"${address}:${membersPort}"`).join(', ');
  writeFileSync(
    file,
    `pools: [{ pool: /Common/${F5_POOL}, monitor: /Common/http, connections: 0, members: [${members}] }]\n`,
  );
  const args = ['f5-sim', '--json', '--pools', file, '--password', F5_PASSWORD];
  const child = spawn(
    process.execPath,
    [EXECUTABLE, ...args, '--drain-seconds', '0', ...(pair ? ['--pair'] : [])],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const atExit = () => child.kill('SIGKILL');
  process.once('exit', atExit);
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const line = await new Promise<string>((found, failed) => {
    createInterface(child.stdout).once('line', found);
    child.once('exit', (code) => failed(new Error(`lb f5-sim ended with ${String(code)}.`)));
  });
  const ready = JSON.parse(line) as Ready;
  return {
    units: ready.units,
    fingerprint: ready.fingerprint256,
    async asked() {
      const text = await (await fetch(`${ready.control}/log`)).text();
      return text
        .split('\n')
        .filter((entry) => entry !== '')
        .map((entry) => JSON.parse(entry) as { method: string; url: string })
        .map(({ method, url }) => `${method} ${url}`);
    },
    async forgetAsked() {
      await fetch(`${ready.control}/log`, { method: 'DELETE' });
    },
    async stop() {
      process.off('exit', atExit);
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** One bare request on a kept connection; its answer is read to the end and not looked at. */
export function bareRequest(
  agent: Agent,
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): Promise<string> {
  return new Promise((done, failed) => {
    const asked = httpsRequest(
      url,
      { method, agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (reply) => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (part: string) => {
          text += part;
        });
        reply.once('end', () => done(text));
        reply.once('error', failed);
      },
    );
    asked.once('error', failed);
    asked.end(body);
  });
}
