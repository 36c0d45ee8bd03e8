import {
  findMember,
  findPool,
  fullPath,
  type MemberConfig,
  type PoolConfig,
} from './config-model.ts';
import type { SyncStatus } from './device-group.ts';
import { applyPreset, PRESETS, type PresetSettings } from './fault-presets.ts';
import type { Fault, FaultInput } from './faults.ts';
import type { MonitorResult } from './member-status.ts';
import type { LogEntry } from './request-log.ts';
import type { Latency, Site } from './site.ts';
import { memberKey, type Unit } from './unit.ts';

/** Something asked of the control that cannot be: an unknown unit, pool, member or preset. */
export class ControlError extends Error {}

export interface FailOverSettings {
  /** Unit that takes over; the other one when absent. */
  readonly to?: string;
  /** Traffic group this is about; all when absent. A new name makes a new group. */
  readonly trafficGroup?: string;
  /** Units that are active at the same time, or none: instead of `to`. */
  readonly active?: readonly string[];
  /** Unit that is forced offline. */
  readonly offline?: string;
  /** Unit that is released from that. */
  readonly online?: string;
}

export interface SyncSettings {
  readonly autoSync?: boolean;
  readonly delayMs?: number;
  readonly disconnected?: boolean;
  /** Shown instead of the truth; `null` shows the truth again. */
  readonly shown?: Partial<SyncStatus> | null;
  /** Unit on which somebody else changes something. */
  readonly changedOn?: string;
}

/** What a test or a person can do to the units from behind. */
export interface SimControl {
  /** Replaces all rules. */
  setFaults(faults: readonly FaultInput[]): void;
  addFault(fault: FaultInput): void;
  /** Adds a preset by name: see `readme.md`. */
  preset(name: string, settings?: PresetSettings): void;
  clearFaults(): void;
  faults(): readonly Fault[];
  reset(): void;
  /** Marks the log entries from now on. */
  label(text: string | undefined): void;
  monitor(pool: string, member: string, result: MonitorResult): void;
  /** Sets the connections of a member now; `sticky` stay when it is disabled, `normal` come when enabled. */
  connections(
    pool: string,
    member: string,
    numbers: { current?: number; sticky?: number; normal?: number },
  ): void;
  failOver(settings?: FailOverSettings): void;
  sync(settings: SyncSettings): void;
  /** Moves the simulator's clock on. */
  advance(ms: number): void;
  /** Reloads the saved configuration: what was not saved is lost. All units without a name. */
  restart(unit?: string): void;
  latency(latency: Latency): void;
  log(): readonly LogEntry[];
  clearLog(): void;
  state(): readonly UnitState[];
}

export interface UnitState {
  readonly name: string;
  readonly role: string;
  readonly sync: string;
  readonly unsaved: boolean;
  readonly tokens: number;
  readonly pools: readonly {
    readonly pool: string;
    readonly members: readonly {
      readonly member: string;
      readonly session: string;
      readonly state: string;
      readonly availability: string;
      readonly connections: number;
    }[];
  }[];
}

export function createControl(site: Site): SimControl {
  const named = (name: string): Unit => {
    const [unit] = site.unitsNamed(name);
    if (unit === undefined) throw new ControlError(`There is no unit ${name}.`);
    return unit;
  };
  const located = (poolPath: string, name: string): { pool: PoolConfig; member: MemberConfig } => {
    const pool = findPool(site.units[0].running, poolPath);
    if (pool === undefined) throw new ControlError(`There is no pool ${poolPath}.`);
    const member =
      findMember(pool, name) ?? pool.members.find((candidate) => candidate.name === name);
    if (member === undefined) throw new ControlError(`Pool ${poolPath} has no member ${name}.`);
    return { pool, member };
  };
  return {
    setFaults: (faults) => site.faults.set(faults),
    addFault: (fault) => site.faults.add(fault),
    preset(name, settings) {
      site.settle();
      if (applyPreset(site, name, settings)) return;
      throw new ControlError(`There is no preset ${name}; there are ${PRESETS.join(', ')}.`);
    },
    clearFaults() {
      site.faults.set([]);
      site.loginFaults.refusesPasswords = false;
      site.loginFaults.tokenLimitReached = false;
      site.group.disconnected = false;
    },
    faults: () => site.faults.list(),
    reset: () => site.reset(),
    label(text) {
      site.log.label = text;
    },
    monitor(poolPath, name, result) {
      site.settle();
      const { pool, member } = located(poolPath, name);
      site.world.health.set(memberKey(fullPath(pool), fullPath(member)), result);
    },
    connections(poolPath, name, numbers) {
      site.settle();
      const { pool, member } = located(poolPath, name);
      for (const unit of site.units) Object.assign(unit.loadOf(pool, member), numbers);
    },
    failOver(settings = {}) {
      site.settle();
      failOver(site, settings, named);
    },
    sync(settings) {
      const { group } = site;
      site.settle();
      if (settings.autoSync !== undefined) group.autoSync = settings.autoSync;
      if (settings.delayMs !== undefined) group.syncDelayMs = settings.delayMs;
      if (settings.disconnected !== undefined) group.disconnected = settings.disconnected;
      if (settings.shown !== undefined) group.shownStatus = settings.shown ?? undefined;
      if (settings.changedOn !== undefined) group.changed(named(settings.changedOn));
    },
    advance(ms) {
      site.settle();
      site.clock.advance(ms);
      site.settle();
    },
    restart(name) {
      for (const unit of name === undefined ? site.units : [named(name)]) unit.restart();
    },
    latency(latency) {
      site.latency = latency;
    },
    log: () => site.log.list(),
    clearLog: () => site.log.clear(),
    state() {
      site.settle();
      return site.units.map((unit) => unitState(site, unit));
    },
  };
}

function failOver(site: Site, settings: FailOverSettings, named: (name: string) => Unit): void {
  const { group } = site;
  const { to, trafficGroup, active, offline, online } = settings;
  if (offline !== undefined) group.setOffline(named(offline), true);
  if (online !== undefined) group.setOffline(named(online), false);
  if (offline !== undefined || online !== undefined) return;
  const holders = active ?? (to === undefined ? undefined : [to]);
  const groups = trafficGroup === undefined ? group.trafficGroups : [trafficGroup];
  if (holders === undefined) group.failOver();
  else for (const name of groups) group.hold(name, holders.map(named));
}

function unitState(site: Site, unit: Unit): UnitState {
  return {
    name: unit.name,
    role: site.group.roleOf(unit),
    sync: site.group.syncStatus(unit).status,
    unsaved: unit.hasUnsaved,
    tokens: unit.tokens.list().length,
    pools: unit.running.pools.map((pool) => ({
      pool: fullPath(pool),
      members: pool.members.map((member) => {
        const { session, state, availability } = unit.statusOf(pool, member);
        const connections = Math.round(unit.loadOf(pool, member).current);
        return { member: fullPath(member), session, state, availability, connections };
      }),
    })),
  };
}
