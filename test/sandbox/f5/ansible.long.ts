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
