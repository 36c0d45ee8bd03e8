import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeRecord } from '../../src/domain/change.ts';
import { tokenFor } from '../sandbox/f5/unit-client.ts';
import { F5_PASSWORD, type F5Stage, openF5Stage } from '../stage/f5-site.ts';
import { SERVICE } from '../stage/inventory.ts';
import { asked, cardText, clickOn, idIn, typed } from './acting.ts';

const MEMBER = '192.168.100.42:80';
const OUT = 'user-disabled up';
const IN = 'monitor-enabled up';
/** Requests that write a member, and nothing else. */
const WRITE = { match: '/members/~' };

let f5: F5Stage;
const logged: string[] = [];
const keep = (message: string, data?: unknown) => {
  logged.push(
    `${message} ${JSON.stringify(data, (_key, value) => (value instanceof Error ? `${value.stack}` : value))}`,
  );
};

beforeAll(async () => {
  f5 = await openF5Stage({
    // No watcher: a simulator that is set back between two tests looks like a hand on the device.
    roles: ['bot', 'worker'],
    log: { debug: keep, info: keep, warn: keep, error: keep },
    more: {
      'f5-soap': { keys: 'api: soap' },
      // Copying to the peer takes more than the role Operator.
      'f5-auto': { keys: 'sync: auto', username: 'admin' },
      'f5-login': { keys: '' },
      'f5-cert': { keys: '' },
    },
  });
});
afterAll(() => f5.stop());
beforeEach(() => {
  for (const { control } of f5.sims.values()) control.reset();
});

const OVER = ['done', 'failed', 'refused', 'half-done'];

async function over(id: string): Promise<ChangeRecord> {
  let record: ChangeRecord | undefined;
  await expect
    .poll(
      async () => {
        record = await f5.stage.records.changes.get(id);
        return record?.state;
      },
      { timeout: 15_000 },
    )
    .toSatisfy((state) => OVER.includes(String(state)));
  if (record === undefined) throw new Error('no record');
  return record;
}

/** Disables the member; the unit goes wrong after the plan, before the approval. */
async function disabledUnder(
  presets: readonly (readonly [name: string, settings?: object])[],
  service = SERVICE,
) {
  const { id } = await asked(f5.stage, `disable ${service} ${MEMBER}`);
  const place = service === SERVICE ? 'f5-edge' : service;
  const control = f5.sims.get(place)?.control;
  for (const [name, settings] of presets) control?.preset(name, settings);
  await clickOn(f5.stage, id, 'change.approve');
  const { state, outcome } = await over(id);
  control?.clearFaults();
  await expect.poll(() => cardText(f5.stage, id)).not.toMatch(/Running:|change\.cancel/);
  const standing = f5.standing('bigip-a', place)[MEMBER] ?? 'gone';
  return { state, code: outcome?.fault?.code, standing, card: cardText(f5.stage, id), outcome };
}

const members = () => Object.keys(f5.standing('bigip-a')).length;

describe('a change under a unit that goes wrong at the write', () => {
  it.each([
    ['restarting', [['restarting', { ...WRITE, times: 1 }]], 'failed', IN, 1],
    ['busy', [['busy', { times: 1 }]], 'done', OUT, 2],
    ['token-expired', [['token-expired']], 'done', OUT, 1],
    ['token-revoked', [['token-revoked']], 'done', OUT, 1],
    ['slow', [['slow:400']], 'done', OUT, 1],
    ['drop-before', [['drop-before']], 'failed', IN, 1],
    ['drop-after', [['drop-after']], 'done', OUT, 1],
    ['sync-pending', [['sync-pending']], 'done', OUT, 1],
    ['sync-disconnected', [['sync-disconnected']], 'done', OUT, 1],
    ['ignored-write', [['ignored-write', { times: -1 }]], 'failed', IN, 1],
    ['html', [['html', { ...WRITE, times: 1 }]], 'failed', IN, 1],
  ] as const)(
    '%s says truly whether it was done',
    async (_name, presets, state, standing, sent) => {
      const ended = await disabledUnder(presets);
      expect(ended).toMatchObject({ state, standing });
      expect(f5.writes().filter((line) => line.includes('PATCH'))).toHaveLength(sent);
      expect(members()).toBe(5);
      expect(ended.card).not.toMatch(/<html|DOCTYPE|Maintenance/);
    },
  );

  it('is done as far as it stands under a pair that flaps, and never on the standby unit', async () => {
    const ended = await disabledUnder([['flap-failover']]);
    expect(['done', 'refused', 'failed']).toContain(ended.state);
    const units = f5.sim.control.state();
    const isOut = units.some(({ pools }) =>
      pools.some(({ members: all }) =>
        all.some(({ member, session }) => member.endsWith(MEMBER) && session === 'user-disabled'),
      ),
    );
    expect(isOut).toBe(ended.state === 'done');
  });

  it('member-vanishes: no new member is made in its place', async () => {
    const ended = await disabledUnder([['member-vanishes']]);
    expect(ended).toMatchObject({ state: 'failed', standing: 'gone', code: 'NO_SUCH_MEMBER' });
    expect(members()).toBe(4);
    expect(f5.writes().filter((line) => line.includes('POST /mgmt/tm'))).toEqual([]);
  });

  it('tells that the units do not see each other, in the card', async () => {
    const { card } = await disabledUnder([['sync-disconnected']]);
    expect(card).toContain('Disconnected');
  });

  it('copies nothing to the peer where somebody else had changes waiting, and says so', async () => {
    const { card, state } = await disabledUnder([['sync-pending']], 'f5-auto');
    expect(state).toBe('done');
    expect(card).toContain('before this change somebody else had changes waiting');
    expect(f5.standing('bigip-b', 'f5-auto')[MEMBER]).toBe(IN);
  });

  it('copies its own change where all was in sync', async () => {
    const { state } = await disabledUnder([], 'f5-auto');
    expect(state).toBe('done');
    expect(f5.standing('bigip-b', 'f5-auto')[MEMBER]).toBe(OUT);
  });
});

describe('a change that can no longer be read', () => {
  it.each([
    ['a 20 MB body', [['huge', { match: '/members$', times: -1 }]], 'TOO_LARGE', SERVICE],
    [
      'a page instead of JSON',
      [['html', { match: '/members$', times: -1 }]],
      'UNEXPECTED_REPLY',
      SERVICE,
    ],
    ['XML with entities', [['xml-entities', { times: -1 }]], 'UNEXPECTED_REPLY', 'f5-soap'],
    ['token-limit', [['token-revoked'], ['token-limit']], 'PERMISSION', SERVICE],
    ['bad-password', [['token-revoked'], ['bad-password']], 'PERMISSION', 'f5-login'],
    ['cert-changed', [['cert-changed']], 'HOST_KEY', 'f5-cert'],
  ] as const)('by %s is refused and nothing is written', async (_name, presets, code, service) => {
    const ended = await disabledUnder(presets, service);
    expect(ended).toMatchObject({ state: 'refused', code, standing: IN });
    expect(f5.writes().filter((line) => !line.includes('iControl'))).toEqual([]);
    expect(ended.card).not.toMatch(/<html|DOCTYPE|Maintenance|aaaaaaaaaa/);
  });
});

describe('a mistyped address', () => {
  it('is answered with the nearest member, and the pool stays as it is', async () => {
    const id = idIn(await typed(f5.stage, `disable ${SERVICE} 192.168.100.47:80`));
    const { state, fault } = await over(id);
    expect({ state, fault }).toMatchObject({ state: 'refused', fault: { code: 'NO_SUCH_MEMBER' } });
    expect(fault?.message).toMatch(/192\.168\.100\.4[2-6]:80/);
    expect(members()).toBe(5);
    expect(f5.writes()).toEqual([]);
  });
});

/** What a token of a unit looks like. */
const TOKEN = /(?<![A-Za-z0-9])[A-Z2-7]{26}(?![A-Za-z0-9])/;

describe('password and tokens', () => {
  it('stand in no log, no message, no record and no job', async () => {
    const { redis, slack } = f5.stage;
    const token = await tokenFor(f5.sim, 'lbops');
    expect(token).toMatch(TOKEN);
    const keys = await redis.client.keys('*');
    const stored = await Promise.all(keys.map((key) => everythingIn(key)));
    const texts = [...logged, ...stored, JSON.stringify(slack.state.messages)];
    expect(texts.join('\n')).toContain(MEMBER);
    const basic = Buffer.from(`lbops:${F5_PASSWORD}`).toString('base64');
    const isSecret = (text: string) =>
      text.includes(F5_PASSWORD) || text.includes(basic) || TOKEN.test(text);
    expect(isSecret(`X-F5-Auth-Token: ${token}`)).toBe(true);
    expect(texts.filter(isSecret)).toEqual([]);
  });

  async function everythingIn(key: string): Promise<string> {
    const { client } = f5.stage.redis;
    switch (await client.type(key)) {
      case 'string':
        return `${await client.get(key)}`;
      case 'hash':
        return JSON.stringify(await client.hgetall(key));
      case 'list':
        return (await client.lrange(key, 0, -1)).join('\n');
      case 'zset':
        return (await client.zrange(key, '0', '-1')).join('\n');
      case 'set':
        return (await client.smembers(key)).join('\n');
      case 'stream':
        return JSON.stringify(await client.xrange(key, '-', '+'));
      // Over since the keys were listed.
      case 'none':
        return '';
      default:
        throw new Error(`${key} is of a type that is not looked into`);
    }
  }
});
