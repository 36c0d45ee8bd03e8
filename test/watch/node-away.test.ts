import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/watch/observation.ts';
import { EDGE, factOf, four, lookOf, rounds, type Seen, silence, story } from './scenes.ts';

const MASTER: Seen = { state: 2, priority: 102 };
const BACKUP: Seen = { state: 1, priority: 101 };
const RISEN: Seen = { state: 2, priority: 101 };
const usual = (node: string) => (node === 'lvs-1' ? MASTER : BACKUP);
const T = 1_000_000;
const calm = () => story(EDGE).go(...rounds(EDGE, T, T + 10_000, usual));
const at = (seconds: number) => T + 10_000 + seconds * 1_000;

/** What balances on the node does not answer; its host says this. */
function onlyHost(node: string, when: number, seen: Seen): Observation {
  const look = lookOf(EDGE, node, when, seen);
  const words = look.kind === 'look' ? look.look.words : undefined;
  if (words === undefined) throw new Error('A look with words is wanted.');
  return { kind: 'silence', balancer: node, at: when, until: when + 20, words, fault: DEAD };
}
const DEAD = { code: 'UNREACHABLE', message: 'nobody listens on its socket' } as const;

describe('a node whose balancer died while its host lives', () => {
  const fallen: Seen = { state: 1, priority: 100 };
  const died = () => {
    const told = calm();
    for (let second = 0; second < 20; second += 2) {
      told.go(onlyHost('lvs-1', at(second), fallen), lookOf(EDGE, 'lvs-2', at(second + 1), RISEN));
    }
    return told;
  };

  it('gives way by its priority, which is the cause, and the pair is not well before it is back', () => {
    const told = died();
    expect(told.only()).toMatchObject({ kind: 'failover', state: 'open' });
    expect(factOf(told.only(), 'Cause')).toBe(
      'priority: lvs-2 has 101, lvs-1 has 100; what balances on lvs-1 does not answer',
    );
    expect(factOf(told.only(), 'Now')).toContain('nobody listens on its socket');
    told.go(...rounds(EDGE, at(20), at(40), usual));
    expect(told.only()).toMatchObject({ kind: 'failover', state: 'over' });
  });

  it('is the cause too where the host was too slow to say so at first', () => {
    const told = calm().go(silence('lvs-1', at(0)), lookOf(EDGE, 'lvs-2', at(1), RISEN));
    expect(factOf(told.only(), 'Cause')).toContain('lvs-1 does not answer');
    told.go(onlyHost('lvs-1', at(6), fallen));
    expect(factOf(told.only(), 'Cause')).toContain('priority: lvs-2 has 101, lvs-1 has 100');
  });

  it('leaves the pair without a standby where it was the standby, told once', () => {
    const told = calm();
    for (let second = 0; second < 30; second += 2) {
      told.go(lookOf(EDGE, 'lvs-1', at(second), MASTER));
      told.go(onlyHost('lvs-2', at(second + 1), { state: 1, priority: 99 }));
    }
    expect(told.only()).toMatchObject({ kind: 'standby-lost', state: 'open' });
    expect(told.only().headline).toContain('lvs-2 cannot take over');
  });
});

describe('a MASTER that does not answer, and then does again', () => {
  const away = () =>
    calm().go(...rounds(EDGE, at(0), at(20), (node) => (node === 'lvs-1' ? 'silent' : RISEN)));
  const backWith = (seen: Seen) =>
    away().go(
      ...rounds(EDGE, at(20), at(40), (node) =>
        node === 'lvs-1' ? { ...MASTER, ...seen } : BACKUP,
      ),
    );
  const cause = (told: ReturnType<typeof story>) => factOf(told.only(), 'Cause');

  it('was frozen where its clock stood still too', () => {
    // It says that it has run twenty seconds less than the time that went by.
    const told = backWith({ boot: 'boot at 0', bootedAt: 20_000 });
    expect(told.only()).toMatchObject({ kind: 'failover', state: 'over' });
    expect(cause(told)).toContain('lvs-1 stood still, its clock too, and goes on: it was frozen');
  });

  it('lost its network, or was frozen, where it ran on', () => {
    expect(cause(backWith({}))).toMatch(
      /^lvs-1 did not answer for 20 s and was not restarted: its network was away/,
    );
  });

  it('lost its power, or was rebooted, where it was started anew', () => {
    expect(cause(backWith({ boot: 'another' }))).toContain('lvs-1 was started anew since');
  });
});

describe('a pair of which no node answers', () => {
  it('is one incident, as bad as there is, and says who is MASTER when it is over', () => {
    const told = calm().go(...rounds(EDGE, at(0), at(30), () => 'silent'));
    expect(told.only()).toMatchObject({ kind: 'no-master', state: 'open', severity: 'critical' });
    expect(told.only().headline).toBe(
      'No MASTER of edge is to be seen: lvs-1 and lvs-2 do not answer.',
    );
    told.go(...rounds(EDGE, at(30), at(60), usual));
    expect(told.only()).toMatchObject({ kind: 'no-master', state: 'over', worst: 'critical' });
    expect(told.only().headline).toContain('lvs-1 is it now');
    expect(factOf(told.only(), 'Old master')).toBe('lvs-1');
    expect(factOf(told.only(), 'New master')).toBeUndefined();
  });
});

describe('a MASTER whose cable is pulled', () => {
  it('is in FAULT because of its interface, where its host can still be asked', () => {
    const link = { name: 'eth0', fault: 'no carrier' } as const;
    const told = calm().go(
      ...rounds(EDGE, at(0), at(10), (node) =>
        node === 'lvs-1' ? { state: 3, vip: false, link } : RISEN,
      ),
    );
    expect(told.only()).toMatchObject({ kind: 'failover', state: 'open' });
    expect(factOf(told.only(), 'Cause')).toContain('lvs-1 is in FAULT: eth0 has no carrier');
  });
});

describe('members that only a node that was cut off calls sick', () => {
  const sick = four({ w1: { health: 'down' }, w2: { health: 'down' } });
  const cut: Seen = { state: 3, vip: false, members: sick };

  it('are no incident beside that of the pair, unless they stay so', () => {
    const told = calm().go(
      ...rounds(EDGE, at(0), at(10), (node) => (node === 'lvs-1' ? cut : RISEN)),
      ...rounds(EDGE, at(10), at(13), (node) =>
        node === 'lvs-1' ? { ...MASTER, members: sick } : BACKUP,
      ),
      ...rounds(EDGE, at(13), at(30), usual),
    );
    expect(told.only()).toMatchObject({ kind: 'failover', state: 'over' });
    told.go(
      ...rounds(EDGE, at(30), at(32), (node) =>
        node === 'lvs-1' ? { ...MASTER, members: sick } : BACKUP,
      ),
    );
    expect(told.kinds()).toEqual(['failover', 'members-down']);
  });
});

describe('keepalived that was asked and said nothing', () => {
  it('is not taken for a BACKUP: it may be about to end', () => {
    const mute = (node: string, when: number): Observation => {
      const look = lookOf(EDGE, node, when, { state: 1 });
      if (look.kind !== 'look') throw new Error('A look is wanted.');
      const words = { addresses: new Set(['10.0.0.9']), isMute: true } as const;
      return { ...look, look: { ...look.look, words } };
    };
    const told = calm().go(
      mute('lvs-1', at(0)),
      lookOf(EDGE, 'lvs-2', at(1), RISEN),
      ...rounds(EDGE, at(2), at(20), (node) =>
        node === 'lvs-1' ? { state: 'gone', vip: false } : RISEN,
      ),
    );
    expect(told.only()).toMatchObject({ kind: 'failover', state: 'open' });
    expect(factOf(told.only(), 'Cause')).toContain('keepalived on lvs-1 does not run');
  });
});
