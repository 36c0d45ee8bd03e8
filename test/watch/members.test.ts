import { describe, expect, it } from 'vitest';
import { EDGE, factOf, four, lookOf, silence, story, WEB } from './scenes.ts';

const T = 1_000_000;
const well = () => story(WEB).go(lookOf(WEB, 'ha-1', T), lookOf(WEB, 'ha-2', T + 500));
const down = (...names: readonly string[]) =>
  four(Object.fromEntries(names.map((name) => [name, { health: 'down' }])));

describe('a member that a health check takes out', () => {
  it('on both nodes is one incident that says how many are left and how many are needed', () => {
    const told = well().go(
      lookOf(WEB, 'ha-1', T + 2_000, { members: down('w1') }),
      lookOf(WEB, 'ha-2', T + 2_500, { members: down('w1') }),
    );
    const incident = told.only();
    expect(incident).toMatchObject({ kind: 'members-down', severity: 'info', eventsCount: 2 });
    expect(incident.headline).toContain('w1 is down on ha-1, ha-2');
    expect(factOf(incident, 'ha-1')).toBe('3 of 4 members left, at least 2 needed; down: w1');
  });

  it('gets louder as fewer are left, and loudest with the last', () => {
    const told = well();
    const severities = [['w1'], ['w1', 'w2'], ['w1', 'w2', 'w3'], ['w1', 'w2', 'w3', 'w4']].map(
      (names, index) =>
        told.go(lookOf(WEB, 'ha-1', T + 2_000 + index, { members: down(...names) })).only()
          .severity,
    );
    expect(severities).toEqual(['info', 'warning', 'warning', 'critical']);
    expect(told.only()).toMatchObject({ kind: 'pool-empty' });
    expect(told.only().headline).toContain('NO member left on ha-1');
  });

  it('is the same incident when it is up and soon down again', () => {
    const told = well();
    for (let turn = 0; turn < 6; turn += 1) {
      const members = turn % 2 === 0 ? down('w1') : four();
      told.go(lookOf(WEB, 'ha-1', T + 2_000 + turn * 2_000, { members }));
    }
    expect(told.only()).toMatchObject({ state: 'over', eventsCount: 6 });
  });

  it('is told in the thread of the change that is at work on it', () => {
    const told = well();
    told.work = [{ changeId: 'q7k2m9xt', balancer: 'ha-1', pool: 'shop', member: 'w1' }];
    told.go(lookOf(WEB, 'ha-1', T + 2_000, { members: down('w1') }));
    expect(told.only()).toMatchObject({ changeId: 'q7k2m9xt' });
  });

  it('says nothing about one that is disabled', () => {
    const told = well().go(
      lookOf(WEB, 'ha-1', T + 2_000, {
        members: four({ w1: { admin: 'disabled', health: 'suspended', causes: ['command'] } }),
      }),
    );
    expect(told.kinds()).toEqual(['table-changed']);
  });
});

describe('ten thousand events in a minute', () => {
  it('leave a scene that is no larger, and one incident that counts them', () => {
    const told = well();
    for (let turn = 0; turn < 2_500; turn += 1) {
      const members = turn % 2 === 0 ? down('w1', 'w2', 'w3', 'w4') : four();
      told.go(lookOf(WEB, 'ha-1', T + 2_000 + turn * 24, { members }));
    }
    expect(told.events).toHaveLength(10_000);
    expect(told.only()).toMatchObject({ eventsCount: 10_000 });
    expect(told.only().events).toHaveLength(30);
    expect(JSON.stringify(told.scene).length).toBeLessThan(20_000);
  });
});

describe('who changed a member', () => {
  const changed = { members: four({ w1: { weight: 3 } }) };

  it('is the bot where a change is at work, and then nobody is told', () => {
    const told = well();
    told.work = [{ changeId: 'q7k2m9xt', balancer: 'ha-1', pool: 'shop', member: 'w1' }];
    told.go(lookOf(WEB, 'ha-1', T + 2_000, changed));
    expect(told.events).toMatchObject([{ kind: 'changed', by: 'bot', changeId: 'q7k2m9xt' }]);
    expect(told.shown).toEqual([]);
  });

  it('is a hand otherwise, and many changes within a minute are one message', () => {
    const told = well().go(
      lookOf(WEB, 'ha-1', T + 2_000, changed),
      lookOf(WEB, 'ha-1', T + 4_000, { members: four().slice(1) }),
    );
    expect(told.events.map(({ kind, by }) => [kind, by])).toEqual([
      ['changed', 'hand'],
      ['gone', 'hand'],
    ]);
    expect(told.only()).toMatchObject({ kind: 'table-changed', state: 'over' });
    expect(told.only().headline).toContain('2 changes in shop not made by this bot');
  });

  it('is told by whoever holds the member when it is held', () => {
    const told = well();
    const want = { admin: 'disabled', weight: 10 } as const;
    told.work = [{ changeId: 'q7k2m9xt', balancer: 'ha-1', pool: 'shop', member: 'w1', want }];
    told.go(lookOf(WEB, 'ha-1', T + 2_000, changed));
    expect(told.events).toMatchObject([{ by: 'hand' }]);
    expect(told.shown).toEqual([]);
  });

  it('is keepalived where it keeps the table: a member it removed is down, and counts as known', () => {
    const look = (at: number, members = four()) =>
      lookOf(EDGE, 'lvs-1', at, { members, keeper: 'keepalived' });
    const told = story(EDGE).go(look(T), look(T + 2_000, four().slice(1)));
    expect(told.events).toMatchObject([{ kind: 'down', by: 'keepalived', member: 'w1' }]);
    expect(factOf(told.only(), 'lvs-1')).toContain('3 of 4 members left');
    told.go(look(T + 4_000));
    expect(told.only()).toMatchObject({ state: 'over' });
  });
});

describe('a device', () => {
  it('that does not answer is told once, after three looks and some seconds, and once when it is back', () => {
    const told = well();
    for (let turn = 0; turn < 60; turn += 1) told.go(silence('ha-1', T + 2_000 + turn * 2_000));
    expect(told.shown).toHaveLength(1);
    expect(told.only()).toMatchObject({ kind: 'unwatchable', state: 'open' });
    told.go(lookOf(WEB, 'ha-1', T + 130_000), lookOf(WEB, 'ha-1', T + 132_000));
    expect(told.shown).toHaveLength(2);
    expect(told.only()).toMatchObject({ kind: 'unwatchable', state: 'over' });
  });

  it('that misses one look is not told about', () => {
    const told = well().go(silence('ha-1', T + 2_000), lookOf(WEB, 'ha-1', T + 4_000));
    expect(told.shown).toEqual([]);
    expect(told.events).toEqual([]);
  });

  it('that was restarted is told once, without what it forgot', () => {
    const members = four({ w1: { weight: 1 } });
    const told = well().go(
      lookOf(WEB, 'ha-1', T + 2_000, { incarnation: '2', members }),
      lookOf(WEB, 'ha-1', T + 4_000, { incarnation: '2', members }),
    );
    expect(told.only()).toMatchObject({ kind: 'restarted', state: 'over' });
    expect(told.shown).toHaveLength(1);
  });
});
