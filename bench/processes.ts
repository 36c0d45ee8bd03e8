import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inventoryYaml, type SiteInventory } from './inventory.ts';
import { bareNodeMs, type Environment, helpMs, type Serving, startLb } from './lb-process.ts';
import type { Row, Section } from './report.ts';
import { openSite, type Site } from './site.ts';
import { median } from './statistics.ts';
import { pause } from './time.ts';

export interface ProcessOptions {
  readonly directory: string;
  readonly starts: number;
  readonly helps: number;
  /** How long a process may rest before its memory is read. */
  readonly restMs: number;
}

const IDLE_MB = 160;
const HELP_MS = 150;
const THOUSAND_SERVICES_MB = 60;

const ROLES: readonly { readonly label: string; readonly args: readonly string[] }[] = [
  { label: '--role bot', args: ['--role', 'bot'] },
  { label: '--role worker', args: ['--role', 'worker'] },
  { label: '--role watch', args: ['--role', 'watch'] },
  { label: 'all roles', args: [] },
];

interface Started {
  readonly startMs: number;
  readonly memoryMb: number;
}

async function startAndRest(
  args: readonly string[],
  environment: Environment,
  restMs: number,
): Promise<Started> {
  let process: Serving | undefined;
  try {
    process = await startLb(args, environment);
    await pause(restMs);
    return { startMs: process.startMs, memoryMb: process.memoryMb() };
  } finally {
    await process?.stop();
  }
}

/** `count` services that nobody asks about; `perBalancer` of them share a balancer, and so a lane. */
function idleServices(count: number, perBalancer: number): SiteInventory {
  const balancers = Array.from({ length: Math.ceil(count / perBalancer) }, (_, index) => ({
    name: `lb-${index + 1}`,
    socket: `/run/nowhere/${index + 1}.sock`,
  }));
  return {
    balancers,
    services: Array.from({ length: count }, (_, index) => ({
      name: `service-${index + 1}.example`,
      on: balancers[Math.floor(index / perBalancer)]?.name ?? '',
      backend: `backend-${index + 1}`,
    })),
    cards: true,
  };
}

/** Nothing is asked, so no device is needed. */
async function openIdleSite({ directory }: ProcessOptions): Promise<Site> {
  return openSite({
    directory: join(directory, 'idle'),
    store: 'always',
    inventory: idleServices(1, 1),
    processes: [],
  });
}

async function rolesRows(options: ProcessOptions, site: Site): Promise<Row[]> {
  const bare: number[] = [];
  const started = new Map<string, Started[]>(ROLES.map(({ label }) => [label, []]));
  for (let turn = 0; turn < options.starts; turn += 1) {
    bare.push(await bareNodeMs());
    for (const { label, args } of ROLES) {
      started.get(label)?.push(await startAndRest(args, site.environment, options.restMs));
    }
  }
  const floor = median(bare);
  return ROLES.flatMap(({ label }): Row[] => {
    const all = started.get(label) ?? [];
    const note = `${all.length} starts`;
    return [
      {
        name: `lb serve ready, ${label}`,
        value: median(all.map(({ startMs }) => startMs)),
        unit: 'ms',
        floor,
        note,
      },
      {
        name: `memory at rest, ${label}`,
        value: median(all.map(({ memoryMb }) => memoryMb)),
        unit: 'MB',
        target: { kind: 'below', value: IDLE_MB },
        note,
      },
    ];
  });
}

async function helpRow({ helps }: ProcessOptions): Promise<Row> {
  const help: number[] = [];
  const bare: number[] = [];
  for (let turn = 0; turn < helps; turn += 1) {
    bare.push(await bareNodeMs());
    help.push(await helpMs());
  }
  return {
    name: 'lb --help',
    value: median(help),
    unit: 'ms',
    floor: median(bare),
    target: { kind: 'below', value: HELP_MS },
    note: `${helps} starts, floor: node -e 0`,
  };
}

async function idleRows(options: ProcessOptions, site: Site): Promise<Row[]> {
  const shapes = [
    { count: 1, perBalancer: 1 },
    { count: 100, perBalancer: 100 },
    { count: 100, perBalancer: 1 },
    { count: 1_000, perBalancer: 100 },
    { count: 1_000, perBalancer: 1 },
  ].map((shape, index) => {
    const path = join(options.directory, `idle-${index}.yml`);
    writeFileSync(path, inventoryYaml(idleServices(shape.count, shape.perBalancer)));
    return { ...shape, path, started: [] as Started[] };
  });
  for (let turn = 0; turn < options.starts; turn += 1) {
    for (const { path, started } of shapes) {
      const environment = { ...site.environment, LB_INVENTORY: path };
      started.push(await startAndRest([], environment, options.restMs));
    }
  }
  const memory = (started: readonly Started[]) => median(started.map(({ memoryMb }) => memoryMb));
  const [one, ...more] = shapes;
  const base = memory(one?.started ?? []);
  return more.map(({ count, perBalancer, started }) => {
    const balancers = count / perBalancer;
    return {
      name: `${count} idle services on ${balancers} ${balancers === 1 ? 'balancer' : 'balancers'} add`,
      value: memory(started) - base,
      unit: 'MB',
      ...(count === 1_000
        ? { target: { kind: 'below', value: THOUSAND_SERVICES_MB } as const }
        : {}),
      note: `ready after ${median(started.map(({ startMs }) => startMs)).toFixed(0)} ms`,
    };
  });
}

/** Start-up and memory of each role, the help, and what services cost that nobody asks about. */
export async function processes(options: ProcessOptions): Promise<Section> {
  const site = await openIdleSite(options);
  try {
    const rows = [
      await helpRow(options),
      ...(await rolesRows(options, site)),
      ...(await idleRows(options, site)),
    ];
    return { title: 'Processes (floor of a start: node -e 0)', rows };
  } finally {
    await site.stop();
  }
}
