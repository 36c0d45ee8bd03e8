import { availableParallelism, loadavg } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeRecord, ChangeState } from '../../src/domain/change.ts';
import { isOpen } from '../../src/domain/change.ts';
import { VIP } from '../lab/places.ts';
import { writesOn } from '../lab/write-gate.ts';
import {
  BACKUP,
  type DirectorPair,
  MASTER,
  openDirectorPair,
  PAIR,
  TARGET,
} from '../stage/director-pair.ts';
import { CHANNEL, REQUESTER, SERVICE } from '../stage/inventory.ts';
import { idIn, typed } from './acting.ts';

const COUNT = 50;
const PORTS = Array.from({ length: COUNT }, (_, index) => 9_001 + index);
const SERVERS = ['192.168.100.74', '192.168.100.75', TARGET];
/** Real servers listen on port 80 alone: the directors translate. */
const RULES = PORTS.flatMap((port) => [
  `-A -t ${VIP}:${port} -s rr`,
  ...SERVERS.map((address) => `-a -t ${VIP}:${port} -r ${address}:80 -m -w 3`),
]);
const SERVICES = PORTS.map(
  (port) => `  s${port}:
    environment: production
    channel: ${CHANNEL}
    members: [${SERVERS.map((address) => `"${address}:80"`).join(', ')}]
    pools: [{ on: ${PAIR}, vip: "${VIP}:${port}" }]
`,
).join('');

let pair: DirectorPair;
beforeAll(async () => {
  pair = await openDirectorPair({ services: SERVICES });
  for (const name of [MASTER, BACKUP] as const) {
    await pair.director(name).ask(`ipvsadm -R <<'END'\n${RULES.join('\n')}\nEND`);
  }
}, 120_000);
afterAll(() => pair?.stop(), 120_000);

async function weightsOf(name: typeof MASTER, port: number): Promise<readonly string[]> {
  const saved = await pair.director(name).ask('/usr/sbin/ipvsadm -Sn');
  return [...saved.matchAll(new RegExp(`^-a -t ${VIP}:${port} -r (\\S+) -m -w (\\d+)$`, 'gm'))].map(
    ([, server = '', weight = '']) => `${server} ${weight}`,
  );
}

/** Who else wants the processors of this machine, for each of them: from there on a director is not to blame. */
const BUSY_FROM = 3;
const isMachineBusy = () => (loadavg()[0] ?? 0) > BUSY_FROM * availableParallelism();

/** Nothing was written, because a director did not get to answer on a machine that is busy with other things. */
const isTooBusy = ({ state, fault }: ChangeRecord) =>
  state === 'refused' && /stopped before an answer|no answer within/.test(fault?.message ?? '');

/** Asks for all of them at once, and again, as people would, for those that a busy machine kept from being read. */
async function allDone(commands: readonly string[]): Promise<readonly ChangeRecord[]> {
  const done: ChangeRecord[] = [];
  let asked = commands;
  let again = 0;
  const begun = Date.now();
  // Only then: where there is nothing else to do, each is done the first time.
  const mayAskAgain = isMachineBusy();
  while (asked.length > 0) {
    const ids = await Promise.all(asked.map(async (text) => idIn(await typed(pair.stage, text))));
    await over(ids);
    const records = await Promise.all(ids.map((id) => pair.stage.records.changes.get(id)));
    const left: string[] = [];
    for (const [index, record] of records.entries()) {
      const text = asked[index];
      if (record === undefined || text === undefined) throw new Error(`${ids[index]} is gone.`);
      if (mayAskAgain && isTooBusy(record)) left.push(text);
      else done.push(record);
    }
    again += left.length;
    asked = left;
  }
  const seconds = (Date.now() - begun) / 1_000;
  process.stdout.write(
    `${commands.length} changes on one pair: ${seconds} s, ${again} asked again\n`,
  );
  return done;
}

async function over(ids: readonly string[]): Promise<ReadonlyMap<string, ChangeState>> {
  // A director of the lab takes half a second for an answer, and on a busy machine many times that.
  const end = Date.now() + 580_000;
  for (;;) {
    const records = await Promise.all(ids.map((id) => pair.stage.records.changes.get(id)));
    const isOver = records.every((record) => record !== undefined && !isOpen(record.state));
    if (isOver)
      return new Map(records.map((record, at) => [ids[at] ?? '', record?.state ?? 'failed']));
    if (Date.now() > end) {
      throw new Error(`Still open: ${records.map((record) => record?.state).join()}`);
    }
    await new Promise((wake) => setTimeout(wake, 250));
  }
}

describe('many changes of one pair', () => {
  it('of fifty services asked at once are all made, in order, none lost and none twice', async () => {
    const records = await allDone(PORTS.map((port) => `disable s${port} ${TARGET}`));
    expect(records.flatMap(({ fault }) => fault?.message ?? [])).toEqual([]);
    expect(new Set(records.map(({ state }) => state))).toEqual(new Set(['done']));
    expect(records).toHaveLength(COUNT);
    const expected = [...SERVERS.slice(0, 2).map((each) => `${each}:80 3`), `${TARGET}:80 0`];
    for (const port of PORTS) {
      expect(await weightsOf(MASTER, port)).toEqual(expected);
      expect(await weightsOf(BACKUP, port)).toEqual(expected);
    }
    // Each change once on each director, and on both in the order in which they became runnable.
    const inOrder = [...records]
      .sort((a, b) => (a.approval?.sequence ?? 0) - (b.approval?.sequence ?? 0))
      .map((record) => `-e -t ${record.plan?.steps[0]?.pool} -r ${TARGET}:80 -m -w 0`);
    for (const name of [BACKUP, MASTER] as const) {
      expect(await writesOn(pair.director(name))).toEqual(inOrder);
    }
  }, 600_000);

  it('of the last members asked twenty times at once never leave fewer than the guard wants', async () => {
    const members = ['74', '75', '76', '77', '78'].map((end) => `192.168.100.${end}`);
    const ids = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const user = index % 2 === 0 ? REQUESTER : 'U0APPROVE';
        const words = await typed(pair.stage, `disable ${SERVICE} ${members[index % 5]}`, { user });
        return /Change `/.test(words) ? idIn(words) : undefined;
      }),
    );
    await over(ids.filter((id) => id !== undefined));
    for (const name of [MASTER, BACKUP] as const) {
      const saved = await pair.director(name).ask('/usr/sbin/ipvsadm -Sn');
      const left = [...saved.matchAll(new RegExp(`^-a -t ${VIP}:80 .* -w [1-9]\\d*$`, 'gm'))];
      expect(left).toHaveLength(3);
    }
  }, 600_000);
});
