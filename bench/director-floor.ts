import { readFileSync } from 'node:fs';
import { Client } from 'ssh2';
import { shellWords } from '../src/adapters/lvs/script.ts';
import type { LabDirector } from './director-lab.ts';

/** One connection that stands, and commands on it one after another: nothing is parsed, nothing is kept ready. */
export interface BareDirector {
  /** Time of one line given to the program on the director, in ms. */
  lineMs(line: string): Promise<number>;
  close(): void;
}

export async function bareDirector({ port, keyFile }: LabDirector): Promise<BareDirector> {
  const client = new Client();
  const ready = new Promise<void>((done, failed) => {
    client.once('ready', done);
    client.once('error', failed);
  });
  client.connect({
    host: '127.0.0.1',
    port,
    username: 'root',
    privateKey: readFileSync(keyFile),
    readyTimeout: 30_000,
  });
  await ready;
  client.setNoDelay(true);
  return {
    async lineMs(line) {
      const begun = performance.now();
      await new Promise<void>((done, failed) => {
        client.exec(shellWords(''), (fault, stream) => {
          if (fault !== undefined) {
            failed(fault);
            return;
          }
          let reply = '';
          stream.on('data', (part: Buffer) => {
            reply += part.toString('utf8');
          });
          stream.once('close', () => {
            if (reply.endsWith('== done\n')) done();
            else failed(new Error(`The bare command failed: ${reply.slice(0, 200)}`));
          });
          stream.end(`${line}\n`);
        });
      });
      return performance.now() - begun;
    },
    close: () => client.end(),
  };
}
