import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unitRequest } from '../adapters/f5/plain-request.ts';
import { type F5Stage, openF5Stage, SMALL_SERVICE } from '../stage/f5-site.ts';
import { APPROVER, REQUESTER, SERVICE } from '../stage/inventory.ts';
import { startLb } from '../stage/worker-process.ts';
import { asked, became, cardText, clickOn, idIn, typed } from './acting.ts';

const THREE = [42, 43, 44].map((last) => `192.168.100.${last}:80`);
const [FIRST = ''] = THREE;
const OUT = 'user-disabled up';
const IN = 'monitor-enabled up';

let f5: F5Stage;
beforeAll(async () => {
  f5 = await openF5Stage();
});
afterAll(() => f5.stop());

const stage = () => f5.stage;

/** Types a change, agrees to it as another person, and waits for its end. */
async function agreed(text: string, end: 'done' | 'refused' | 'failed' = 'done') {
  const { id } = await asked(stage(), text);
  await clickOn(stage(), id, 'change.approve');
  return became(stage(), id, end);
}

async function status(): Promise<string> {
  const before = stage().slack.state.ephemerals(REQUESTER).length;
  await typed(stage(), `status ${SERVICE}`);
  const news = () => stage().slack.state.ephemerals(REQUESTER).slice(before);
  await expect.poll(() => JSON.stringify(news())).toContain('session, monitor');
  return JSON.stringify(news().map(({ blocks }) => blocks));
}

describe('three of five members of a pool on a BIG-IP pair', () => {
  it('are disabled as in the article, after somebody else agreed, on the active unit alone', async () => {
    const { id, plan } = await asked(stage(), `disable ${SERVICE} ${THREE.join(',')} because x`);
    expect(plan?.guard.pools).toMatchObject([{ availableAfter: 2, needed: 2, known: 5 }]);
    const card = cardText(stage(), id);
    expect(card).toContain('session, monitor');
    expect(card).toContain('monitor-enabled, up');
    expect(card).toMatch(/active unit 127\.0\.0\.1:\d+; In Sync/);
    expect(card).toContain('24');
    expect(f5.writes()).toEqual([]);
    await clickOn(stage(), id, 'change.approve', APPROVER);
    const { outcome } = await became(stage(), id, 'done');
    expect(outcome?.steps.map(({ result }) => result)).toEqual(Array(3).fill('verified'));
    expect(f5.standing('bigip-a')).toEqual({
      ...Object.fromEntries(THREE.map((member) => [member, OUT])),
      '192.168.100.45:80': IN,
      '192.168.100.46:80': IN,
    });
    expect(new Set(Object.values(f5.standing('bigip-b')))).toEqual(new Set([IN]));
    expect(f5.writes()).toEqual(
      THREE.map(
        (member) => `bigip-a PATCH /mgmt/tm/ltm/pool/~Common~${SERVICE}/members/~Common~${member}`,
      ),
    );
    await expect.poll(() => cardText(stage(), id)).toContain('Changes Pending');
  });

  it('are said to be out by whom, with the connections and the ratio they have', async () => {
    const text = await status();
    for (const member of THREE) expect(text).toContain(member);
    expect(text).toMatch(/disabled by <@U0REQUEST>, approved by <@U0APPROVE>/);
    expect(text).toMatch(/user-disabled, up +1 +24/);
    expect(text).toContain('Changes Pending');
  });

  it('are shown in a shell as well, with what the pair says of itself', async () => {
    const run = startLb(['status', SERVICE], stage().environment);
    expect(await run.exited).toBe(0);
    expect(run.output()).toMatch(/active unit 127\.0\.0\.1:\d+; Changes Pending/);
    expect(run.output()).toMatch(
      /192\.168\.100\.42:80 +disabled +up \(user-disabled, up\) +1 +24 +by U0REQUEST/,
    );
  });

  it('come back with the ratio they had', async () => {
    await agreed(`enable ${SERVICE} ${THREE.join(',')}`);
    expect(new Set(Object.values(f5.standing('bigip-a')))).toEqual(new Set([IN]));
  });
});

describe('the only three members of a pool', () => {
  it('are refused by the guard, and nothing is written', async () => {
    f5.sim.control.clearLog();
    const id = idIn(await typed(stage(), `disable ${SMALL_SERVICE} ${THREE.join(',')}`));
    const { fault } = await became(stage(), id, 'refused');
    expect(fault).toMatchObject({ code: 'GUARD', message: expect.stringContaining('No member') });
    expect(f5.writes()).toEqual([]);
    await expect.poll(() => cardText(stage(), id)).toContain('No member of');
  });
});

describe('why a member is out', () => {
  it('is a hand on the device, its monitor, or its node', async () => {
    const [unit] = f5.sim.units;
    const { password, control } = f5.sim;
    if (unit === undefined) throw new Error('no unit');
    const patch = (path: string, body: object) =>
      unitRequest(unit.url, 'PATCH', path, body, password);
    control.reset();
    const members = `/mgmt/tm/ltm/pool/~Common~${SERVICE}/members/~Common~`;
    await patch(`${members}192.168.100.42:80`, { session: 'user-disabled', state: 'user-up' });
    await patch('/mgmt/tm/ltm/node/~Common~192.168.100.44', { session: 'user-disabled' });
    control.monitor(`/Common/${SERVICE}`, '192.168.100.43:80', 'down');
    // Statistics of the last moment may stand beside members that are read now.
    let text = '';
    await expect
      .poll(async () => (text = await status()), { timeout: 5_000, interval: 200 })
      .toMatch(/192\.168\.100\.44:80` on \*f5-edge\* is out: it follows .*its node/);
    expect(text).toMatch(/192\.168\.100\.42:80` on \*f5-edge\* is out: by hand on the device/);
    expect(text).toMatch(/192\.168\.100\.43:80` on \*f5-edge\* is out: its health check fails/);
    control.reset();
  });
});

describe('forced offline', () => {
  it('is a verb of its own, and enable brings the member back from there', async () => {
    await agreed(`offline ${SERVICE} ${FIRST} because its disk fails`);
    expect(f5.standing('bigip-a')[FIRST]).toBe('user-disabled user-down');
    await agreed(`enable ${SERVICE} ${FIRST}`);
    expect(f5.standing('bigip-a')[FIRST]).toBe(IN);
  });
});

describe('a drain until idle', () => {
  it('ends where its wait does, for disabled is what drained is here', async () => {
    f5.sim.control.connections(`/Common/${SERVICE}`, FIRST, { current: 0 });
    f5.sim.control.clearLog();
    const { outcome } = await agreed(
      `drain ${SERVICE} ${FIRST} until idle within 30s then disable`,
    );
    expect(outcome?.remarks.join()).toContain('Idle after');
    expect(f5.writes()).toHaveLength(1);
    expect(f5.standing('bigip-a')[FIRST]).toBe(OUT);
    await agreed(`enable ${SERVICE} ${FIRST}`);
  });
});

describe('a pair that fails over between plan and approval', () => {
  it('is planned anew on the unit that is active now, and it is said', async () => {
    f5.sim.control.reset();
    f5.sim.control.clearLog();
    const { id } = await asked(stage(), `disable ${SERVICE} ${FIRST}`);
    f5.sim.control.failOver({ to: 'bigip-b' });
    await clickOn(stage(), id, 'change.approve');
    const { outcome } = await became(stage(), id, 'done');
    expect(f5.standing('bigip-b')[FIRST]).toBe(OUT);
    expect(f5.standing('bigip-a')[FIRST]).toBe(IN);
    expect(f5.writes()).toEqual([expect.stringContaining('bigip-b PATCH')]);
    expect(outcome?.remarks.join()).toMatch(/is active now, .* was when this was planned/);
    await expect.poll(() => cardText(stage(), id)).toContain('was when this was planned');
  });

  it('to a unit that shows something else is refused, and says what', async () => {
    f5.sim.control.reset();
    f5.sim.control.clearLog();
    const { id } = await asked(stage(), `disable ${SERVICE} 192.168.100.45:80`);
    const b = f5.sim.units[1];
    if (b === undefined) throw new Error('no second unit');
    const path = `/mgmt/tm/ltm/pool/~Common~${SERVICE}/members/~Common~192.168.100.45:80`;
    await unitRequest(b.url, 'PATCH', path, { session: 'user-disabled' }, f5.sim.password);
    f5.sim.control.clearLog();
    f5.sim.control.failOver({ to: 'bigip-b' });
    await clickOn(stage(), id, 'change.approve');
    await expect
      .poll(async () => (await stage().records.changes.get(id))?.state, { timeout: 8_000 })
      .toMatch(/refused|failed/);
    const record = await stage().records.changes.get(id);
    expect(record?.outcome?.fault?.code).toBe('STALE');
    // What an earlier change left out is restored on the unit that does not know it: that is no write of this one.
    expect(f5.writes().filter((line) => line.includes('.45:80'))).toEqual([]);
  });
});
