import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVICE } from '../stage/inventory.ts';
import { isOut, serverState } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { startLb } from '../stage/worker-process.ts';

const TARGET = '192.168.100.78';
let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ roles: [], cookie: 'JSESSIONID' });
});
afterAll(() => stage.stop());

/** In an environment that knows the inventory and nothing else: no Redis, no Slack, no key. */
async function plan(...args: string[]) {
  const run = startLb(['plan', ...args], { LB_INVENTORY: stage.inventoryPath });
  const code = await run.exited;
  return { code, output: run.output() };
}

const out = () => Promise.all(stage.nodes.map((node) => isOut(node.socket, TARGET)));

describe('lb plan --offline', () => {
  it('prints the lines that do it by hand, and sends nothing itself', async () => {
    const { code, output } = await plan('--offline', 'disable', SERVICE, TARGET, 'now');
    expect(output).toContain(`Plan made offline: disable ${SERVICE} ${TARGET} now`);
    expect(output).toContain('MEMBER');
    expect(output).toContain('Nothing was sent, nothing was queued');
    expect(code).toBe(0);
    expect(await out()).toEqual([false, false]);

    const lines = output.split('\n').filter((line) => line.startsWith('  echo '));
    expect(lines).toHaveLength(2);
    for (const line of lines) await promisify(execFile)('bash', ['--norc', '-c', line]);
    expect(await out()).toEqual([true, true]);
  });

  it('says when everything is so already', async () => {
    const { code, output } = await plan('--offline', 'disable', SERVICE, TARGET, 'now');
    expect(code).toBe(0);
    expect(output).toContain(`Nothing to do: ${TARGET} on ha-1, ${TARGET} on ha-2 is so already.`);
  });

  it('brings a member back by hand with all that a plan in stages waits for', async () => {
    const back = await plan('--offline', 'enable', SERVICE, TARGET);
    const [first] = back.output.split('\n').filter((line) => line.startsWith('  echo '));
    expect(first).toContain(`echo "enable server ${SERVICE}/${TARGET}" | socat stdio /`);
    const lines = back.output.split('\n').filter((line) => line.startsWith('  echo '));
    for (const line of lines) await promisify(execFile)('bash', ['--norc', '-c', line]);
    expect(await out()).toEqual([false, false]);

    const staged = await plan('--offline', 'disable', SERVICE, TARGET, 'on', 'ha-1', 'for', '30m');
    expect(staged.output).toMatch(
      /state drain" .*\n {2}# wait until no session is open .*\n {2}echo "disable server .*\n {2}# after 30 min:\n {2}echo "enable server /,
    );
    expect(staged.output).not.toContain('ha-2>');
  });

  it('plans a weight in numbers, and prints JSON when asked', async () => {
    const { code, output } = await plan('--offline', '--json', 'weight', SERVICE, TARGET, '50%');
    expect(code).toBe(0);
    const { weight } = await serverState(stage.nodes[0]?.socket ?? '', TARGET);
    const shown = JSON.parse(output);
    expect(shown.sent).toBe(false);
    expect(shown.byHand[0]).toContain(`set weight ${SERVICE}/${TARGET} ${Math.round(weight / 2)}`);
  });

  it('says loudly what the guard says, and exits with 3', async () => {
    const all = ['74', '75', '76', '77', '78'].map((end) => `192.168.100.${end}`).join(',');
    const { code, output } = await plan('--offline', 'disable', SERVICE, all, 'now');
    expect(code).toBe(3);
    expect(output).toContain('The guard refuses this. The lines below would do it all the same.');
  });

  it.each([
    [['disable', SERVICE, TARGET], 2, 'Only --offline plans without doing'],
    [['--offline', 'status'], 2, 'Only changes are planned, not status.'],
    [['--offline', 'disable', 'test.tianya.cm', TARGET], 2, `Did you mean ${SERVICE}?`],
    [['--offline', 'disable', SERVICE, '10.0.0.1'], 1, 'Nothing was sent.'],
  ])('answers %j with %i', async (args, expected, words) => {
    const { code, output } = await plan(...args);
    expect(output).toContain(words);
    expect(code).toBe(expected);
  });

  it('says of a balancer that does not answer how to plan for the other', async () => {
    await stage.nodes[1]?.stop();
    const both = await plan('--offline', 'disable', SERVICE, TARGET, 'now');
    expect(both.code).toBe(1);
    expect(both.output).toContain('No plan could be made. The device');
    expect(both.output).toContain('"on <balancer>" plans for one. Nothing was sent.');
    const one = await plan('--offline', 'disable', SERVICE, TARGET, 'now', 'on', 'ha-1');
    expect(one.code).toBe(0);
  });
});
