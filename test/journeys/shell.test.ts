import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APPROVER, SERVICE } from '../stage/inventory.ts';
import { isOut } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { startLb } from '../stage/worker-process.ts';

const TARGET = '192.168.100.78';
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.stop());

async function lb(...args: string[]) {
  const run = startLb(args, stage.environment);
  const code = await run.exited;
  return { code, output: run.output() };
}

describe('lb in a shell', () => {
  it('shows the members as a table and exits with 0', async () => {
    const { code, output } = await lb('status', SERVICE);
    expect(code).toBe(0);
    expect(output).toContain('MEMBER');
    expect(output).toContain(TARGET);
  });

  it('gives usage with the nearest name and exit code 2 for a mistyped service or verb', async () => {
    const service = await lb('disable', 'test.tianya.cm', TARGET);
    expect(service.code).toBe(2);
    expect(service.output).toContain(SERVICE);
    const verb = await lb('disabel', SERVICE, TARGET);
    expect(verb.code).toBe(2);
    expect(verb.output).toContain('disable');
    expect(await stage.records.changes.recent(5)).toEqual([]);
  });

  it('leaves a change waiting for approval with exit code 4, its card in the channel', async () => {
    const { code, output } = await lb('disable', SERVICE, TARGET, 'because', 'a', 'test');
    expect(code).toBe(4);
    expect(output).toContain(`disable server ${SERVICE}/${TARGET}`);
    await expect.poll(() => stage.channelText()).toContain('change.approve');
  });

  it('does not let the shell approve', async () => {
    const record = await stage.change('waiting');
    const digest = record.plan?.digest.slice(0, 4) ?? '';
    const { code, output } = await lb('approve', record.id, digest);
    expect(code).toBe(3);
    expect(output).toContain('Slack only');
    expect((await stage.records.changes.get(record.id))?.state).toBe('waiting');
  });

  it('waits for the outcome with --wait and prints it, as JSON when asked', async () => {
    const { id } = await stage.change('waiting');
    await lb('cancel', id);
    expect((await stage.records.changes.get(id))?.state).toBe('cancelled');
    const run = startLb(['disable', SERVICE, TARGET, '--wait', '--json'], stage.environment);
    await expect
      .poll(async () => (await stage.records.changes.recent(1))[0]?.state, { timeout: 10_000 })
      .toBe('waiting');
    await expect.poll(() => stage.channelText()).toContain('change.approve');
    await stage.click('change.approve', APPROVER);
    expect(await run.exited).toBe(0);
    const record = JSON.parse(run.output()) as { state: string };
    expect(record.state).toBe('done');
    expect(run.output()).not.toContain('"mac"');
    for (const node of stage.nodes) expect(await isOut(node.socket, TARGET)).toBe(true);
  });

  it('exits with 3 when the guard refuses, and says why', async () => {
    const others = ['74', '75', '76'].map((end) => `192.168.100.${end}`).join(',');
    const { code, output } = await lb('disable', SERVICE, others);
    expect(code).toBe(3);
    expect(output).toMatch(/at least 3 are needed/);
  });

  it('verifies the audit chain, and says where it was altered', async () => {
    const whole = await lb('audit', 'verify');
    expect(whole.code).toBe(0);
    expect(whole.output).toContain('whole');
    const entry = JSON.parse((await stage.redis.client.lindex('{lb}:audit:entries', 2)) ?? '{}');
    await stage.redis.client.lset(
      '{lb}:audit:entries',
      2,
      JSON.stringify({ ...entry, actor: 'U0SOMEBODY' }),
    );
    const broken = await lb('audit', 'verify');
    expect(broken.code).toBe(1);
    expect(broken.output).toContain('entry 3 was altered');
  });
});
