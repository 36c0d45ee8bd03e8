import type { Account } from './accounts.ts';
import type { SimClock } from './clock.ts';
import { fullPath, type MemberConfig, type PoolConfig, type UnitConfig } from './config-model.ts';
import { type MemberStatus, type MonitorResult, memberStatus } from './member-status.ts';
import type { InitialLoad } from './seed.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { flow, type Load, startLoad } from './traffic-model.ts';

/** What the units of a site have in common. */
export interface World {
  readonly clock: SimClock;
  readonly version: string;
  readonly accounts: readonly Account[];
  /** The network behind the units: what a monitor finds at a member. */
  readonly health: Map<string, MonitorResult>;
  readonly initialLoad: readonly InitialLoad[];
  /** Half-life of connections that are not replaced; 0 keeps all numbers still. */
  readonly drainSeconds: number;
}

/** Not for every request: a pool may have many members. */
const FLOW_EVERY_MS = 100;

/** Identifies a member in maps that outlive its configuration. */
export const memberKey = (pool: string, member: string): string => `${pool} ${member}`;

export class Unit {
  readonly world: World;
  readonly name: string;
  readonly hostname: string;
  readonly managementIp: string;
  readonly tokens: Tokens;
  readonly startedMs: number;
  running: UnitConfig;
  saved: UnitConfig;
  #loads = new Map<string, Load>();
  #flowedMs: number;

  constructor(
    world: World,
    place: { name: string; hostname: string; managementIp: string },
    config: UnitConfig,
  ) {
    this.world = world;
    this.name = place.name;
    this.hostname = place.hostname;
    this.managementIp = place.managementIp;
    this.tokens = createTokens(world.clock);
    this.running = structuredClone(config);
    this.saved = structuredClone(config);
    this.startedMs = world.clock.now();
    this.#flowedMs = this.startedMs;
  }

  save(): void {
    this.saved = structuredClone(this.running);
  }

  /** What was not saved is gone. */
  load(): void {
    this.running = structuredClone(this.saved);
  }

  /** What a reload or a power failure does: what was not saved is gone, and so are all tokens. */
  restart(): void {
    this.load();
    this.tokens.removeAll();
    this.#loads.clear();
  }

  get hasUnsaved(): boolean {
    return JSON.stringify(this.running) !== JSON.stringify(this.saved);
  }

  statusOf(pool: PoolConfig, member: MemberConfig): MemberStatus {
    return memberStatus(this.running, pool, member, this.monitorResults);
  }

  readonly monitorResults = (pool: string, member: string): MonitorResult =>
    this.world.health.get(memberKey(pool, member)) ?? 'up';

  loadOf(pool: PoolConfig, member: MemberConfig): Load {
    const key = memberKey(fullPath(pool), fullPath(member));
    const known = this.#loads.get(key);
    if (known !== undefined) return known;
    const first = this.world.initialLoad.find(
      (load) => memberKey(load.pool, load.member) === key,
    ) ?? { connections: 0, sticky: 0 };
    const load = startLoad(first.connections, first.sticky);
    if (first.connections > 0 && !this.statusOf(pool, member).takesNew) {
      load.current = this.statusOf(pool, member).state === 'user-down' ? 0 : first.sticky;
    }
    this.#loads.set(key, load);
    return load;
  }

  /** Lets connections come and go up to now. Call it before reading and before every change. */
  letFlow(carriesTraffic: boolean): void {
    if (this.#loads.size === 0) this.#startLoads(carriesTraffic);
    const now = this.world.clock.now();
    const ms = now - this.#flowedMs;
    if (this.world.drainSeconds <= 0 || ms < FLOW_EVERY_MS) return;
    this.#flowedMs = now;
    for (const { pool, member } of this.#members()) {
      const status = this.statusOf(pool, member);
      const keepsSticky = status.state !== 'user-down' && status.availability !== 'offline';
      const to =
        carriesTraffic && status.takesNew
          ? 'takes new'
          : carriesTraffic && keepsSticky
            ? 'keeps sticky'
            : 'loses all';
      flow(this.loadOf(pool, member), to, ms, this.world.drainSeconds * 1000);
    }
  }

  /** A unit that is not active has connections of nobody. */
  #startLoads(carriesTraffic: boolean): void {
    for (const { pool, member } of this.#members()) {
      const load = this.loadOf(pool, member);
      if (!carriesTraffic) load.current = 0;
    }
  }

  #members(): { pool: PoolConfig; member: MemberConfig }[] {
    return this.running.pools.flatMap((pool) => pool.members.map((member) => ({ pool, member })));
  }
}
