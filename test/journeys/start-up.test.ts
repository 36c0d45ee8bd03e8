import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../stage/stage.ts';
import { startLb, startWorker } from '../stage/worker-process.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ roles: [], nodes: 1 });
});
afterAll(() => stage.stop());

/** Runs `lb serve` with the stage's environment changed, until it gives up. */
async function serve(changes: Record<string, string>, args: readonly string[] = []) {
  const lb = startLb(['serve', ...args], { ...stage.environment, ...changes });
  const code = await lb.exited;
  return { code, output: lb.output().trim(), errors: lb.errors().trim() };
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
});
