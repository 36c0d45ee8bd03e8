import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../lab/until.ts';
import { letGo, putGate, writesOn } from '../lab/write-gate.ts';
import {
  BACKUP,
  DISABLE,
  type DirectorPair,
  MASTER,
  openDirectorPair,
  PAIR,
  PATIENCE_MS,
} from '../stage/director-pair.ts';
import { SERVICE } from '../stage/inventory.ts';
import { became, cardText, idIn, typed } from './acting.ts';

let pair: DirectorPair;
beforeAll(async () => {
  pair = await openDirectorPair();
}, 90_000);
beforeEach(() => pair.reset(), 60_000);
afterAll(() => pair?.stop(), 90_000);

const weights = async () => [await pair.weight(MASTER), await pair.weight(BACKUP)];
const begin = async (text = DISABLE) => idIn(await typed(pair.stage, text));
type Ending = Parameters<typeof became>[2];
const becomes = (id: string, state: Ending) => became(pair.stage, id, state, PATIENCE_MS);

describe('a change of two directors', () => {
  it('is made although the roles swap between the two writes, and that is said', async () => {
    const id = await pair.heldChange(BACKUP, 'after');
    expect(await weights()).toEqual([3, 0]);
    await pair.director(MASTER).ask('kill $(cat /run/keepalived.pid /run/keepalived/*.pid)');
    await until('the takeover', 10_000, async () => {
      const { stdout } = await pair.director(BACKUP).run('ip -4 -o addr show eth0');
      return stdout.includes('192.168.100.11/');
    });
    await letGo(pair.director(BACKUP));
    const record = await becomes(id, 'done');
    expect(record.outcome?.remarks.join()).toContain(
      `The roles swapped during the change: ${BACKUP} is MASTER of ${PAIR}`,
    );
    await expect.poll(() => cardText(pair.stage, id)).toContain('roles swapped during the change');
    expect(await weights()).toEqual([0, 0]);
  }, 180_000);

  it('of which one is frozen is unknown until it is woken, and then what that one did counts', async () => {
    const id = await pair.heldChange(MASTER, 'before');
    pair.director(MASTER).freeze();
    const unknown = await becomes(id, 'unknown');
    expect(unknown.outcome?.steps.map(({ result }) => result)).toEqual(['verified', 'unknown']);
    pair.director(MASTER).thaw();
    await letGo(pair.director(MASTER));
    await becomes(id, 'done');
    expect(await weights()).toEqual([0, 0]);
    expect(await writesOn(pair.director(MASTER))).toHaveLength(1);
  }, 120_000);

  it('of which the second dies with the write in its hands puts the first back once that is certain', async () => {
    const id = await pair.heldChange(MASTER, 'before');
    await pair.director(MASTER).kill();
    await becomes(id, 'unknown');
    // As long as nobody knows what the second did, the first stays as it is.
    expect(await pair.weight(BACKUP)).toBe(0);
    await pair.director(MASTER).boot();
    const record = await becomes(id, 'failed');
    expect(record.outcome?.steps.map(({ result }) => result)).toEqual(['put back', 'failed']);
    expect(await weights()).toEqual([3, 3]);
  }, 150_000);

  it('of which one is down goes to the other only by its name, and is shown when it is back', async () => {
    await pair.director(MASTER).kill();
    const refused = await becomes(await begin(), 'refused');
    expect(refused.fault?.message).toContain(MASTER);
    expect(await pair.weight(BACKUP)).toBe(3);

    const record = await pair.change(`${DISABLE} on ${BACKUP}`, 'done');
    const { id } = record;
    expect(await pair.weight(BACKUP)).toBe(0);
    const warned = record.plan?.warnings.map(({ text }) => text).join(' ');
    expect(warned).toContain(`${MASTER} does not answer and is left out: pair ${PAIR} differs`);
    expect(warned).toContain('is its own word alone.');
    await typed(pair.stage, `status ${SERVICE}`);
    await expect
      .poll(() => pair.stage.whispers(), { timeout: 20_000 })
      .toContain(`not on *${MASTER}*, which does not answer.`);

    await pair.director(MASTER).boot();
    await putGate(pair.director(MASTER));
    await expect
      .poll(() => pair.stage.channelText(), { timeout: PATIENCE_MS })
      .toContain(`${MASTER} answers again, and pair ${PAIR} differs`);
    expect(await pair.weight(MASTER)).toBe(3);
    const { entries } = await pair.stage.records.audit.readAll();
    expect(entries.some(({ kind, changeId }) => kind === 'pair-differs' && changeId === id)).toBe(
      true,
    );

    await pair.change(`${DISABLE} on ${MASTER}`, 'done');
    expect(await weights()).toEqual([0, 0]);
    await expect.poll(() => pair.stage.records.gaps.all(), { timeout: 20_000 }).toEqual([]);
  }, 180_000);

  it('with two masters is not written to, and it says what each said', async () => {
    await pair.lab.separate(true);
    await until('the split brain', 20_000, async () => {
      const { stdout } = await pair.director(BACKUP).run('ip -4 -o addr show eth0');
      return stdout.includes('192.168.100.11/');
    });
    const { fault } = await becomes(await begin(), 'refused');
    expect(fault).toMatchObject({ code: 'ROLES_UNKNOWN' });
    expect(fault?.message).toContain('2 say they are');
    expect(fault?.message).toContain('lvs-2: keepalived says MASTER, it has 192.168.100.11');
    expect(await weights()).toEqual([3, 3]);
    expect(await writesOn(pair.director(MASTER))).toEqual([]);
  }, 120_000);
});
