import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { REQUESTER, SERVICE } from '../stage/inventory.ts';
import { isOut } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { startLb, startWorker } from '../stage/worker-process.ts';

const TARGET = '192.168.100.78';
/** A process starts slowly on a machine that is busy with other tests. */
const LONG = { timeout: 40_000 };

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ roles: [], nodes: 1, breakGlass: [REQUESTER] });
});
afterAll(() => stage.stop());

/** Runs `lb serve` with the stage's environment changed, until it gives up. */
async function serve(changes: Record<string, string>, args: readonly string[] = []) {
  const lb = startLb(['serve', ...args], { ...stage.environment, ...changes });
  const code = await lb.exited;
  return { code, output: lb.output().trim(), errors: lb.errors().trim() };
}

/** `lb …`, which does not outlive its test. */
function started(args: readonly string[], environment: Record<string, string>) {
  const lb = startLb(args, environment);
  onTestFinished(() => lb.kill('SIGKILL'));
  return lb;
}

const lines = (text: string) => text.split('\n').filter(Boolean);

describe('lb serve that cannot start', () => {
  it('names every missing variable at once and exits with 2', async () => {
    const { code, output } = await serve({ SLACK_BOT_TOKEN: '', LB_SIGNING_KEY: '' });
    expect(code).toBe(2);
    expect(output).toContain('SLACK_BOT_TOKEN');
    expect(output).toContain('LB_SIGNING_KEY');
    expect(output).not.toContain('    at ');
  });

  it('says in one line that Slack refuses the token, without showing it', async () => {
    const { code, output, errors } = await serve({ SLACK_BOT_TOKEN: 'xoxb-wrong-token' });
    expect(code).toBe(1);
    expect(lines(errors)).toHaveLength(1);
    expect(output).toContain('invalid_auth');
    expect(output).not.toContain('xoxb-wrong-token');
  });

  it('says in one line that Slack refuses the app token', async () => {
    const { code, output, errors } = await serve({ SLACK_APP_TOKEN: 'xapp-wrong-token' });
    expect(code).toBe(1);
    expect(lines(errors)).toHaveLength(1);
    expect(output).not.toContain('    at ');
  });

  it('says in one line that Redis is not there', async () => {
    const { code, output, errors } = await serve({ REDIS_URL: 'unix:///nowhere/redis.sock' });
    expect(code).toBe(1);
    expect(lines(errors)).toHaveLength(1);
    expect(output).toContain('Redis');
  });

  it('says in one line that the port is taken', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const { code, output, errors } = await serve({ LB_HTTP_PORT: String(port) });
    server.close();
    expect(code).toBe(1);
    expect(lines(errors)).toHaveLength(1);
    expect(output).toContain(String(port));
  });

  it('reports ten mistakes of an inventory in one go and exits with 2', async () => {
    const path = join(stage.directory, 'ten.yml');
    writeFileSync(
      path,
      `environments:
  production:
    roles: { operators: [maya], approver: [U0APPROVE] }
    approval: { required: 1, expires: soon }
    guard: { min_available: 150% }
balancers:
  ha-1: { kind: haproxy, socket: run/haproxy.sock }
  ha-2: { kind: nginx, socket: /run/haproxy.sock }
pairs:
  web: { nodes: [ha-1, ha-9] }
services:
  shop:
    environment: prodution
    channel: ops
    pools:
      - { on: nowhere, backend: "a;b" }
`,
    );
    const { code, output } = await serve({ LB_INVENTORY: path });
    expect(code).toBe(2);
    expect(lines(output).length).toBeGreaterThanOrEqual(10);
    for (const word of [
      'maya',
      'approver',
      'soon',
      '150%',
      'run/haproxy.sock',
      'nginx',
      'ha-9',
      'prodution',
      'nowhere',
      'a;b',
    ]) {
      expect(output).toContain(word);
    }
  });

  it('refuses a role it does not know', async () => {
    const { code, output } = await serve({}, ['--role', 'wizard']);
    expect(code).toBe(2);
    expect(output).toContain('wizard');
  });
});

describe('lb serve while Slack is away', () => {
  it('starts without, does what is asked by break-glass, and listens when Slack is back', async () => {
    stage.slack.human.fault({ method: '*', status: 503, times: 1_000_000 });
    const lb = started(['serve'], stage.environment);
    await expect.poll(() => /"healthPort":(\d+)/.exec(lb.output())?.[1], LONG).toBeDefined();
    const port = /"healthPort":(\d+)/.exec(lb.output())?.[1];
    const ready = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
      return { status: answer.status, text: await answer.text() };
    };
    expect(await ready()).toMatchObject({
      status: 503,
      text: expect.stringContaining('Slack is not connected'),
    });
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    const words = `disable ${SERVICE} ${TARGET} break glass because Slack is away`.split(' ');
    expect(await started(words, stage.environment).exited).toBe(0);
    expect(await isOut(stage.nodes[0]?.socket ?? '', TARGET)).toBe(true);

    stage.slack.human.fault({ clear: true });
    await expect.poll(async () => (await ready()).status, LONG).toBe(200);
    await stage.type('whoami');
    await expect.poll(() => stage.whispers()).toContain(REQUESTER);
    await expect.poll(() => stage.channelText(), { timeout: 40_000 }).toContain('Slack is away');
    lb.kill('SIGTERM');
    expect(await lb.exited).toBe(0);
  });

  it('stops at once while it still tries, and ends when Slack refuses it after all', async () => {
    stage.slack.human.fault({ method: '*', status: 503, times: 1_000_000 });
    const stopped = started(['serve'], stage.environment);
    await expect.poll(() => stopped.output(), LONG).toContain('"Serving"');
    stopped.kill('SIGTERM');
    expect(await stopped.exited).toBe(0);

    const refused = started(['serve'], {
      ...stage.environment,
      SLACK_BOT_TOKEN: 'xoxb-wrong-token',
    });
    await expect.poll(() => refused.output(), LONG).toContain('"Serving"');
    stage.slack.human.fault({ clear: true });
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toContain('invalid_auth');
    expect(refused.output()).not.toContain('xoxb-wrong-token');
  });
});

describe('lb serve that runs', () => {
  it('answers /healthz and /readyz, and stops cleanly at SIGTERM', async () => {
    const worker = await startWorker(stage.environment);
    const port = /"healthPort":(\d+)/.exec(worker.output())?.[1];
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    worker.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
    expect(worker.output()).toContain('Stopped');
    for (const secret of ['xoxb-local', stage.environment.LB_SIGNING_KEY ?? '-']) {
      expect(worker.output()).not.toContain(secret);
    }
  });

  it('stops at SIGTERM also when Redis is gone', async () => {
    const lb = started(['serve'], stage.environment);
    await expect.poll(() => lb.output(), LONG).toContain('"Serving"');
    await stage.redis.kill();
    await expect.poll(() => lb.output(), LONG).toMatch(/Redis/);
    lb.kill('SIGTERM');
    const given = new Promise((done) => setTimeout(() => done('it did not end'), 30_000).unref());
    const end = await Promise.race([lb.exited, given]);
    expect(end).toBe(0);
    expect(lb.output()).toContain('Stopped');
  });
});
