import { describe, expect, it } from 'vitest';
import { EDGE, factOf, line, lookOf, rounds, type Seen, silence, story, WEB } from './scenes.ts';

const MASTER: Seen = { state: 2, priority: 100 };
const BACKUP: Seen = { state: 1, priority: 90 };
const usual = (node: string) => (node === 'lvs-1' ? MASTER : BACKUP);
const T = 1_000_000;
const calm = () => story(EDGE).go(...rounds(EDGE, T, T + 10_000, usual));
const at = (seconds: number) => T + 10_000 + seconds * 1_000;

describe('a pair that is well', () => {
  it('is nothing to tell', () => {
    const told = calm();
    expect(told.shown).toEqual([]);
    expect(told.events).toEqual([]);
    expect(told.scene.vrrp).toMatchObject({ master: 'lvs-1', usual: 'lvs-1' });
  });
});

describe('keepalived stopped on the MASTER', () => {
  const stopped = (node: string): Seen =>
    node === 'lvs-1' ? { state: 'gone', vip: false } : { ...BACKUP, state: 2 };

  it('is one fail-over, with old and new master, why, and a time that contains the true one', () => {
    const told = calm().go(...rounds(EDGE, at(0), at(6), stopped));
    const incident = told.only();
    expect(incident).toMatchObject({ kind: 'failover', state: 'open', severity: 'warning' });
    expect(incident.headline).toContain('lvs-1 was MASTER, lvs-2 took over');
    expect(factOf(incident, 'Old master')).toBe('lvs-1');
    expect(factOf(incident, 'New master')).toBe('lvs-2');
    expect(factOf(incident, 'Cause')).toContain('keepalived on lvs-1 does not run');
    expect(factOf(incident, 'Without a master')).toMatch(/^between 0\.0 s and 2\.8 s/);
  });

  it('is told at the first look at the new MASTER, before the old one was asked', () => {
    const told = calm().go(lookOf(EDGE, 'lvs-2', at(0.5), { ...BACKUP, state: 2 }));
    expect(told.only()).toMatchObject({ kind: 'failover' });
    expect(told.only().headline).toBe('Fail-over on edge: lvs-1 was MASTER, lvs-2 took over.');
  });

  it('is over when the old master stands by again, and keeps why it was', () => {
    const back = (node: string): Seen =>
      node === 'lvs-2' ? { ...BACKUP, state: 2 } : { ...MASTER, state: 1 };
    const told = calm().go(
      ...rounds(EDGE, at(0), at(6), stopped),
      ...rounds(EDGE, at(6), at(20), back),
    );
    const incident = told.only();
    expect(incident).toMatchObject({
      kind: 'failover',
      state: 'over',
      severity: 'info',
      worst: 'warning',
    });
    expect(factOf(incident, 'Cause')).toContain('does not run');
    expect(told.scene.vrrp).toMatchObject({ master: 'lvs-2', usual: 'lvs-1' });
  });

  it('is the cause also when the node was too slow to say so at first', () => {
    const told = calm().go(
      silence('lvs-1', at(0)),
      lookOf(EDGE, 'lvs-2', at(1), { ...BACKUP, state: 2 }),
    );
    expect(factOf(told.only(), 'Cause')).toContain('lvs-1 does not answer');
    told.go(...rounds(EDGE, at(2), at(4), stopped));
    expect(factOf(told.only(), 'Cause')).toContain('keepalived on lvs-1 does not run');
  });

  it('is not the cause when the machine was started anew and keepalived only comes after', () => {
    const told = calm().go(
      silence('lvs-1', at(0)),
      lookOf(EDGE, 'lvs-2', at(1), { ...BACKUP, state: 2 }),
      lookOf(EDGE, 'lvs-1', at(40), { state: 'gone', vip: false, bootedAt: at(30) }),
    );
    expect(factOf(told.only(), 'Cause')).toBe(
      'lvs-1 was started anew since: it lost its power, or was rebooted',
    );
  });

  it('stays one incident when the old master takes over again at once', () => {
    const told = calm().go(
      ...rounds(EDGE, at(0), at(6), stopped),
      ...rounds(EDGE, at(6), at(24), usual),
    );
    expect(told.only()).toMatchObject({ kind: 'failover', state: 'over' });
    expect(told.only().headline).toContain('lvs-1 is MASTER again');
  });

  it('and back another day is a fail-back of its own', () => {
    const back = (node: string): Seen =>
      node === 'lvs-2' ? { ...BACKUP, state: 2 } : { ...MASTER, state: 1 };
    const told = calm().go(
      ...rounds(EDGE, at(0), at(6), stopped),
      ...rounds(EDGE, at(6), at(40), back),
      ...rounds(EDGE, at(40), at(60), usual),
    );
    expect(told.kinds()).toEqual(['failover', 'failback']);
    expect([...told.incidents.values()].map(({ state }) => state)).toEqual(['over', 'over']);
  });
});

describe('a MASTER that loses its power', () => {
  it('is one fail-over whose cause is the silent node, and no second message about the silence', () => {
    const show = (node: string, when: number): Seen | 'silent' => {
      if (node === 'lvs-1') return 'silent';
      return when < at(3.5) ? BACKUP : { ...BACKUP, state: 2 };
    };
    const told = calm().go(...rounds(EDGE, at(0), at(40), show));
    expect(told.only()).toMatchObject({ kind: 'failover', state: 'open' });
    expect(factOf(told.only(), 'Cause')).toContain('lvs-1 does not answer');
    told.go(
      ...rounds(EDGE, at(40), at(70), (node) =>
        node === 'lvs-1' ? { ...MASTER, incarnation: '2' } : BACKUP,
      ),
    );
    expect(told.only()).toMatchObject({ kind: 'failover', state: 'over' });
    expect(
      told
        .only()
        .events.map(({ text }) => text)
        .join(),
    ).toContain('was restarted');
  });

  it('is not said to leave nobody while its BACKUP stays one: only its ssh may be gone', () => {
    const told = calm().go(
      ...rounds(EDGE, at(0), at(40), (node) => (node === 'lvs-1' ? 'silent' : BACKUP)),
    );
    expect(told.only()).toMatchObject({ kind: 'unwatchable', state: 'open' });
  });
});

describe('two that answer for the VIP', () => {
  it('are a split brain, the louder the sooner two looks agree', () => {
    const both = (node: string): Seen => (node === 'lvs-1' ? MASTER : { ...BACKUP, state: 2 });
    const told = calm().go(...rounds(EDGE, at(0), at(8), both));
    expect(told.only()).toMatchObject({ kind: 'split-brain', state: 'open', severity: 'critical' });
    told.go(...rounds(EDGE, at(8), at(24), usual));
    expect(told.only()).toMatchObject({ kind: 'split-brain', state: 'over', worst: 'critical' });
  });

  it('are one too where all of keepalived was killed and the VIP stayed', () => {
    const killed = (node: string): Seen =>
      node === 'lvs-1' ? { state: 'gone', vip: true } : { ...BACKUP, state: 2 };
    const told = calm().go(...rounds(EDGE, at(0), at(8), killed));
    expect(told.only()).toMatchObject({ kind: 'split-brain', severity: 'critical' });
    expect(factOf(told.only(), 'Cause')).toContain('without a word');
  });

  it('are a hand-over when they were so for less than a second', () => {
    const told = calm().go(
      lookOf(EDGE, 'lvs-2', at(0), { ...BACKUP, state: 2 }),
      lookOf(EDGE, 'lvs-1', at(0.4), MASTER),
      ...rounds(EDGE, at(0.8), at(14), (node) =>
        node === 'lvs-2' ? { ...BACKUP, state: 2 } : { ...MASTER, state: 1 },
      ),
    );
    expect(told.only()).toMatchObject({ kind: 'failover', state: 'over' });
  });
});

describe('a pair without a MASTER', () => {
  it('is told when it lasts, as the worst there is, and what it was when it is over', () => {
    const told = calm().go(...rounds(EDGE, at(0), at(10), () => ({ state: 3, vip: false })));
    expect(told.only()).toMatchObject({ kind: 'no-master', severity: 'critical' });
    told.go(...rounds(EDGE, at(10), at(30), usual));
    expect(told.only()).toMatchObject({ kind: 'no-master', state: 'over' });
    expect(told.only().headline).toContain('had no MASTER that could be seen for a while');
  });
});

describe('a pair that flaps', () => {
  it('is one incident that counts, over only after a longer calm', () => {
    const told = calm();
    for (let turn = 0; turn < 10; turn += 1) {
      const swapped = turn % 2 === 0;
      told.go(
        ...rounds(EDGE, at(turn * 6), at(turn * 6 + 6), (node) =>
          (node === 'lvs-1') === swapped ? { ...MASTER, state: 1 } : { ...BACKUP, state: 2 },
        ),
      );
    }
    expect(told.only()).toMatchObject({ kind: 'flapping', state: 'open' });
    expect(told.only().headline).toMatch(/changed (9|10) times/);
    told.go(...rounds(EDGE, at(60), at(80), usual));
    expect(told.only().state).toBe('open');
    told.go(...rounds(EDGE, at(80), at(140), usual));
    expect(told.only()).toMatchObject({ kind: 'flapping', state: 'over' });
  });
});

describe('a standby node that cannot take over', () => {
  it('is told although no client notices', () => {
    const told = calm().go(
      ...rounds(EDGE, at(0), at(10), (node) =>
        node === 'lvs-2' ? { state: 3, vip: false } : MASTER,
      ),
    );
    expect(told.only()).toMatchObject({ kind: 'standby-lost', state: 'open', severity: 'warning' });
    told.go(...rounds(EDGE, at(10), at(30), usual));
    expect(told.only()).toMatchObject({ kind: 'standby-lost', state: 'over' });
  });
});

describe('lines of keepalived and looks about one event', () => {
  it('make one message, and the lines narrow the time without a master', () => {
    const told = calm().go(
      line('lvs-1', 1, 'STOP', at(0.1)),
      line('lvs-2', 1, 'MASTER', at(0.7)),
      ...rounds(EDGE, at(1), at(5), (node) =>
        node === 'lvs-1' ? { state: 'gone', vip: false } : { ...BACKUP, state: 2 },
      ),
    );
    expect(told.only()).toMatchObject({ kind: 'failover', state: 'open' });
    expect(told.events.filter(({ kind }) => kind === 'role')).toHaveLength(2);
    // Last seen as MASTER two seconds before the line said that it was not.
    expect(factOf(told.only(), 'Without a master')).toMatch(/^between 0\.0 s and 2\.7 s/);
  });

  it('of a boot that is over change nothing, nor does one that comes twice', () => {
    const told = calm().go(
      line('lvs-1', 5, 'MASTER', at(0)),
      line('lvs-1', 1, 'MASTER', at(1), { bootId: 'next' }),
    );
    const before = told.scene;
    told.go(
      line('lvs-1', 6, 'BACKUP', at(2)),
      line('lvs-1', 1, 'BACKUP', at(2), { bootId: 'next' }),
    );
    expect(told.scene).toEqual(before);
    expect(told.shown).toEqual([]);
  });

  it('with a clock an hour off are believed, and the clock is told once', () => {
    const hour = 3_600_000;
    const told = calm().go(
      line('lvs-2', 1, 'MASTER', at(0.5), { at: at(0.5) - hour }),
      line('lvs-1', 1, 'STOP', at(0.6), { at: at(0.3) }),
      line('lvs-2', 2, 'MASTER', at(0.7), { at: at(0.7) - hour }),
    );
    expect(told.kinds().toSorted()).toEqual(['failover', 'reports-doubtful']);
    expect(told.events.filter(({ kind }) => kind === 'clock')).toHaveLength(1);
    const clock = told.events.find(({ kind }) => kind === 'clock');
    expect(clock?.text).toContain('60 min behind ours');
  });

  it('that are missing are told by the next sign of life', () => {
    const told = calm().go(line('lvs-1', 1, 'MASTER', at(0)), {
      kind: 'beat',
      beat: { director: 'lvs-1', bootId: 'lvs-1-boot', sequence: 4, at: at(1), receivedAt: at(1) },
    });
    expect(told.only()).toMatchObject({ kind: 'reports-doubtful' });
    expect(told.only().headline).toContain('3 line(s) of lvs-1');
    told.go(silence('lvs-1', at(2)));
    expect(told.only().revision).toBe(1);
  });
});

describe('nodes whose names or addresses were swapped', () => {
  const swapped = (node: string): Seen =>
    node === 'lvs-1'
      ? { ...BACKUP, incarnation: 'boot-b', bootedAt: T }
      : { ...MASTER, incarnation: 'boot-a', bootedAt: T };
  const known = () =>
    story(EDGE).go(
      ...rounds(EDGE, T, T + 10_000, (node) => ({
        ...usual(node),
        incarnation: node === 'lvs-1' ? 'boot-a' : 'boot-b',
        bootedAt: T,
      })),
    );

  it('are told as that, once, and not as a fail-over or as restarts: nothing moved', () => {
    const told = known().go(...rounds(EDGE, at(0), at(40), swapped));
    expect(told.only()).toMatchObject({ kind: 'reports-doubtful', state: 'over' });
    expect(told.only().headline).toContain('lvs-1 answers as lvs-2 did before');
    expect(told.events.map(({ kind }) => kind)).toEqual(['finding']);
    expect(told.scene.vrrp).toMatchObject({ master: 'lvs-2', usual: 'lvs-2' });
  });

  it('have their fail-overs told afterwards by their new names', () => {
    const told = known().go(...rounds(EDGE, at(0), at(10), swapped));
    told.go(
      ...rounds(EDGE, at(10), at(14), (node) =>
        node === 'lvs-1' ? { ...swapped(node), state: 2 } : { ...swapped(node), state: 1 },
      ),
    );
    expect(told.kinds()).toEqual(['reports-doubtful', 'failover']);
  });

  it('are not taken for that where two processes started alike', () => {
    const started = (node: string, incarnation: string) =>
      lookOf(WEB, node, at(0), { incarnation });
    const told = story(WEB).go(
      ...['ha-1', 'ha-2'].map((node) => started(node, `7 of ${node}`)),
      ...['ha-1', 'ha-2'].map((node) => started(node, '7 of both')),
    );
    expect(told.events.map(({ kind }) => kind)).toEqual(['restarted', 'restarted']);
  });
});
