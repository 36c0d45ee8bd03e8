import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { letGo, writesOn } from '../lab/write-gate.ts';
import { itLong } from '../long.ts';
import {
  BACKUP,
  DISABLE,
  type DirectorPair,
  MASTER,
  openDirectorPair,
  PAIR,
  PATIENCE_MS,
  TARGET,
} from '../stage/director-pair.ts';
import { SERVICE } from '../stage/inventory.ts';
import { startLb } from '../stage/worker-process.ts';
import { became } from './acting.ts';

const REQUESTS = 10;

let pair: DirectorPair;
beforeAll(async () => {
  pair = await openDirectorPair();
}, 90_000);
beforeEach(() => pair.reset(), 60_000);
afterAll(() => pair?.stop(), 60_000);

const weights = async () => [await pair.weight(MASTER), await pair.weight(BACKUP)];
const ends = (id: string, state: 'done' | 'unknown') => became(pair.stage, id, state, PATIENCE_MS);

async function requests(): Promise<number> {
  const before = pair.lab.requests().get(TARGET) ?? 0;
  const words = `for n in $(seq ${REQUESTS}); do curl -sf -m 2 http://192.168.100.11/ >/dev/null || exit 1; done`;
  const { code } = await pair.lab.on('client', ['sh', '-c', words], 30_000);
  expect(code).toBe(0);
  return (pair.lab.requests().get(TARGET) ?? 0) - before;
}

async function compared(): Promise<string> {
  const run = startLb(['compare', PAIR], pair.stage.environment);
  await run.exited;
  return run.output();
}

describe('a pair of directors', () => {
  it('is changed alike, the BACKUP first, no client comes any more, and compare sees the rest', async () => {
    expect(await requests()).toBeGreaterThan(0);
    const record = await pair.change(DISABLE, 'done');
    expect(await weights()).toEqual([0, 0]);
    expect(await requests()).toBe(0);
    expect(record.plan?.orderNote).toBe(`${MASTER} is MASTER of ${PAIR} and is changed last.`);
    const { entries } = await pair.stage.records.audit.readAll();
    const steps = entries
      .filter(({ changeId, kind }) => changeId === record.id && /about-to|verified/.test(kind))
      .map(({ kind, detail }) => `${kind} ${detail.balancer}`);
    expect(steps).toEqual([
      `about-to ${BACKUP}`,
      `verified ${BACKUP}`,
      `about-to ${MASTER}`,
      `verified ${MASTER}`,
    ]);
    for (const name of [MASTER, BACKUP] as const) {
      expect(await writesOn(pair.director(name))).toHaveLength(1);
    }

    await pair.change(`enable ${SERVICE} ${TARGET}`, 'done');
    expect(await weights()).toEqual([3, 3]);

    expect(await compared()).toBe('edge is alike on lvs-1 and lvs-2 (pools: 2, members: 10).\n');
    await pair.director(BACKUP).ask(`
ipvsadm -e -t 192.168.100.11:80 -r ${TARGET}:80 -g -w 2
ipvsadm -E -t 192.168.100.11:7000 -s wlc
ipvsadm -d -t 192.168.100.11:7000 -r 192.168.100.74:7000`);
    expect(
      (await compared())
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/ +/g, ' ')),
    ).toEqual([
      'edge: lvs-1 and lvs-2 differ.',
      'POOL MEMBER WHAT lvs-1 lvs-2',
      '192.168.100.11:7000 scheduler rr wlc',
      '192.168.100.11:7000 192.168.100.74:7000 is there yes no',
      '192.168.100.11:80 192.168.100.78:80 weight 3 2',
    ]);
  }, 180_000);

  itLong(
    'whose connection is cut between write and read-back is read again, not written again',
    async () => {
      const id = await pair.heldChange(BACKUP, 'after');
      pair.relay(BACKUP).cut();
      await ends(id, 'unknown');
      await letGo(pair.director(BACKUP));
      pair.relay(BACKUP).mend();
      await ends(id, 'done');
      expect(await weights()).toEqual([0, 0]);
      expect(await writesOn(pair.director(BACKUP))).toHaveLength(1);
      expect(await writesOn(pair.director(MASTER))).toHaveLength(1);
    },
    180_000,
  );
});
