import { ORIGIN, ok, type RestCall, type RestHandler, selfLink } from './rest-call.ts';

/*
 * What a unit says about itself and nobody changes here: clients read it for reports, or before they begin. The numbers
 * are of a machine that has nothing to do.
 */

type Entry = { readonly value: number } | { readonly description: string };
type Entries = { readonly [key: string]: Entry | { readonly nestedStats: object } };

const numbers = (values: Readonly<Record<string, number>>): Entries =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }]));

const texts = (values: Readonly<Record<string, string>>): Entries =>
  Object.fromEntries(Object.entries(values).map(([key, description]) => [key, { description }]));

/** Entries below an address of their own. */
const below = (path: string, entries: Entries): Entries => ({
  [`${ORIGIN}/mgmt/tm/${path}`]: { nestedStats: { entries } },
});

/**
 * An answer that is statistics by nature. It is there by its own address and with `/stats` behind it; then
 * every key ends so as well.
 */
export function statistics(call: RestCall, kind: string, entries: Entries) {
  const hasSuffix = call.path.endsWith('/stats');
  return ok({
    kind,
    selfLink: selfLink(call.unit, call.path),
    entries: hasSuffix ? suffixed(entries) : entries,
  });
}

function suffixed(entries: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(entries).map(([key, value]) => {
      if (!key.startsWith(ORIGIN)) return [key, value];
      const { nestedStats } = value as { nestedStats: { entries: Record<string, unknown> } };
      return [
        `${key}/stats`,
        { nestedStats: { ...nestedStats, entries: suffixed(nestedStats.entries) } },
      ];
    }),
  );
}

const SHARES = ['Idle', 'Iowait', 'Irq', 'Niced', 'Softirq', 'Stolen', 'System', 'User'];
const SPANS = ['fiveMinAvg', 'fiveSecAvg', 'oneMinAvg', 'usage'];

const cpu: RestHandler = (call) => {
  const shares = SPANS.flatMap((span) =>
    SHARES.map((share): [string, number] => [`${span}${share}`, share === 'Idle' ? 100 : 0]),
  );
  const ratios = SPANS.map((span): [string, number] => [`${span}Ratio`, 0]);
  const one = numbers({ cpuId: 0, ...Object.fromEntries([...shares, ...ratios]) });
  return statistics(
    call,
    'tm:sys:cpu:cpucollectionstats',
    below('sys/cpu/0', {
      ...below('sys/cpu/0/cpuInfo', below('sys/cpu/0/cpuInfo/0', one)),
      ...texts({ hostId: '0' }),
    }),
  );
};

const GIB = 2 ** 30;

const memory: RestHandler = (call) => {
  const of = (name: string, total: number) => ({
    [`${name}Free`]: total / 2,
    [`${name}Total`]: total,
    [`${name}Used`]: total / 2,
  });
  const host = {
    ...of('memory', 8 * GIB),
    ...of('otherMemory', 2 * GIB),
    ...of('swap', GIB),
    ...of('tmmMemory', 6 * GIB),
  };
  return statistics(call, 'tm:sys:memory:memorystats', {
    ...below(
      'sys/memory/memory-host',
      below('sys/memory/memory-host/0', { ...texts({ hostId: '0' }), ...numbers(host) }),
    ),
    ...below(
      'sys/memory/memory-tmm',
      below('sys/memory/memory-tmm/0.0', {
        ...texts({ tmmId: '0.0' }),
        ...numbers(of('memory', 6 * GIB)),
      }),
    ),
  });
};

const hardware: RestHandler = (call) =>
  statistics(call, 'tm:sys:hardware:hardwarestats', {
    ...below(
      'sys/hardware/hardware-version',
      below('sys/hardware/hardware-version/cpus', {
        ...texts({ name: 'cpus', type: 'base-board', model: 'Simulated' }),
        ...below(
          'sys/hardware/hardwareVersion/cpus/versions',
          below(
            'sys/hardware/hardwareVersion/cpus/versions/0',
            texts({ name: 'cpu cores', version: '1' }),
          ),
        ),
      }),
    ),
    ...below(
      'sys/hardware/platform',
      below(
        'sys/hardware/platform/0',
        texts({
          baseMac: '02:00:00:00:00:01',
          marketingName: 'BIG-IP Virtual Edition (SIMULATED)',
        }),
      ),
    ),
    ...below(
      'sys/hardware/system-info',
      below(
        'sys/hardware/system-info/0',
        texts({ bigipChassisSerialNum: 'simulated', platform: 'Z100', hostBoardSerialNum: ' ' }),
      ),
    ),
  });

const clock: RestHandler = (call) => {
  const fullDate = `${new Date(call.unit.world.clock.now()).toISOString().slice(0, 19)}Z`;
  return statistics(call, 'tm:sys:clock:clockstats', below('sys/clock/0', texts({ fullDate })));
};

const license: RestHandler = (call) =>
  statistics(
    call,
    'tm:sys:license:licensestats',
    below(
      'sys/license/0',
      texts({ licensedVersion: call.unit.world.version, registrationKey: 'SIMULATED' }),
    ),
  );

const performance: RestHandler = (call) => {
  const names = ['Utilization', 'Active%20Connections', 'Other%20Memory%20Used'];
  const averages = texts({ Average: '0', Current: '0', 'Max(since%20start)': '0' });
  const entries = names.map((name) => below(`sys/performance/all-stats/${name}`, averages));
  return statistics(
    call,
    'tm:sys:performance:all-stats:all-statsstats',
    Object.assign({}, ...entries),
  );
};

const withStats = (path: string, handler: RestHandler): [string, RestHandler][] => [
  [`GET /mgmt/tm/${path}`, handler],
  [`GET /mgmt/tm/${path}/stats`, handler],
];

export const factRoutes: Readonly<Record<string, RestHandler>> = {
  ...Object.fromEntries([
    ...withStats('sys/clock', clock),
    ...withStats('sys/cpu', cpu),
    ...withStats('sys/hardware', hardware),
    ...withStats('sys/license', license),
    ...withStats('sys/memory', memory),
    ...withStats('sys/performance/all-stats', performance),
  ]),
};
