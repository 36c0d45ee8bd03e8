import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type Fault, faultOf } from '../../../src/domain/errors.ts';
import { openGate, stepTo, withoutEnd } from '../contract-device.ts';
import { bring, look, readPool } from './acting.ts';
import { type F5Site, f5Site, MEMBER, PASSWORD, POOL } from './site.ts';

const limits = { exchangeMsMax: 1_500 };

let site: F5Site;
const seen: unknown[] = [];

afterEach(async () => {
  await site.close();
  const texts = seen.splice(0).map((thrown) => inspect(thrown, { depth: 9 }));
  expect(texts.filter((text) => text.includes(PASSWORD))).toEqual([]);
});

/** What a piece of work ended in; `undefined` when it went well. */
async function faultIn(work: Promise<unknown>): Promise<Fault | undefined> {
  try {
    await work;
    return undefined;
  } catch (thrown) {
    seen.push(thrown);
    return faultOf(thrown);
  }
}

/** A fault that waits for the write; what comes before it goes well. */
async function disableUnder(
  preset: string,
  settings: { match?: string; times?: number } = {},
  options: { pair?: boolean } = {},
) {
  site = await f5Site({ isClockStill: true, ...options });
  const adapter = site.adapter({ limits });
  const step = stepTo(adapter, POOL, await look(adapter), 'disabled');
  site.sim.control.preset(preset, settings);
  const fault = await faultIn(adapter.apply(step, openGate, withoutEnd()));
  site.sim.control.clearFaults();
  return { fault, after: await look(adapter), adapter };
}

const writes = () => site.asked().filter((line) => line.startsWith('PATCH'));

describe('a write', () => {
  it('on a unit that restarts is unknown, and the unit says what became of it', async () => {
    const { fault, after } = await disableUnder('restarting');
    expect(fault).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      message: expect.stringContaining('configuration utility is restarting'),
    });
    expect(fault?.message).not.toMatch(/[<>]/);
    expect(after.admin).toBe('enabled');
    expect(writes()).toHaveLength(1);
  });

  it('on a busy unit is not done, and said to be', async () => {
    const { fault, after } = await disableUnder('busy');
    expect(fault).toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('There is an active asynchronous task executing.'),
    });
    expect(after.admin).toBe('enabled');
    expect(writes()).toHaveLength(1);
  });

  it.each(['token-expired', 'token-revoked'])(
    'under %s is done with a new token',
    async (preset) => {
      const { fault, after } = await disableUnder(preset);
      expect(fault).toBeUndefined();
      expect(after.admin).toBe('disabled');
      expect(site.asked().filter((line) => line.includes('authn/login'))).toHaveLength(2);
    },
  );

  it('whose request is lost is unknown and not repeated', async () => {
    const { fault, after } = await disableUnder('drop-before');
    expect(fault?.code).toBe('OUTCOME_UNKNOWN');
    expect(after.admin).toBe('enabled');
    expect(writes()).toHaveLength(1);
  });

  it('whose answer is lost is unknown, and the unit shows that it was done', async () => {
    const { fault, after } = await disableUnder('drop-after');
    expect(fault?.code).toBe('OUTCOME_UNKNOWN');
    expect(after.admin).toBe('disabled');
    expect(writes()).toHaveLength(1);
  });

  it('to a member that has just been deleted makes no new one', async () => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter();
    const step = stepTo(adapter, POOL, await look(adapter), 'disabled');
    site.sim.control.preset('member-vanishes');
    expect(await faultIn(adapter.apply(step, openGate, withoutEnd()))).toMatchObject({
      code: 'NO_SUCH_MEMBER',
    });
    const { members } = await readPool(adapter);
    expect(members.map(({ name }) => name)).not.toContain(MEMBER);
    expect(members).toHaveLength(4);
  });

  it('that the unit takes and forgets is seen by reading back', async () => {
    const { fault, after } = await disableUnder('ignored-write');
    expect(fault).toBeUndefined();
    expect(after.admin).toBe('enabled');
  });

  it('that takes too long is unknown, also when it is done in the end', async () => {
    const { fault, adapter } = await disableUnder('slow:2200', { match: '/members/', times: 1 });
    expect(fault).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      message: expect.stringContaining('no answer within 1.5 s'),
    });
    await expect.poll(() => look(adapter), { timeout: 5_000 }).toMatchObject({ admin: 'disabled' });
  });

  it('answered by a page is no success', async () => {
    const { fault, after } = await disableUnder('html', { match: '/members/', times: 1 });
    expect(fault).toMatchObject({ code: 'UNEXPECTED_REPLY' });
    expect(fault?.message).not.toContain('Maintenance');
    expect(after.admin).toBe('enabled');
  });
});

describe('a read', () => {
  it.each([
    ['restarting', {}, /configuration utility is restarting/, 'UNREACHABLE'],
    ['html', { times: -1 }, /is not JSON/, 'UNEXPECTED_REPLY'],
    ['huge', { match: '/members$', times: -1 }, /more than 4194304 bytes/, 'TOO_LARGE'],
    ['truncated', { match: '/members$', times: -1 }, /broke off after 20 bytes/, 'CUT_REPLY'],
    ['slow:5000', { match: '/members$' }, /no answer within 1.5 s/, 'TIMEOUT'],
  ] as const)('under %s ends in plain words', async (preset, settings, words, code) => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter({ limits });
    await readPool(adapter);
    site.sim.control.preset(preset, settings);
    const fault = await faultIn(readPool(adapter));
    expect(fault).toMatchObject({ code, message: expect.stringMatching(words) });
    expect(fault?.message).not.toMatch(/<html|DOCTYPE/);
    site.sim.control.clearFaults();
    expect(await look(adapter)).toMatchObject({ admin: 'enabled' });
  });

  it('that meets a unit which is busy for a moment is repeated', async () => {
    site = await f5Site();
    const adapter = site.adapter();
    await readPool(adapter);
    site.sim.control.preset('restarting', { times: 1, match: '/members$' });
    expect(await look(adapter)).toMatchObject({ admin: 'enabled' });
  });

  it('on a connection that the unit closed meanwhile is asked on a new one', async () => {
    site = await f5Site();
    const adapter = site.adapter();
    await readPool(adapter);
    site.sim.control.preset('drop-before', {
      match: '/members$',
      times: 1,
      method: 'GET',
    } as object);
    expect(await look(adapter)).toMatchObject({ admin: 'enabled' });
  });
});

describe('logging in', () => {
  it('with a wrong password is refused once, and then not tried for five minutes', async () => {
    site = await f5Site({ isClockStill: true });
    const adapter = site.adapter({ secret: 'another-word' });
    expect(await faultIn(readPool(adapter))).toMatchObject({
      code: 'PERMISSION',
      message: expect.stringContaining('Authentication failed'),
    });
    const second = await faultIn(readPool(adapter));
    expect(second).toMatchObject({
      code: 'PERMISSION',
      message: expect.stringContaining('so that the account is not locked'),
    });
    expect(second?.message).not.toContain('another-word');
    expect(site.asked()).toHaveLength(1);
    site.clock.advance(5 * 60_000);
    expect(await faultIn(readPool(adapter))).toMatchObject({ code: 'PERMISSION' });
    expect(site.asked()).toHaveLength(2);
  });

  it('by fifty at once with a wrong password is one try', async () => {
    site = await f5Site({ isClockStill: true });
    site.sim.control.preset('bad-password');
    const adapter = site.adapter();
    await Promise.all(Array.from({ length: 50 }, () => faultIn(readPool(adapter))));
    expect(site.asked()).toEqual(['POST /mgmt/shared/authn/login']);
  });

  it('where all tokens are taken says so, and falls back to nothing', async () => {
    site = await f5Site({ isClockStill: true });
    site.sim.control.preset('token-limit');
    const adapter = site.adapter();
    expect(await faultIn(readPool(adapter))).toMatchObject({
      code: 'PERMISSION',
      message: expect.stringContaining('maximum active login tokens'),
    });
    const headers = site.sim.control.log().flatMap((entry) => Object.keys(entry.headers));
    expect(headers).not.toContain('authorization');
  });

  it('sends exactly one proof of who is there with every request', async () => {
    site = await f5Site();
    await bring(site.adapter(), 'disabled');
    const [login, ...others] = site.sim.control.log();
    const proofs = (entry: typeof login) =>
      Object.keys(entry?.headers ?? {}).filter((name) =>
        ['authorization', 'x-f5-auth-token'].includes(name),
      );
    expect(proofs(login)).toEqual([]);
    for (const entry of others) expect(proofs(entry)).toEqual(['x-f5-auth-token']);
  });
});

describe('the certificate', () => {
  it('that was replaced is refused before a password or token leaves', async () => {
    site = await f5Site({ isClockStill: true });
    const pinned = site.adapter();
    await readPool(pinned);
    site.sim.control.preset('cert-changed');
    site.sim.control.clearLog();
    const fault = await faultIn(readPool(pinned));
    expect(fault).toMatchObject({
      code: 'HOST_KEY',
      message: expect.stringContaining(site.sim.units[0]?.fingerprint256 ?? 'none'),
    });
    expect(site.asked()).toEqual([]);
  });

  it('that nobody vouches for is refused where the inventory names none', async () => {
    site = await f5Site();
    const [unit] = site.sim.units;
    const { port } = unit ?? { port: 0 };
    const adapter = site.adapter({ units: [{ host: '127.0.0.1', port }] });
    const fault = await faultIn(readPool(adapter));
    expect(fault).toMatchObject({
      code: 'HOST_KEY',
      message: expect.stringMatching(/DEPTH_ZERO_SELF_SIGNED_CERT.*No password was sent/),
    });
    expect(site.asked()).toEqual([]);
  });
});
