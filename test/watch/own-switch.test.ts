import { describe, expect, it } from 'vitest';
import type { ChangeRecord } from '../../src/domain/change.ts';
import type { WorkerContext } from '../../src/operations/context.ts';
import type { OwnSwitch } from '../../src/watch/observation.ts';
import { ourPart } from '../../src/watch/own-work.ts';
import { changeRecord, plan, step } from '../fakes/samples.ts';
import { EDGE, factOf, line, lookOf, rounds, type Seen, silence, story } from './scenes.ts';

const T = 1_000_000;
const MASTER: Seen = { state: 2, priority: 100 };
const BACKUP: Seen = { state: 1, priority: 90 };
const at = (seconds: number) => T + 10_000 + seconds * 1_000;
const usual = (node: string) => (node === 'lvs-1' ? MASTER : BACKUP);
/** After a fail-over that was asked for: the old MASTER gives way by its priority. */
const moved = (node: string): Seen =>
  node === 'lvs-1' ? { state: 1, priority: 0, vip: false } : { ...BACKUP, state: 2 };
const asked: OwnSwitch = {
  changeId: 'q7k2m9xt',
  verb: 'failover',
  next: 'lvs-2',
  askedBy: 'U024BE7LH',
  from: at(0),
};
const calm = (switches: readonly OwnSwitch[] = []) => {
  const told = story(EDGE).go(...rounds(EDGE, T, at(0), usual));
  told.switches = switches;
  return told;
};

describe('a fail-over that somebody asked for', () => {
  it('is told once, when all is well, as asked for by whom and in the thread of its change', () => {
    const told = calm([asked]).go(
      line('lvs-2', 1, 'MASTER', at(1)),
      lookOf(EDGE, 'lvs-2', at(1.2), { ...BACKUP, state: 2 }),
    );
    expect(told.shown).toEqual([]);
    told.go(...rounds(EDGE, at(2), at(8), moved));
    const incident = told.only();
    expect(incident).toMatchObject({
      kind: 'failover',
      state: 'over',
      worst: 'info',
      revision: 1,
      changeId: 'q7k2m9xt',
      askedBy: 'U024BE7LH',
    });
    expect(incident.headline).toBe(
      'Fail-over on edge, as was asked for: lvs-1 was MASTER, lvs-2 took over. All is well: the other node stands by.',
    );
    expect(factOf(incident, 'Cause')).toBe('failover was asked for, by change q7k2m9xt');
    expect(told.events.filter(({ changeId }) => changeId === 'q7k2m9xt')).toHaveLength(2);
    told.go(...rounds(EDGE, at(8), at(60), moved));
    expect(told.only().revision).toBe(1);
  });

  it('is an ordinary one when the old node does not come to stand by', () => {
    const told = calm([asked]).go(
      ...rounds(EDGE, at(1), at(30), (node) => (node === 'lvs-1' ? 'silent' : moved(node))),
    );
    expect(told.only()).toMatchObject({ kind: 'failover', state: 'open', worst: 'warning' });
    expect(told.only().changeId).toBeUndefined();
  });

  it('is a split brain all the same when both answer for the VIP', () => {
    const told = calm([asked]).go(
      ...rounds(EDGE, at(1), at(9), (node) => (node === 'lvs-1' ? MASTER : moved(node))),
    );
    expect(told.only()).toMatchObject({ kind: 'split-brain', severity: 'critical' });
    expect(told.only().changeId).toBeUndefined();
  });

  it('says nothing of one that happened before it, after it, or the other way round', () => {
    const long = rounds(EDGE, at(1), at(9), moved);
    for (const other of [
      { ...asked, from: at(8) },
      { ...asked, from: T - 50_000, to: T - 20_000 },
      { ...asked, verb: 'failback', next: 'lvs-1' } as const,
    ]) {
      const told = calm([other]).go(...long);
      expect(told.only().changeId).toBeUndefined();
      expect(told.only()).toMatchObject({ kind: 'failover', state: 'open' });
    }
  });

  it('does not hide that the new MASTER dies right after it', () => {
    const told = calm([{ ...asked, to: at(2) }]).go(
      ...rounds(EDGE, at(1), at(8), moved),
      silence('lvs-2', at(8)),
      ...rounds(EDGE, at(9), at(20), (node) =>
        node === 'lvs-2' ? 'silent' : { state: 2, priority: 0 },
      ),
    );
    expect(told.kinds()).toEqual(['failover', 'failback']);
    expect([...told.incidents.values()].map(({ changeId }) => changeId)).toEqual([
      'q7k2m9xt',
      undefined,
    ]);
  });

  it('counts for no flapping, however often people go to and fro', () => {
    const told = calm();
    for (let turn = 0; turn < 6; turn += 1) {
      const [from, to] = [at(turn * 20), at(turn * 20 + 20)];
      const isOver = turn % 2 === 0;
      const own = { ...asked, changeId: `turn-${turn}`, from, to: from + 1_000 };
      told.switches = [
        isOver ? own : { ...own, verb: 'failback', next: 'lvs-1' },
        ...told.switches,
      ];
      told.go(...rounds(EDGE, from, to, isOver ? moved : usual));
    }
    expect(told.kinds()).toEqual([
      ...['failover', 'failback', 'failover', 'failback', 'failover', 'failback'],
    ]);
    expect([...told.incidents.values()].every(({ changeId }) => changeId !== undefined)).toBe(true);
  });

  it('is known as that by a watcher that was away while it happened', () => {
    const told = calm([{ ...asked, from: at(10), to: at(14) }]).go(
      ...rounds(EDGE, at(120), at(128), moved),
    );
    expect(told.only()).toMatchObject({ changeId: 'q7k2m9xt', state: 'over' });
  });
});

describe('changes that ask for another MASTER', () => {
  const record = (id: string, over: Partial<ChangeRecord>): ChangeRecord => ({
    ...changeRecord(id),
    plan: plan({ verb: 'failover', steps: [step(0, { balancer: 'lvs-1' })] }),
    ...over,
  });
  const NOW = 2_000_000;
  const around = (open: readonly ChangeRecord[], over: readonly ChangeRecord[] = []) =>
    ({
      clock: { now: () => NOW, sleep: async () => {} },
      stores: {
        changes: {
          open: async () => open.map(({ id }) => id),
          get: async (id: string) => open.find((each) => each.id === id),
          recent: async () => over,
        },
        holds: { ofPool: async () => [] },
      },
    }) as unknown as WorkerContext;

  it('count from when they were approved, for the node that is to be it', async () => {
    const { switches } = await ourPart(around([record('running1', { state: 'running' })]), EDGE);
    expect(switches).toEqual([
      expect.objectContaining({ changeId: 'running1', verb: 'failover', next: 'lvs-2' }),
    ]);
    expect(switches[0]?.to).toBeUndefined();
  });

  it('count while they run or were at it lately, and not when nothing was written', async () => {
    const lately = { updatedAt: NOW - 60_000 };
    const found = await ourPart(
      around(
        [record('waits', { state: 'waiting' }), record('approved', { state: 'approved' })],
        [
          record('done', { state: 'done', ...lately }),
          record('put-back', { state: 'failed', ...lately }),
          record('refused', { state: 'refused', ...lately }),
          record('long-ago', { state: 'done', updatedAt: NOW - 3_600_000 }),
        ],
      ),
      EDGE,
    );
    expect(found.switches.map(({ changeId, to }) => `${changeId} ${to}`)).toEqual([
      `done ${NOW - 60_000}`,
      `put-back ${NOW - 60_000}`,
    ]);
  });
});
