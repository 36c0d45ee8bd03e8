import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { ask, MEMBER, statsOf } from './unit-client.ts';

const MEMBER_NAME = '192.168.100.42:80';

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim({ pair: true, drainSeconds: 30 });
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

const connections = async (unit = 0) => {
  const { 'serverside.curConns': current, 'serverside.totConns': total } = await statsOf(
    sim,
    MEMBER,
    { unit },
  );
  return { current: Number(current), total: Number(total) };
};
const write = (session: string, state: string) =>
  ask(sim, 'PATCH', MEMBER, { body: { session, state } });

describe('connections of a member', () => {
  it('halve in every half-life once it is disabled, and come back once it is enabled', async () => {
    await write('user-disabled', 'user-up');
    sim.control.advance(30_000);
    expect((await connections()).current).toBe(12);
    sim.control.advance(300_000);
    expect((await connections()).current).toBe(0);
    const { total } = await connections();
    await write('user-enabled', 'user-up');
    sim.control.advance(300_000);
    expect((await connections()).current).toBe(24);
    expect((await connections()).total).toBeGreaterThan(total);
  });

  it('that stick by persistence stay when it is disabled, and go when it is forced offline', async () => {
    sim.control.connections('/Common/test.tianya.cn', MEMBER_NAME, { sticky: 5 });
    await write('user-disabled', 'user-up');
    sim.control.advance(600_000);
    expect((await connections()).current).toBe(5);
    await write('user-disabled', 'user-down');
    sim.control.advance(600_000);
    expect((await connections()).current).toBe(0);
  });

  it('go when the monitor takes it down', async () => {
    sim.control.monitor('/Common/test.tianya.cn', MEMBER_NAME, 'down');
    sim.control.advance(600_000);
    expect((await connections()).current).toBe(0);
  });

  it('move to the other unit when that takes over', async () => {
    expect((await connections(1)).current).toBe(0);
    sim.control.failOver();
    sim.control.advance(600_000);
    expect([(await connections(0)).current, (await connections(1)).current]).toEqual([0, 24]);
  });

  it('can be set', async () => {
    sim.control.connections('/Common/test.tianya.cn', MEMBER_NAME, { current: 7, normal: 7 });
    expect((await connections()).current).toBe(7);
  });
});
