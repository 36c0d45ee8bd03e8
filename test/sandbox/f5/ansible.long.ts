import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { endPlays, play, results, type Task } from './ansible-play.ts';

const ROUNDS = 5;
const STATES = ['disabled', 'forced_offline', 'enabled'];

const MEMBERS = [
  { pool: 'test.tianya.cn', host: '192.168.100.46', port: 80 },
  { pool: 'raw_pool', host: '10.0.1.11', port: 8080 },
  { pool: 'v6_pool', host: '2001:db8::10', port: 443 },
  { pool: 'app_pool', partition: 'Tenant_A', host: '10.9.0.5%1', port: 443 },
];

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim();
});
afterAll(async () => {
  endPlays();
  await sim.close();
});

describe('Ansible’s module for members, again and again', () => {
  it.each(MEMBERS)('finds nothing to change a second time: %o', async (member) => {
    const rounds = Array.from({ length: ROUNDS }, () => STATES).flat();
    const tasks = rounds.flatMap((state): Task[] => {
      const task: Task = ['bigip_pool_member', { ...member, state }];
      return [task, task];
    });
    const port = sim.units[0]?.port ?? 0;
    const done = await results(play(member.pool, sim, port, tasks, 'lbops'));
    expect(done.map(({ changed, failed }) => failed !== true && changed)).toEqual(
      rounds.flatMap(() => [true, false]),
    );
    expect(sim.control.state()[0]?.tokens).toBe(0);
  });
});

describe('Ansible’s modules for pools, nodes and the unit', () => {
  const twice = (task: Task): Task[] => [task, task];

  it('make and change what is there, and find nothing to change a second time', async () => {
    const port = sim.units[0]?.port ?? 0;
    const pool = 'made';
    const member = (more: object): Task => ['bigip_pool_member', { pool, port: 80, ...more }];
    const node = (more: object): Task => ['bigip_node', { name: 'n1', host: '10.5.0.1', ...more }];
    const tasks: Task[] = [
      ...twice(['bigip_pool', { name: pool, slow_ramp_time: 120 }]),
      // The module sends an empty change when a pool with metadata is monitored, and the device refuses that.
      ...twice(['bigip_pool', { name: pool, metadata: { owner: 'web' } }]),
      ...twice([
        'bigip_pool',
        { name: pool, monitor_type: 'm_of_n', quorum: 1, monitors: ['http', 'tcp'] },
      ]),
      ...twice(member({ host: '10.3.0.1', ratio: 4, priority_group: 3, rate_limit: 7 })),
      ...twice(
        member({
          host: '10.3.0.1',
          monitors: ['/Common/http'],
          availability_requirements: { type: 'all' },
        }),
      ),
      ...twice(member({ fqdn: 'web.example.net', fqdn_auto_populate: true })),
      ...twice(node({})),
      ...twice(node({ state: 'offline' })),
      ...twice(node({ state: 'enabled', rate_limit: 4 })),
      ...twice(node({ monitors: ['/Common/icmp'], availability_requirements: { type: 'all' } })),
      ...twice(['bigip_partition', { name: 'shop', description: 'of the shop' }]),
      ...twice(['bigip_routedomain', { name: 'dmz', id: 9 }]),
      ...twice(['bigip_monitor_http', { name: 'probe', interval: 7, timeout: 22 }]),
    ];
    const done = await results(play('objects', sim, port, tasks));
    expect(done.map(({ failed, msg }) => (failed === true ? msg : 'ok'))).toEqual(
      done.map(() => 'ok'),
    );
    expect(done.map(({ changed }) => changed)).toEqual(tasks.map((_, index) => index % 2 === 0));
  });

  it('replace all members of a pool, save, wait for the unit and read of it what there is', async () => {
    const port = sim.units[0]?.port ?? 0;
    const aggregate = [
      { host: '10.4.0.1', port: 80 },
      { host: '10.4.0.5', port: 80, ratio: 2 },
    ];
    const gather_subset = [
      ...[
        'system-info',
        'system-db',
        'license',
        'users',
        'nodes',
        'software-volumes',
        'icmp-monitors',
      ],
      ...['remote-syslog', 'management-routes', 'ucs', 'ssl-keys', 'provision-info'],
    ];
    const done = await results(
      play('unit', sim, port, [
        ['bigip_pool', { name: 'all' }],
        ['bigip_pool_member', { pool: 'all', host: '10.4.0.9', port: 80 }],
        ['bigip_pool_member', { pool: 'all', replace_all_with: true, aggregate }],
        ['bigip_config', { save: true }],
        ['bigip_wait', { timeout: 60 }],
        ['bigip_device_info', { gather_subset }],
      ]),
    );
    expect(done.map(({ failed, msg }) => (failed === true ? msg : 'ok'))).toEqual(
      done.map(() => 'ok'),
    );
    const [unit] = sim.control.state();
    const all = unit?.pools.find(({ pool }) => pool === '/Common/all');
    expect(all?.members.map(({ member }) => member)).toEqual([
      '/Common/10.4.0.1:80',
      '/Common/10.4.0.5:80',
    ]);
    expect(unit?.unsaved).toBe(false);
  });
});
