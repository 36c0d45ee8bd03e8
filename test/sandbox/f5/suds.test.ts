import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';
import { PYTHON, run } from './child-process.ts';
import { type Tampering, tamperingProxy } from './tampering-proxy.ts';

const SCRIPT = join(import.meta.dirname, 'lb_member.py');
const POOL = 'test.tianya.cn';
const [FIRST, SECOND, THIRD] = ['192.168.100.42:80', '192.168.100.43:80', '192.168.100.44:80'];
const MEMBERS = `${FIRST},${SECOND},${THIRD}`;

let sim: F5Sim;
beforeAll(async () => {
  sim = await startF5Sim();
});
beforeEach(() => sim.control.reset());
afterAll(() => sim.close());

async function lbMember(url: string, ...args: readonly string[]) {
  const env = { LB_USER: 'lbops', LB_PASSWORD: sim.password };
  const { code, out, err } = await run(PYTHON, [SCRIPT, url, ...args], env).ended;
  return { code, err, told: code === 0 ? JSON.parse(out) : undefined };
}

const unitUrl = () => sim.units[0]?.url ?? '';

describe('a SOAP client that is not ours (suds), doing what the scripts of its time do', () => {
  it.each([
    ['disable', ['SESSION_STATUS_FORCED_DISABLED', 'MONITOR_STATUS_UP']],
    ['offline', ['SESSION_STATUS_FORCED_DISABLED', 'MONITOR_STATUS_FORCED_DOWN']],
  ])('%s several members, again, and enable them', async (wanted, status) => {
    const enabled = ['SESSION_STATUS_ENABLED', 'MONITOR_STATUS_UP'];
    const all = (each: readonly string[]) => ({
      [FIRST as string]: each,
      [SECOND as string]: each,
      [THIRD as string]: each,
    });
    const step = async (verb: string) => (await lbMember(unitUrl(), POOL, MEMBERS, verb)).told;
    expect(await step(wanted)).toEqual({
      before: all(enabled),
      after: all(status),
      changed: true,
    });
    expect(await step(wanted)).toEqual({ before: all(status), after: all(status), changed: false });
    expect(await step('enable')).toMatchObject({ after: all(enabled), changed: true });
    expect(await step('enable')).toMatchObject({ after: all(enabled), changed: false });
  });

  it('gets the fault of the device for a pool that is not there', async () => {
    const { code, err } = await lbMember(unitUrl(), 'wrong', MEMBERS, 'disable');
    expect(code).not.toBe(0);
    expect(err).toContain('01020036:3: The requested pool (/Common/wrong) was not found.');
  });
});

describe('the same client on a simulator that is wrong', () => {
  const on = async (how: Tampering) => {
    const proxy = await tamperingProxy(unitUrl(), how);
    try {
      return await lbMember(`https://127.0.0.1:${proxy.port}`, POOL, MEMBERS, 'disable');
    } finally {
      await proxy.close();
    }
  };

  it('works when nothing is tampered with', async () => {
    expect((await on({})).told).toMatchObject({ changed: true });
  });

  it('fails when 401 comes without a challenge', async () => {
    expect((await on({ without: ['www-authenticate'] })).code).not.toBe(0);
  });

  it('fails when an array is not marked as one in the definitions', async () => {
    const { code } = await on({ body: (text) => text.replaceAll('soapenc:Array"', 'xsd:string"') });
    expect(code).not.toBe(0);
  });

  it('sees no change when values are read back wrong', async () => {
    const how = {
      body: (text: string) => text.replaceAll('_FORCED_DISABLED</', '_ENABLED</'),
    };
    expect((await on(how)).told).toMatchObject({ changed: false });
  });
});
