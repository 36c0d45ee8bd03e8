import type { UnitConfig } from './config-model.ts';
import { RestError } from './rest-errors.ts';
import type { Unit, World } from './unit.ts';

export const DEVICE_GROUP = 'failover_dg';
export const FIRST_TRAFFIC_GROUP = 'traffic-group-1';

export type UnitRole = 'active' | 'standby' | 'forced-offline';

export interface SyncStatus {
  readonly status: string;
  readonly color: string;
  readonly mode: 'standalone' | 'high-availability';
  readonly summary: string;
  readonly details: readonly string[];
}

interface Commit {
  readonly id: number;
  readonly by: Unit;
}

/** Who is active for what, and whose configuration is newer. One unit alone is a group of its own. */
export class DeviceGroup {
  readonly units: readonly Unit[];
  readonly #world: World;
  /** Per traffic group the units that hold it; more than one is a split brain. */
  readonly #holders = new Map<string, Set<Unit>>();
  readonly #offline = new Set<Unit>();
  readonly #commits = new Map<Unit, Commit>();
  /** The commit at which all were last equal. */
  #common: Commit | undefined;
  #lastId = 1;
  #copying: { from: Unit; config: UnitConfig; commit: Commit; dueMs: number } | undefined;

  /** Whether a write is copied to the peer by itself. */
  autoSync = false;
  /** How long copying takes. */
  syncDelayMs = 0;
  disconnected = false;
  /** Shown instead of what is true, as devices in trouble do. */
  shownStatus: Partial<SyncStatus> | undefined;

  constructor(world: World, units: readonly [Unit, ...Unit[]]) {
    this.#world = world;
    this.units = units;
    this.#holders.set(FIRST_TRAFFIC_GROUP, new Set([units[0]]));
    this.#common = { id: 1, by: units[0] };
    for (const unit of units) this.#commits.set(unit, this.#common);
  }

  get isPair(): boolean {
    return this.units.length > 1;
  }

  roleOf(unit: Unit): UnitRole {
    if (this.#offline.has(unit)) return 'forced-offline';
    return this.groupsOf(unit).length > 0 ? 'active' : 'standby';
  }

  /** Names of the traffic groups that this unit is active for. */
  groupsOf(unit: Unit): string[] {
    return [...this.#holders].filter(([, units]) => units.has(unit)).map(([name]) => name);
  }

  get trafficGroups(): string[] {
    return [...this.#holders.keys()];
  }

  /** Every traffic group goes to the other unit. */
  failOver(): void {
    for (const [group, holders] of this.#holders) {
      const others = this.units.filter((unit) => !holders.has(unit) && !this.#offline.has(unit));
      if (others.length > 0) this.#holders.set(group, new Set(others));
    }
  }

  /** Sets who holds a traffic group, made when it is new; nobody and several are possible. */
  hold(group: string, units: readonly Unit[]): void {
    this.#holders.set(group, new Set(units));
  }

  setOffline(unit: Unit, offline: boolean): void {
    if (offline) this.#offline.add(unit);
    else this.#offline.delete(unit);
    for (const holders of this.#holders.values()) if (offline) holders.delete(unit);
  }

  /** Notes a change of configuration on this unit. */
  changed(unit: Unit): void {
    this.#lastId += 1;
    this.#commits.set(unit, { id: this.#lastId, by: unit });
    if (this.autoSync && this.isPair && !this.disconnected) this.#copyFrom(unit);
  }

  /** `run cm config-sync`: the configuration of one unit goes to the others. */
  sync(from: Unit, group: string, direction: 'to-group' | 'from-group'): void {
    if (!this.isPair || group !== DEVICE_GROUP) {
      const message = `01070734:3: Configuration error: Device group (${group}) not found in device group sync`;
      throw new RestError(400, message, 3);
    }
    const other = this.units.find((unit) => unit !== from) ?? from;
    this.#copyFrom(direction === 'to-group' ? from : other);
  }

  #copyFrom(from: Unit): void {
    const commit = this.#commits.get(from) ?? { id: this.#lastId, by: from };
    const dueMs = this.#world.clock.now() + this.syncDelayMs;
    this.#copying = { from, config: structuredClone(from.running), commit, dueMs };
    this.settle();
  }

  /** Ends a copy whose time has come. Call it before reading. */
  settle(): void {
    const copying = this.#copying;
    if (copying === undefined || this.#world.clock.now() < copying.dueMs) return;
    this.#copying = undefined;
    if (this.disconnected) return;
    for (const unit of this.units) {
      if (unit === copying.from) continue;
      unit.running = structuredClone(copying.config);
      this.#commits.set(unit, copying.commit);
    }
    this.#common = copying.commit;
  }

  syncStatus(seenBy: Unit): SyncStatus {
    return { ...this.#trueStatus(seenBy), ...this.shownStatus };
  }

  #trueStatus(seenBy: Unit): SyncStatus {
    if (!this.isPair) {
      return {
        status: 'Standalone',
        color: 'green',
        mode: 'standalone',
        summary: ' ',
        details: [],
      };
    }
    const mode = 'high-availability';
    const peers = this.units.filter((unit) => unit !== seenBy);
    const link = this.disconnected ? 'disconnected' : 'connected';
    const peerLines = peers.map((unit) => `${unit.hostname}: ${link}`);
    const inSync = 'All devices in the device group are in sync';
    const trust = `device_trust_group (In Sync): ${inSync}`;
    if (this.disconnected) {
      const summary = 'There is no connectivity to the peer device';
      return { status: 'Disconnected', color: 'red', mode, summary, details: peerLines };
    }
    if (this.#copying !== undefined) {
      const summary = 'The devices are being synchronized';
      const details = [...peerLines, `${DEVICE_GROUP} (Syncing): ${summary}`, trust];
      return { status: 'Syncing', color: 'blue', mode, summary, details };
    }
    const ahead = this.units.filter((unit) => this.#commits.get(unit)?.id !== this.#common?.id);
    const [first] = ahead;
    if (first === undefined) {
      const details = [...peerLines, `${DEVICE_GROUP} (In Sync): ${inSync}`, trust];
      return { status: 'In Sync', color: 'green', mode, summary: inSync, details };
    }
    const newest = ahead.reduce((one, other) =>
      (this.#commits.get(one)?.id ?? 0) >= (this.#commits.get(other)?.id ?? 0) ? one : other,
    );
    const summary =
      ahead.length > 1
        ? `There is a possible change conflict between ${ahead.map((unit) => unit.hostname).join(' and ')}.`
        : `${newest.hostname} has changes that are not on the other devices.`;
    const action = `Recommended action: Synchronize ${newest.hostname} to group ${DEVICE_GROUP}`;
    const details = [
      ...peerLines,
      `${DEVICE_GROUP} (Changes Pending): ${summary}`,
      ` - ${action}`,
      trust,
    ];
    return { status: 'Changes Pending', color: 'yellow', mode, summary, details };
  }
}
