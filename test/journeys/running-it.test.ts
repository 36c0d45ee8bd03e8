import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { REQUESTER, SERVICE } from '../stage/inventory.ts';
import { ask as askNode } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { type LbProcess, startLb } from '../stage/worker-process.ts';
import { ask, TARGET } from './redis-story.ts';

let stage: Stage;
let server: LbProcess;
let folder: string;
let environment: Record<string, string>;

beforeAll(async () => {
  stage = await openStage({ roles: [] });
  folder = join(stage.directory, 'audit');
  environment = { ...stage.environment, LB_AUDIT_DIR: folder };
  // Before the product ever ran here somebody took a member out by hand.
  for (const node of stage.nodes) await askNode(node.socket, `disable server ${SERVICE}/${TARGET}`);
  server = startLb(['serve'], environment);
  await vi.waitFor(() => expect(server.output()).toContain('"Serving"'), { timeout: 15_000 });
});
afterAll(async () => {
  server.kill('SIGKILL');
  await server.exited;
  await stage.stop();
});

async function lb(...args: readonly string[]) {
  const run = startLb(args, environment);
  const code = await run.exited;
  return { code, out: run.output() };
}

const port = () => /"healthPort":(\d+)/.exec(server.output())?.[1];
const scraped = async () => (await fetch(`http://127.0.0.1:${port()}/metrics`)).text();

describe('a product that finds an empty store', () => {
  it('tells the channel who is out without a change on record, and how to take it over', async () => {
    await expect
      .poll(() => stage.channelText(), { timeout: 15_000 })
      .toContain('out with no change on record');
    expect(stage.channelText()).toContain(`${TARGET} (on ha-1, ha-2)`);
  });

  it('puts it on record for whoever disables it again, and writes nothing', async () => {
    await stage.type(`disable ${SERVICE} ${TARGET}`);
    await stage.change('done');
    for (const proxy of stage.proxies) expect(proxy.writes).toEqual([]);
    const holds = await stage.records.holds.ofPool('ha-1', SERVICE);
    expect(holds).toEqual([expect.objectContaining({ member: TARGET, actor: REQUESTER })]);
  });
});

describe('/metrics of a process', () => {
  it('tells what was done and how things stand', async () => {
    await ask(stage, 'enable');
    await stage.click('change.approve', REQUESTER);
    await stage.click('change.approve');
    await stage.change('done');
    const text = await scraped();
    for (const line of [
      'lb_changes_total{environment="production",verb="disable",state="done"} 1',
      'lb_changes_total{environment="production",verb="enable",state="done"} 1',
      'lb_approvals_total{environment="production",result="refused"} 1',
      'lb_approvals_total{environment="production",result="given"} 1',
      'lb_apply_seconds_count{environment="production"} 1',
      'lb_plan_seconds_count{environment="production"} 2',
      `lb_members_out{service="${SERVICE}"} 0`,
      'lb_queue_waiting{queue="q-lane-web"} 0',
      'lb_lane_oldest_seconds{lane="web"} 0',
      'lb_redis_up 1',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    expect(text).toMatch(/^lb_device_seen_age_seconds\{balancer="ha-1"\} \d/m);
    expect(text).toMatch(/^lb_build_info\{version="\d+\.\d+\.\d+",node="v\d+/m);
    // No name of a member, a person or a change stands in a label.
    expect(text).not.toMatch(/192\.168|U0REQUEST/);
  });
});

describe('the audit log in files', () => {
  const files = () => readdirSync(folder).map((name) => join(folder, name));

  it('is copied while the product runs, and joins what is in Redis', async () => {
    const { entries } = await stage.records.audit.readAll();
    await expect
      .poll(() => files().map((path) => readFileSync(path, 'utf8').split('\n').length - 1), {
        timeout: 15_000,
      })
      .toEqual([entries.length]);
    const { code, out } = await lb('audit', 'verify', '--live', ...files());
    expect(out).toMatch(/entries 1 to \d+, not closed yet/);
    expect(out).toContain(`The audit chain is whole: entries 1 to ${entries.length}, head signed.`);
    expect(code).toBe(0);
  });

  it('is not proven by an open file alone', async () => {
    const { code, out } = await lb('audit', 'verify', ...files());
    expect(out).toContain('it has no signed end');
    expect(code).toBe(1);
  });

  it('is exported with a signed end, which is proven without Redis', async () => {
    const path = join(stage.directory, 'export.jsonl');
    expect(await lb('audit', 'export', '--to', path)).toMatchObject({ code: 0 });
    const offline = { ...environment, REDIS_URL: '' };
    const run = startLb(['audit', 'verify', path], offline);
    expect(await run.exited).toBe(0);
    expect(run.output()).toMatch(/export.jsonl: entries 1 to \d+, whole and signed\.\nThe audit/);
    expect((await lb('audit', 'export', '--to', path)).out).toContain('such a file already');
  });

  it('is exported from an entry on; the parts are proven together, and one alone from there', async () => {
    const parts = join(stage.directory, 'parts');
    mkdirSync(parts);
    const [all, rest] = [join(parts, 'all.jsonl'), join(parts, 'rest.jsonl')];
    await lb('audit', 'export', '--to', all);
    await lb('audit', 'export', '--from', '4', '--to', rest);
    expect((await lb('audit', 'verify', rest)).out).toContain('entries 1 to 3 are missing');
    expect((await lb('audit', 'verify', '--from', '4', rest)).code).toBe(0);
    expect((await lb('audit', 'verify', all, rest)).code).toBe(0);
    expect((await lb('audit', 'export', '--from', '9999')).out).toContain('There is no entry 9999');
  });

  it.each([
    ['a word of an entry', (text: string) => text.replace('U0REQUEST', 'U0SOMEONE'), 'was altered'],
    ['a line less', (text: string) => text.split('\n').toSpliced(2, 1).join('\n'), 'is missing'],
    [
      'its last entries cut off',
      (text: string) => `${text.split('\n').slice(0, -4).join('\n')}\n`,
      'no signed end',
    ],
    ['half a line at its end', (text: string) => text.slice(0, -30), 'cut off behind'],
    ['a line behind its end', (text: string) => `${text}{}\n`, 'stands behind the signed end'],
    ['something else in it', () => 'hello\n', 'neither an entry nor the signed end'],
  ])('shows that a file has %s', async (_what, damage, words) => {
    const path = join(stage.directory, 'damaged.jsonl');
    const { out } = await lb('audit', 'export');
    writeFileSync(path, damage(out));
    const verified = await lb('audit', 'verify', path);
    expect(verified.out).toContain(words);
    expect(verified.code).toBe(1);
  });

  it('is neither exported nor called whole when it was altered in Redis', async () => {
    const entries = '{lb}:audit:entries';
    const text = (await stage.redis.client.lindex(entries, 1)) ?? '';
    await stage.redis.client.lset(entries, 1, text.replace('U0REQUEST', 'U0SOMEONE'));
    const path = join(stage.directory, 'never.jsonl');
    const { code, out } = await lb('audit', 'export', '--to', path);
    expect(out).toMatch(/entry 2 was altered\.\nNothing was written/);
    expect(code).toBe(1);
    expect(readdirSync(stage.directory)).not.toContain('never.jsonl');
    expect((await lb('audit', 'verify')).code).toBe(1);
    await stage.redis.client.lset(entries, 1, text);
    expect((await lb('audit', 'verify')).code).toBe(0);
  });

  it.each([
    ['no action', [], 'Say `verify` or `export`.'],
    ['a number that is none', ['verify', '--from', 'x'], '--from is the number of an entry.'],
    ['an unknown flag', ['verify', '--fast'], '--fast'],
    ['a file to export', ['export', 'a.jsonl'], '`export` takes --from and --to.'],
    ['a file that is not there', ['verify', '/nowhere.jsonl'], 'Reading /nowhere.jsonl: ENOENT'],
  ])('is asked for with words that are understood: %s', async (_what, args, words) => {
    const { code, out } = await lb('audit', ...args);
    expect(out).toContain(words);
    expect(code).toBe(2);
  });

  it('needs files for what is to leave Redis', async () => {
    const { LB_AUDIT_DIR: _none, ...without } = environment;
    const run = startLb(['serve', '--role', 'worker'], { ...without, LB_AUDIT_KEEP: '10' });
    expect(await run.exited).toBe(2);
    expect(run.output()).toContain('LB_AUDIT_KEEP needs LB_AUDIT_DIR');
  });
});

describe('a Redis that loses what it is given', () => {
  it('is refused at the start, in one line; one without an append-only file is warned of', async () => {
    const { client } = stage.redis;
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const refused = await lb('serve', '--role', 'worker');
    expect(refused).toEqual({
      code: 1,
      out: 'lb: Redis evicts by allkeys-lru: jobs and approvals can vanish. Set maxmemory-policy noeviction.\n',
    });
    await client.config('SET', 'maxmemory-policy', 'noeviction');
    await client.config('SET', 'appendonly', 'no');
    const warned = startLb(['serve', '--role', 'worker'], environment);
    await expect.poll(() => warned.output(), { timeout: 15_000 }).toContain('"Serving"');
    expect(warned.output()).toContain('keeps no append-only file');
    warned.kill('SIGTERM');
    expect(await warned.exited).toBe(0);
  });
});
