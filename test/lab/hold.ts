import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { startLab } from './lab.ts';
import { DIRECTOR_NAMES, NET, REAL_SERVERS, VIP } from './places.ts';

/*
 * A lab of its own for the program that starts this one: a line of JSON when it is up, and it ends with its standard
 * input, which ends with that program, however that dies.
 */

async function hold(): Promise<void> {
  process.stdin.resume();
  const over = new Promise((resolve) => {
    process.stdin.once('end', resolve);
    process.stdin.once('close', resolve);
    // A terminal tells its whole group; the one who started this one decides.
    for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
    process.once('SIGTERM', resolve);
  });
  const started = startLab();
  const first = await Promise.race([started, over.then(() => undefined)]);
  // Half started: it dies with this process.
  if (first === undefined) process.exit(1);
  const { lab, stop } = first;
  const { site, ports } = lab.state;
  const directors = DIRECTOR_NAMES.map((name) => {
    const { address } = lab.director(name);
    const { host, port, login, proof } = lab.director(name).ssh('helper');
    // The login that the lab itself keeps: another one costs the director half a second.
    const openLogin = join(site.directory, `${name}.ssh`);
    return { name, address, host, port, openLogin, ...login, ...proof };
  });
  const ready = {
    vip: `${VIP}:80`,
    url: `http://127.0.0.1:${ports.vip}/`,
    clients: join(site.directory, 'clients.sock'),
    directors,
    realServers: REAL_SERVERS.map((last) => {
      const address = `${NET}.${last}`;
      return { address, log: join(site.directory, `${address}.log`) };
    }),
  };
  writeSync(1, `${JSON.stringify(ready)}\n`);
  await over;
  await stop();
  process.exit(0);
}

await hold().catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exit(1);
});
