import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Lab } from '../lab/lab.ts';
import { VIP } from '../lab/places.ts';
import { useLab } from '../lab/use-lab.ts';
import { itLong } from '../long.ts';
import { SERVICE } from '../stage/inventory.ts';
import { LVS_POOL, lvsSite } from '../stage/lvs-inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { cardText, typed } from './acting.ts';
import { ended, patientLb } from './patience.ts';

const TARGET = '192.168.100.78';
const row = (last: number, weight = 3) =>
  `-a -t ${LVS_POOL} -r 192.168.100.${last}:80 -g -w ${weight}`;
/** The table that an operator expects after `ipvsadm -d`. */
const FOUR = [74, 75, 76, 77].map((last) => row(last));
// A director is a slow machine, on a busy one.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 90_000 });

let lab: Lab;
let stop: () => Promise<void> = async () => {};
beforeAll(async () => {
  ({ lab, stop } = await useLab());
});
afterAll(() => stop());

/** The second reader: root on the director itself. */
async function rows(): Promise<readonly string[]> {
  const saved = await lab.director('lvs-1').ask('ipvsadm -Sn');
  return saved.split('\n').filter((line) => line.startsWith(`-a -t ${LVS_POOL} `));
}

async function done(stage: Stage, text: string) {
  const record = await ended(stage, text);
  expect(record.fault ?? record.state).toBe('done');
  return record;
}

describe.each([
  {
    how: 'by weight, as the product does',
    user: 'root' as const,
    director: '',
    out: [...FOUR, row(78, 0)],
    shell: it,
  },
  {
    how: 'by deleting, as the article does',
    user: 'helper' as const,
    director: 'disable_by: delete, helper: /usr/local/sbin/lb-lvs',
    out: FOUR,
    shell: itLong,
  },
])('a real server is taken out $how', ({ user, director, out, shell }) => {
  let stage: Stage;
  beforeAll(async () => {
    await lab.reset();
    stage = await openStage({ site: lvsSite(lab, { user, director }) });
  });
  afterAll(() => stage.stop());

  it('leaves the table of the article, shown in the channel as the device shows it', async () => {
    expect(await rows()).toEqual([...FOUR, row(78)]);
    const change = await done(stage, `disable ${SERVICE} ${TARGET}`);
    expect(await rows()).toEqual(out);
    expect(change.plan?.warnings.map(({ text }) => text).join()).toContain(
      `${VIP}:7000 on lvs-1 still sends clients to ${TARGET}`,
    );
    await expect.poll(() => cardText(stage, change.id)).toContain('is disabled in');
    // Asked again until the busy director could be read.
    await vi.waitFor(
      async () => {
        await typed(stage, `status ${SERVICE}`);
        expect(stage.whispers()).toMatch(/192\.168\.100\.77:80 +enabled +Route +3 /);
        expect(stage.whispers()).toMatch(/192\.168\.100\.78:80 +disabled +Route +0 /);
      },
      { timeout: 60_000, interval: 3_000 },
    );
  });

  it('comes back with the forwarding and the weight it had', async () => {
    await done(stage, `enable ${SERVICE} ${TARGET}`);
    expect([...(await rows())].sort()).toEqual([...FOUR, row(78)]);
  });

  shell('does the same through a shell', async () => {
    const disabled = await patientLb(stage, 'disable', SERVICE, TARGET, '--wait');
    expect(disabled).toMatchObject({ code: 0 });
    expect(disabled.output).toMatch(
      /192\.168\.100\.78:80 +enabled, weight 3, Route +disabled, weight 0, Route +verified/,
    );
    expect(await rows()).toEqual(out);
    const status = await patientLb(stage, 'status', SERVICE);
    expect(status.output).toMatch(
      /MEMBER +STATE +HEALTH +FORWARD +WEIGHT +ACTIVE +INACTIVE +STICKY/,
    );
    expect(status.output).toMatch(/192\.168\.100\.78:80 +disabled .*0 of 3/);
    expect(await patientLb(stage, 'enable', SERVICE, TARGET, '--wait')).toMatchObject({ code: 0 });
    expect([...(await rows())].sort()).toEqual([...FOUR, row(78)]);
  });
});
