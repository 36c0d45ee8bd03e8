import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { F5_MEMBERS, F5_PASSWORD, F5_POOL, type SimProcess } from './f5-sim-process.ts';
import { median } from './statistics.ts';

/** Of the Debian package `ansible`. */
const PYTHON = '/usr/bin/python3';
const PLAYBOOK = '/usr/bin/ansible-playbook';
const MODULE = 'f5networks.f5_modules.bigip_pool_member';
const NAME = 'ansible_collections.f5networks.f5_modules.plugins.modules.bigip_pool_member';
const FILE = `/usr/lib/python3/dist-packages/${NAME.replaceAll('.', '/')}.py`;

interface AnsibleOptions {
  readonly directory: string;
  readonly membersPort: number;
  readonly commands: number;
}

interface AnsibleFigures {
  readonly ms: number;
  readonly count: number;
  readonly requests: number;
}

/** Runs Ansible's own module by Python, disable and enable in turn; undefined where it is not installed. */
export function ansibleModule(
  sim: SimProcess,
  options: AnsibleOptions,
): Promise<AnsibleFigures | undefined> {
  return measured(sim, options, async (parameters) => {
    const file = `${options.directory}/ansible.json`;
    writeFileSync(file, JSON.stringify({ ANSIBLE_MODULE_ARGS: parameters }));
    return outputOf(PYTHON, ['-m', NAME, file]);
  });
}

/** The same as people run it: a playbook of this one task, which prints its result as JSON. */
export function ansiblePlaybook(
  sim: SimProcess,
  options: AnsibleOptions,
): Promise<AnsibleFigures | undefined> {
  if (!existsSync(PLAYBOOK)) return Promise.resolve(undefined);
  return measured(sim, options, async (parameters) => {
    const file = `${options.directory}/ansible.yml`;
    const play = {
      hosts: 'localhost',
      connection: 'local',
      gather_facts: false,
      vars: { ansible_python_interpreter: PYTHON },
      tasks: [{ [MODULE]: parameters }],
    };
    writeFileSync(file, JSON.stringify([play]));
    return outputOf(PLAYBOOK, ['-i', 'localhost,', file], { ANSIBLE_STDOUT_CALLBACK: 'json' });
  });
}

async function measured(
  sim: SimProcess,
  options: AnsibleOptions,
  run: (parameters: object) => Promise<string>,
): Promise<AnsibleFigures | undefined> {
  if (!existsSync(PYTHON) || !existsSync(FILE)) return undefined;
  const samples: number[] = [];
  let requests = 0;
  for (let index = 0; index < options.commands + 1; index += 1) {
    const { port } = new URL(sim.units[0]?.url ?? '');
    const module = {
      provider: {
        server: '127.0.0.1',
        server_port: Number(port),
        user: 'lbops',
        password: F5_PASSWORD,
        validate_certs: false,
        no_f5_teem: true,
      },
      pool: F5_POOL,
      host: F5_MEMBERS[2],
      port: options.membersPort,
      state: index % 2 === 0 ? 'disabled' : 'enabled',
    };
    await sim.forgetAsked();
    const begun = performance.now();
    const output = await run(module);
    const ms = performance.now() - begun;
    if (!/"changed": true/.test(output)) {
      throw new Error(`The module changed nothing: ${output}`);
    }
    requests = (await sim.asked()).length;
    // The first run compiles what Python keeps.
    if (index > 0) samples.push(ms);
  }
  return { ms: median(samples), count: samples.length, requests };
}

function outputOf(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (part: Buffer) => {
      output += part.toString('utf8');
    });
    child.stderr.on('data', (part: Buffer) => {
      errors += part.toString('utf8');
    });
    child.once('error', failed);
    child.once('close', (code) =>
      code === 0
        ? done(output)
        : failed(new Error(`${program} ended with ${code}: ${output}${errors}`)),
    );
  });
}
