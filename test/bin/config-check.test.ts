import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanEnvironment, startLb } from '../demo/lb-process.ts';
import { APPROVER, CHANNEL, OPERATORS, SERVICE, siteYaml } from '../stage/inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/inventory');
const EXAMPLE = join(import.meta.dirname, '../../examples/inventory.yml');

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ roles: [] });
});
afterAll(() => stage.stop());

async function check(args: readonly string[], env: Record<string, string> = {}) {
  const lb = startLb(['config', 'check', ...args], cleanEnvironment(env));
  return { code: await lb.ended, out: lb.out(), err: lb.err() };
}

const live = (more: Record<string, string> = {}, args: readonly string[] = ['--live']) =>
  check(args, { ...stage.environment, ...more });

/** The site of the stage with something wrong in it. */
function changedInventory(name: string, change: (yaml: string) => string): string {
  const folder = join(stage.directory, 'changed');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, change(siteYaml({ sockets: stage.nodes.map(({ socket }) => socket) })));
  return path;
}

describe('lb config check', () => {
  it('needs no environment for a file that is named', async () => {
    const { code, out } = await check([EXAMPLE]);
    expect(out).toContain('1 service on 2 balancers in 1 environment');
    expect(code).toBe(0);
  });

  it('reports every fault of file and environment at once', async () => {
    const { code, err, out } = await check([], {
      LB_INVENTORY: join(FIXTURES, 'ten-mistakes.yml'),
      REDIS_URL: 'mysql://user:hunter2@db',
    });
    expect(code).toBe(2);
    for (const name of ['REDIS_URL', 'LB_SIGNING_KEY', 'SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN']) {
      expect(err).toMatch(new RegExp(`^${name}: +expected .*, got`, 'm'));
    }
    expect(err.match(/ten-mistakes\.yml:\d+ /g)?.length).toBeGreaterThanOrEqual(10);
    expect(err + out).not.toContain('hunter2');
  });

  it.each([
    ['an unknown flag', ['--fast'], '--fast'],
    ['two files', ['a.yml', 'b.yml'], 'One inventory file'],
    ['an empty name', ['--id', ' '], '--id needs a name'],
  ])('shows its usage for %s', async (_case, args, words) => {
    const { code, err } = await check(args);
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(err).toContain('lb config check <file>');
  });

  it('says that a file is not there', async () => {
    const { code, err } = await check(['/nowhere.yml']);
    expect(code).toBe(2);
    expect(err).toContain('no such file');
  });
});

describe('lb config check --live', () => {
  it('asks Redis, Slack and every pool, and ends with 0', async () => {
    const { code, out, err } = await live();
    expect(err).toBe('');
    expect(out).toMatch(/^OK {4}Redis \d+\.\d+\.\d+ answers at \/.*redis\.sock$/m);
    expect(out).toContain('OK    Redis evicts nothing (maxmemory-policy noeviction)');
    expect(out).toContain('OK    Redis keeps an append-only file (appendfsync always)');
    expect(out).toContain('OK    The bot token has all 9 scopes');
    expect(out).toContain('OK    The app token opens Socket Mode');
    expect(out).toContain(`OK    User group ${OPERATORS} (operators of production) has 3 members`);
    expect(out).toContain(`OK    User ${APPROVER} (approvers of production)`);
    expect(out).toContain(`OK    Channel ${CHANNEL} (#ops, ${SERVICE}) has the bot in it`);
    for (const node of ['ha-1', 'ha-2']) {
      expect(out).toMatch(
        new RegExp(`^OK {4}Pool ${SERVICE} on ${node} \\(haproxy 2.*5 of 5 members`, 'm'),
      );
    }
    expect(out).toMatch(/^Live: \d+ OK, 0 warnings, 0 failed\.$/m);
    expect(code).toBe(0);
  });

  it('writes nothing anywhere', async () => {
    const before = await stage.redis.client.dbsize();
    const posts = stage.slack.state.messages.length;
    await live();
    expect(await stage.redis.client.dbsize()).toBe(before);
    expect(stage.slack.state.messages).toHaveLength(posts);
  });

  it('goes on after the first failure and says what to do about each', async () => {
    const path = changedInventory('wrong.yml', (yaml) =>
      yaml
        .replace(stage.nodes[1]?.socket ?? '', '/nowhere/admin.sock')
        .replace('192.168.100.74,', '192.168.100.99,')
        .replace(APPROVER, 'U0NOBODY'),
    );
    const { code, out } = await live({ REDIS_URL: 'unix:///nowhere/redis.sock' }, [path, '--live']);
    expect(out).toContain('FAIL  Connecting to Redis: ');
    expect(out).toMatch(/^FAIL {2}Looking up user U0NOBODY: .*\n {6}See that it is an id/m);
    expect(out).toMatch(/^FAIL {2}Pool .* on ha-1 .* has no 192\.168\.100\.99/m);
    expect(out).toMatch(/^FAIL {2}Reading backend .* on ha-2: .*does not exist/m);
    expect(out).toMatch(/^Live: \d+ OK, 0 warnings, 4 failed\.$/m);
    expect(code).toBe(1);
  });

  it('names a Redis that evicts, keeps nothing, or is a replica', async () => {
    const { client } = stage.redis;
    try {
      await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await client.config('SET', 'appendonly', 'no');
      const { code, out } = await live();
      expect(out).toContain('FAIL  Redis evicts by allkeys-lru');
      expect(out).toContain('WARN  Redis keeps no append-only file');
      expect(code).toBe(1);
      await client.replicaof('127.0.0.1', '1');
      expect((await live()).out).toContain('FAIL  Redis is a replica');
    } finally {
      await client.replicaof('NO', 'ONE');
      await client.config('SET', 'maxmemory-policy', 'noeviction');
      await client.config('SET', 'appendonly', 'yes');
    }
  });

  it('names a token that Slack refuses, without printing it', async () => {
    const { code, out, err } = await live({
      SLACK_BOT_TOKEN: 'xoxb-wrong-bot',
      SLACK_APP_TOKEN: 'xapp-wrong-app',
    });
    expect(out).toMatch(/^FAIL {2}Asking Slack whose the bot token is: .*invalid_auth/m);
    expect(out).toMatch(/^FAIL {2}Asking Slack for a Socket Mode connection: .*invalid_auth/m);
    expect(out + err).not.toMatch(/wrong-(bot|app)/);
    expect(code).toBe(1);
  });

  it('names a channel that the bot is not in, and an empty group', async () => {
    const { human } = stage.slack;
    human.admin({ channel: CHANNEL, remove: ['U0LBBOT'] });
    human.admin({ usergroup: OPERATORS, disabled: true });
    try {
      const { code, out } = await live();
      expect(out).toMatch(/^FAIL {2}Channel .* does not have the bot in it\n {6}Type \/invite/m);
      expect(out).toContain(`FAIL  User group ${OPERATORS} (operators of production) is empty`);
      expect(code).toBe(1);
    } finally {
      human.admin({ channel: CHANNEL, invite: ['U0LBBOT'] });
      human.admin({ usergroup: OPERATORS, disabled: false });
    }
  });

  it('prints the id for a name that stands where an id belongs', async () => {
    const path = changedInventory('names.yml', (yaml) =>
      yaml.replace(APPROVER, '"@second approver"').replace(CHANNEL, '"#ops"'),
    );
    const { code, out, err } = await live({}, [path, '--live']);
    expect(err).toContain('got "@second approver"');
    expect(out).toContain('U0APPRTWO  user second approver');
    expect(out).toContain(`${CHANNEL}  channel ops`);
    expect(code).toBe(2);
  });

  it('prints the id of a name that is asked for', async () => {
    expect(await live({}, ['--live', '--id', '@Operators'])).toMatchObject({
      code: 0,
      out: `${OPERATORS}  group operators\n`,
    });
    const unknown = await live({}, ['--live', '--id', 'nobody at all']);
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain('"nobody at all" is the name of no user');
  });
});
