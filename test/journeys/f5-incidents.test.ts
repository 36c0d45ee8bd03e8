import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type F5Stage, openF5Stage } from '../stage/f5-site.ts';
import { CHANNEL, SERVICE } from '../stage/inventory.ts';

const MEMBER = '192.168.100.42:80';
let f5: F5Stage;
afterEach(() => f5.stop());

/** Incidents told in the channel, as they look now. */
function told(): readonly string[] {
  return f5.stage.slack.state
    .channel(CHANNEL)
    .filter(({ metadata }) => metadata?.event_type === 'lb_incident')
    .map(({ text, blocks }) => JSON.stringify([text, blocks]));
}

const seen = async (words: string) =>
  expect.poll(() => told().join('\n'), { timeout: 12_000 }).toContain(words);

const host = (index: 0 | 1) => new URL(f5.sim.units[index]?.url ?? '').host;

beforeEach(async () => {
  f5 = await openF5Stage({ approval: false });
  const { sightings } = f5.stage.records;
  await expect.poll(async () => (await sightings.all()).length, { timeout: 15_000 }).toBe(1);
});

describe('a pair of BIG-IPs, watched', () => {
  it('that fails over is one incident with the unit that was and the unit that is active', async () => {
    f5.sim.control.failOver();
    await seen(`${host(1)} is active now, ${host(0)} was before`);
    expect(told()).toHaveLength(1);
  });

  it('of which both are active, and then none, is told as that, and not as one that cannot be watched', async () => {
    f5.sim.control.failOver({ active: ['bigip-a', 'bigip-b'] });
    await seen('2 units of f5-edge are active at once');
    f5.sim.control.failOver({ active: [] });
    await seen('No unit of f5-edge is active');
    f5.sim.control.failOver({ to: 'bigip-a' });
    await seen(`Unit ${host(0)} of f5-edge alone is active again`);
    expect(told().join()).not.toContain('cannot be watched');
  });

  it('whose monitor finds a member down is told with how many are left, and when it is up', async () => {
    const place = [`/Common/${SERVICE}`, `/Common/${MEMBER}`] as const;
    f5.sim.control.monitor(...place, 'down');
    await seen(`${MEMBER} is down on f5-edge`);
    await seen('4 of 5 members left');
    f5.sim.control.monitor(...place, 'up');
    await seen('is up again, 5 of 5');
  });

  it('of which one was changed by somebody is out of sync, and so is one cut off from the other', async () => {
    f5.sim.control.sync({ changedOn: 'bigip-b' });
    await seen('are not in sync: Changes Pending');
    f5.sim.control.sync({ disconnected: true });
    await seen('are not in sync: Disconnected');
    expect(told().filter((text) => text.includes('sync'))).toHaveLength(1);
  });
});
