import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cleanEnvironment, type LbProcess, startLb } from '../../demo/lb-process.ts';
import { temporaryFolder } from '../../setup/project.ts';

/** What `lb f5-sim --json` promises to print. */
const readyLine = z.strictObject({
  units: z.array(
    z.strictObject({
      url: z.url(),
      role: z.enum(['active', 'standby']),
      name: z.string(),
      hostname: z.string(),
    }),
  ),
  control: z.url(),
  username: z.literal('admin'),
  password: z.string().min(8),
  certificate: z.string().startsWith('-----BEGIN CERTIFICATE-----'),
  fingerprint256: z.string().regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
  simulated: z.literal(true),
});

const start = (...args: readonly string[]) => startLb(['f5-sim', ...args], cleanEnvironment());

async function readyLineOf(lb: LbProcess) {
  await lb.printed('\n');
  expect(lb.out().trim().split('\n')).toHaveLength(1);
  return readyLine.parse(JSON.parse(lb.out()));
}

const state = async (control: string) =>
  (await (await fetch(`${control}/state`)).json()) as { units: { pools: { pool: string }[] }[] };

describe('lb f5-sim', () => {
  it('prints one line for programs and ends when it is told to', async () => {
    const lb = start('--pair', '--json');
    const { units, control } = await readyLineOf(lb);
    expect(units.map(({ role }) => role)).toEqual(['active', 'standby']);
    const [first] = (await state(control)).units;
    expect(first?.pools.map(({ pool }) => pool)).toEqual([
      '/Common/raw_pool',
      '/Common/test.tianya.cn',
      '/Common/v6_pool',
      '/Tenant_A/app_pool',
    ]);
    lb.interrupt('SIGTERM');
    expect(await lb.ended).toBe(0);
    await expect(fetch(`${control}/state`)).rejects.toThrow();
  });

  it('says to people that it is simulated, and where to go', async () => {
    const lb = start('--password', 'horse-staple');
    await lb.printed('Ctrl-C');
    expect(lb.out()).toContain('BIG-IP (SIMULATED): not F5 software');
    expect(lb.out()).toContain('password horse-staple');
    lb.interrupt();
    expect(await lb.ended).toBe(0);
  });

  it('takes pools from a file, and logs requests to one', async () => {
    const folder = temporaryFolder();
    const pools = join(folder, 'pools.yml');
    const log = join(folder, 'log.jsonl');
    writeFileSync(
      pools,
      'pools:\n  - pool: /Common/web\n    members:\n      - 10.0.0.1:80\n      - { member: 10.0.0.2:80, ratio: 3 }\n',
    );
    const lb = start('--pools', pools, '--log', log, '--json');
    const { control } = await readyLineOf(lb);
    expect((await state(control)).units[0]?.pools).toMatchObject([
      { pool: '/Common/web', members: [{}, {}] },
    ]);
    lb.interrupt();
    await lb.ended;
  });

  it.each([
    ['an unknown option', ['--fast'], '--fast'],
    ['a port that is none', ['--port', 'x'], '--port is a whole number'],
    ['a file that is not there', ['--pools', '/nowhere.yml'], 'Reading /nowhere.yml'],
    ['a latency that is none', ['--latency', 'high'], 'none or realistic'],
  ])('ends with its usage for %s', async (_case, args, words) => {
    const lb = start(...args);
    expect(await lb.ended).toBe(2);
    expect(lb.err()).toContain(words);
  });

  it('names every fault of a file of pools', async () => {
    const pools = join(temporaryFolder(), 'pools.yml');
    writeFileSync(pools, 'pools:\n  - pool: web\n    member: []\n');
    const lb = start('--pools', pools);
    expect(await lb.ended).toBe(2);
    for (const words of ['expected /Partition/name', 'member', 'members']) {
      expect(lb.err()).toContain(words);
    }
  });
});
