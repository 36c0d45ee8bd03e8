/** `npm run bench`: measures on this machine, against the floors measured in the same run. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { acknowledgement } from './acknowledgement.ts';
import { announce } from './announce.ts';
import { type BenchBackend, type BenchBalancer, startBalancer } from './balancers.ts';
import { directors } from './directors.ts';
import { f5 } from './f5.ts';
import { names } from './inventory.ts';
import { lanes } from './lanes.ts';
import { LARGE_BACKEND, largeStatus } from './large-status.ts';
import { lvsReading } from './lvs-reading.ts';
import { type Extent, type Options, type Part, readOptions, USAGE } from './options.ts';
import { PAIR_BACKEND, PAIR_MEMBERS } from './pair.ts';
import { COURSES, pairChanges } from './pair-changes.ts';
import { processes } from './processes.ts';
import { report, type Section, summary } from './report.ts';
import { watching } from './watching.ts';

const LANES = 100;
const LANE_MEMBERS = 20;

interface Devices {
  readonly pairs: readonly (readonly BenchBalancer[])[];
  readonly lanes: BenchBalancer;
  readonly large: BenchBalancer;
}

/** One port on every loopback address, where HAProxy's health checks find all members well. */
async function startMembers(): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((client) => {
    client.on('error', () => undefined);
    client.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function startDevices(
  directory: string,
  membersPort: number,
  extent: Extent,
): Promise<Devices> {
  const balancer = (name: string, sockets: number, backends: readonly BenchBackend[]) =>
    startBalancer({ directory, name, sockets, backends, membersPort });
  const pair = { name: PAIR_BACKEND, servers: PAIR_MEMBERS, net: 1, checked: true };
  return {
    pairs: await Promise.all(
      COURSES.map((_course, index) =>
        Promise.all(['a', 'b'].map((node) => balancer(`ha${index}${node}`, 1, [pair]))),
      ),
    ),
    lanes: await balancer(
      'many',
      LANES,
      names('pool', LANES).map((name, index) => ({
        name,
        servers: names('m', LANE_MEMBERS),
        net: index + 2,
        checked: true,
      })),
    ),
    large: await balancer('large', 1, [
      { name: LARGE_BACKEND, servers: names('m', extent.status.members), net: 1, checked: false },
    ]),
  };
}

function partsOf(directory: string, devices: Devices, membersPort: number, { extent }: Options) {
  const parts: Record<Part, () => Promise<readonly Section[]>> = {
    changes: () => pairChanges({ directory, pairs: devices.pairs, ...extent.pair }),
    acknowledgement: async () => [
      await acknowledgement({ directory, balancer: devices.lanes, ...extent.ack }),
    ],
    lanes: async () => [
      await lanes({ directory, balancer: devices.lanes, members: LANE_MEMBERS, ...extent.lanes }),
    ],
    status: async () => [
      await largeStatus({ directory, balancer: devices.large, ...extent.status }),
    ],
    directors: async () => [await directors({ directory, ...extent.directors })],
    f5: async () => [await f5({ directory, membersPort, ...extent.f5 })],
    reading: async () => [await lvsReading(extent.reading)],
    watch: async () => [await watching({ directory, balancer: devices.lanes, ...extent.watch })],
    announce: () =>
      announce({ directory, balancer: devices.lanes, membersPort, ...extent.announce }),
    processes: async () => [await processes({ directory, ...extent.processes })],
  };
  return parts;
}

function machine(): string {
  const [cpu] = cpus();
  const memory = (totalmem() / 1e9).toFixed(0);
  return `${cpus().length} x ${cpu?.model.trim() ?? 'unknown processor'}, ${memory} GB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

async function measure(options: Options): Promise<readonly Section[]> {
  const tell = (text: string) => process.stderr.write(`${text}\n`);
  // Paths of unix sockets are short.
  const directory = mkdtempSync(join(tmpdir(), 'lbb-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const members = await startMembers();
  const sections: Section[] = [];
  let devices: Devices | undefined;
  try {
    devices = await startDevices(directory, members.port, options.extent);
    const parts = partsOf(directory, devices, members.port, options);
    for (const part of options.parts) {
      const begun = performance.now();
      tell(`Measuring ${part} ...`);
      try {
        sections.push(...(await parts[part]()));
      } catch (thrown) {
        // The other parts are worth their figures all the same; the gap is named in the report.
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        tell(`${part} could not be measured: ${thrown instanceof Error ? thrown.stack : reason}`);
        sections.push({ title: `${part}: could not be measured: ${reason}`, rows: [] });
      }
      tell(`  ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
    }
  } finally {
    const balancers =
      devices === undefined ? [] : [...devices.pairs.flat(), devices.lanes, devices.large];
    await Promise.all(balancers.map((balancer) => balancer.stop()));
    members.close();
  }
  return sections;
}

/** A benchmark is no test: what misses its target is said, and the exit code stays 0. */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === undefined) {
    process.stderr.write(`Usage: ${USAGE}\n`);
    return 2;
  }
  // The product looks for its version above its own folder, which here is not the project's.
  copyFileSync(
    resolve(import.meta.dirname, '../../package.json'),
    resolve(import.meta.dirname, '../package.json'),
  );
  const begun = performance.now();
  const sections = await measure(options);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  const heading = `lb-chatops benchmark (${options.quick ? 'quick' : 'full'}), ${machine()}`;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ machine: machine(), quick: options.quick, seconds, sections })}\n`
      : `${heading}\n\n${report(sections)}\n\n${summary(sections)} Measured in ${seconds} s.\n`,
  );
  return 0;
}

// An exit takes the processes that were started with it; the end by a signal alone would not.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
process.exitCode = await main(process.argv.slice(2));
