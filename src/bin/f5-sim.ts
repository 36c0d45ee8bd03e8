import { appendFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { OperationError } from '../domain/errors.ts';
import type { F5SimOptions } from '../sandbox/f5/options.ts';
import { type Seed, seedSchema } from '../sandbox/f5/seed.ts';
import { type F5Sim, startF5Sim } from '../sandbox/f5/start.ts';
import { untilSignal } from './until-signal.ts';

const HELP = `lb f5-sim                    a simulated BIG-IP on this machine: iControl REST and SOAP over HTTPS
  --pair                     two units, one active and one standby
  --port <n>                 port of the first unit, the second gets the next one; 0, the default, takes free ones
  --control-port <n>         port of the control API, which is always on 127.0.0.1
  --listen <address>         instead of 127.0.0.1; whoever reaches it may log in, so mind where it stands
  --pools <file.yml>         pools at the start
  --password <text>          of the users admin and lbops, instead of one made at random
  --drain-seconds <n>        half-life of connections nobody replaces (30); 0 keeps all numbers still
  --latency none|realistic   realistic is a guess: nothing was measured on a device
  --log <file>               writes every request as a line of JSON, without secrets
  --json                     one line on standard output when it is ready, for other programs
`;

/** `lb f5-sim`: runs until it is told to end. Returns the exit code. */
export async function f5Sim(args: readonly string[]): Promise<number> {
  const given = readArguments(args);
  if (given.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const over = untilSignal();
  const sim = await started(given.options);
  try {
    process.stdout.write(given.json ? `${readyLine(sim)}\n` : banner(sim));
    await over;
  } finally {
    await sim.close();
  }
  return 0;
}

interface Given {
  readonly help: boolean;
  readonly json: boolean;
  readonly options: F5SimOptions;
}

function readArguments(args: readonly string[]): Given {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        pair: flag,
        json: flag,
        help: flag,
        port: text,
        'control-port': text,
        listen: text,
        pools: text,
        password: text,
        'drain-seconds': text,
        latency: text,
        log: text,
      },
    });
    const { log, latency = 'none' } = values;
    if (latency !== 'none' && latency !== 'realistic') {
      throw new Error(`--latency is none or realistic, not ${latency}.`);
    }
    return {
      help: values.help,
      json: values.json,
      options: {
        pair: values.pair,
        latency,
        port: count('--port', values.port, 65_534) ?? 0,
        controlPort: count('--control-port', values['control-port'], 65_535) ?? 0,
        drainSeconds: count('--drain-seconds', values['drain-seconds'], 86_400) ?? 30,
        ...(values.listen === undefined ? {} : { listen: values.listen }),
        ...(values.password === undefined ? {} : { password: values.password }),
        ...(values.pools === undefined ? {} : { seed: readPools(values.pools) }),
        ...(log === undefined
          ? {}
          : { onRequest: (entry) => appendFileSync(log, `${JSON.stringify(entry)}\n`) }),
      },
    };
  } catch (thrown) {
    if (thrown instanceof OperationError) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new OperationError('USAGE', `${reason}\n${HELP.trimEnd()}`);
  }
}

function count(name: string, given: string | undefined, max: number): number | undefined {
  if (given === undefined) return undefined;
  if (/^\d{1,6}$/.test(given) && Number(given) <= max) return Number(given);
  throw new Error(`${name} is a whole number up to ${max}, not ${given}.`);
}

function readPools(path: string): Seed {
  const wrong = (reason: string) => new OperationError('USAGE', `Reading ${path}: ${reason}`);
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    if (thrown instanceof YAMLParseError) throw wrong(thrown.message);
    throw wrong(thrown instanceof Error ? thrown.message : String(thrown));
  }
  const { success, error } = seedSchema.safeParse(value);
  if (!success) throw wrong(`\n${z.prettifyError(error)}`);
  return value as Seed;
}

async function started(options: F5SimOptions): Promise<F5Sim> {
  try {
    return await startF5Sim(options);
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === undefined) throw thrown;
    throw new OperationError('UNREACHABLE', `Starting the simulated BIG-IP: ${message}`);
  }
}

/** One line for programs; its fields stand in the readme of the simulator. */
const readyLine = (sim: F5Sim): string =>
  JSON.stringify({
    units: sim.units.map(({ url, role, name, hostname }) => ({ url, role, name, hostname })),
    control: sim.controlUrl,
    username: sim.username,
    password: sim.password,
    certificate: sim.certificate,
    fingerprint256: sim.fingerprint256,
    simulated: true,
  });

function banner(sim: F5Sim): string {
  const units = sim.units.map(({ url, role, hostname }) => `  ${url}  ${role}  ${hostname}`);
  return `BIG-IP (SIMULATED): not F5 software, and no device behind it.

${units.join('\n')}

  users:        ${sim.username} (administrator), lbops (operator); password ${sim.password}
  fingerprint:  ${sim.fingerprint256}
  control:      ${sim.controlUrl}   (GET /state, GET /log, PUT /faults …)

  curl -sku ${sim.username}:${sim.password} ${sim.units[0]?.url}/mgmt/tm/ltm/pool/~Common~test.tianya.cn/members
  Ctrl-C ends it.
`;
}
