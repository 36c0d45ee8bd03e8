import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { F5Sim } from '../../../src/sandbox/f5/start.ts';
import { PYTHON, type Running, run } from './child-process.ts';

const MODULES = 'f5networks.f5_modules';

let folder: string | undefined;
const runs: Running[] = [];

/** Ends what still runs, and takes its files away. */
export function endPlays(): void {
  for (const each of runs.splice(0)) each.kill();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

export type Task = readonly [module: string, parameters: Readonly<Record<string, unknown>>];

export interface Result {
  readonly changed?: boolean;
  readonly failed?: boolean;
  readonly msg?: string;
  readonly [key: string]: unknown;
}

/** Starts `ansible-playbook` with these tasks against a port; Ansible reads JSON as the YAML it is. */
export function play(
  name: string,
  sim: F5Sim,
  port: number,
  tasks: readonly Task[],
  user = sim.username,
): Running {
  const provider = {
    server: '127.0.0.1',
    server_port: port,
    user,
    password: sim.password,
    validate_certs: false,
    no_f5_teem: true,
  };
  const book = [
    {
      hosts: 'localhost',
      connection: 'local',
      gather_facts: false,
      vars: { ansible_python_interpreter: PYTHON },
      tasks: tasks.map(([module, parameters]) => ({
        [`${MODULES}.${module}`]: { provider, ...parameters },
        ignore_errors: true,
      })),
    },
  ];
  folder ??= mkdtempSync(join(tmpdir(), 'lb-ansible-'));
  const file = join(folder, `${name}.yml`);
  writeFileSync(file, JSON.stringify(book));
  const started = run('/usr/bin/ansible-playbook', ['-i', 'localhost,', file], {
    ANSIBLE_STDOUT_CALLBACK: 'json',
    ANSIBLE_HOME: join(folder, name),
    ANSIBLE_LOCAL_TEMP: join(folder, name),
    ANSIBLE_REMOTE_TEMP: join(folder, name),
  });
  runs.push(started);
  return started;
}

/** What each task gave. */
export async function results(started: Running): Promise<Result[]> {
  const { out, err } = await started.ended;
  const begin = out.indexOf('{');
  if (begin < 0) throw new Error(`ansible-playbook: ${out}${err}`);
  const { plays } = JSON.parse(out.slice(begin));
  return plays[0].tasks.map(({ hosts }: { hosts: { localhost: Result } }) => hosts.localhost);
}
