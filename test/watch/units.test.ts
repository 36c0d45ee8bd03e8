import { describe, expect, it } from 'vitest';
import type { LaneSite } from '../../src/watch/site.ts';
import { factOf, lookOf, story } from './scenes.ts';

const T = 1_000_000;
const SITE: LaneSite = {
  lane: 'f5-edge',
  nodes: ['f5-edge'],
  pools: [
    {
      pool: 'shop',
      balancers: ['f5-edge'],
      service: 'shop',
      minAvailable: { unit: 'percent', value: 50 },
    },
  ],
};

interface Said {
  readonly a?: string;
  readonly b?: string;
  readonly sync?: string;
}

/** What two units say of themselves at one moment. */
function look(at: number, { a = 'ACTIVE', b = 'STANDBY', sync = 'In Sync' }: Said = {}) {
  const seen = lookOf(SITE, 'f5-edge', at);
  if (seen.kind !== 'look') throw new Error('no look');
  const unit = (name: string, status: string) => {
    const away = status.startsWith('does not answer');
    return { name, status, active: status === 'ACTIVE', away };
  };
  return { ...seen, look: { ...seen.look, units: [unit('f5-a', a), unit('f5-b', b)], sync } };
}

const B_ACTIVE = { a: 'STANDBY', b: 'ACTIVE' };
const NONE = { a: 'STANDBY', b: 'STANDBY' };
const BOTH = { a: 'ACTIVE', b: 'ACTIVE' };

describe('units of a device group', () => {
  it('that take over from each other are one fail-over with both names, and no restart', () => {
    const told = story(SITE).go(look(T), look(T + 2_000, B_ACTIVE), look(T + 4_000, B_ACTIVE));
    expect(told.only()).toMatchObject({
      kind: 'unit-failover',
      state: 'over',
      severity: 'warning',
    });
    expect(told.only().headline).toBe('Fail-over of f5-edge: f5-b is active now, f5-a was before.');
    expect(factOf(told.only(), 'Active before')).toBe('f5-a');
    expect(factOf(told.only(), 'Active now')).toBe('f5-b');
    expect(told.shown).toHaveLength(1);
  });

  it('of which none is active are told when it lasts, and then as the fail-over that it became', () => {
    const told = story(SITE).go(look(T), look(T + 2_000, NONE));
    expect(told.shown).toEqual([]);
    told.go(look(T + 4_000, NONE), look(T + 8_000, NONE));
    expect(told.only()).toMatchObject({
      kind: 'no-active-unit',
      state: 'open',
      severity: 'critical',
      headline: 'No unit of f5-edge is active: nobody answers clients. Before it was f5-a.',
    });
    told.go(look(T + 10_000, B_ACTIVE));
    expect(told.only()).toMatchObject({ kind: 'unit-failover', state: 'over', worst: 'critical' });
    expect(told.only().headline).toContain('f5-b is active now, f5-a was before. For 2.0 s');
  });

  it('that are none for a moment between two are nothing but a fail-over', () => {
    const told = story(SITE).go(look(T), look(T + 1_000, NONE), look(T + 2_000, B_ACTIVE));
    expect(told.only()).toMatchObject({ kind: 'unit-failover', worst: 'warning' });
  });

  it('that are both active are told as that, until one is alone again', () => {
    const told = story(SITE).go(look(T), look(T + 2_000, BOTH), look(T + 4_000, BOTH));
    expect(told.only()).toMatchObject({ kind: 'two-active-units', severity: 'critical' });
    expect(told.only().headline).toContain('2 units of f5-edge are active at once: f5-a, f5-b');
    told.go(look(T + 6_000));
    expect(told.only()).toMatchObject({ kind: 'two-active-units', state: 'over' });
    expect(told.only().headline).toContain('f5-a of f5-edge alone is active again');
  });

  it('of which the standby is away for long cannot take over, and one missed answer is no such thing', () => {
    const away = { b: 'does not answer (ECONNREFUSED)' };
    const told = story(SITE).go(look(T), look(T + 2_000, away), look(T + 4_000));
    expect(told.shown).toEqual([]);
    for (let at = T + 6_000; at <= T + 18_000; at += 2_000) told.go(look(at, away));
    expect(told.only()).toMatchObject({ kind: 'standby-lost', state: 'open' });
    expect(told.only().headline).toBe('f5-b of f5-edge cannot take over.');
    told.go(look(T + 20_000));
    expect(told.only()).toMatchObject({ kind: 'standby-lost', state: 'over' });
    expect(told.shown).toHaveLength(2);
  });

  it('that no longer agree are told until they do, by the words of the device', () => {
    const pending = { sync: 'Changes Pending' };
    const told = story(SITE).go(look(T), look(T + 2_000, pending), look(T + 4_000, pending));
    expect(told.only()).toMatchObject({ kind: 'out-of-sync', state: 'open' });
    expect(told.shown).toHaveLength(1);
    told.go(look(T + 6_000, { sync: 'Disconnected' }));
    expect(told.only().headline).toContain('not in sync: Disconnected');
    told.go(look(T + 8_000));
    expect(told.only()).toMatchObject({ kind: 'out-of-sync', state: 'over' });
  });

  it('that a change of ours left apart are told in its thread', () => {
    const told = story(SITE).go(look(T));
    told.work = [{ changeId: 'q7k2m9xt', balancer: 'f5-edge', pool: 'shop', member: 'w1' }];
    told.go(look(T + 2_000, { sync: 'Changes Pending' }));
    expect(told.only()).toMatchObject({ kind: 'out-of-sync', changeId: 'q7k2m9xt' });
  });

  it('that fail over and do not agree are two incidents', () => {
    const told = story(SITE).go(look(T), look(T + 2_000, { ...B_ACTIVE, sync: 'Changes Pending' }));
    expect(told.kinds()).toEqual(['unit-failover', 'out-of-sync']);
  });
});
