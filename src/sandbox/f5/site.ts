import type { Account } from './accounts.ts';
import { type Certificate, selfSigned } from './certificate.ts';
import { type SimClock, simClock } from './clock.ts';
import { DeviceGroup } from './device-group.ts';
import { createFaults } from './faults.ts';
import { createRequestLog, type LogEntry } from './request-log.ts';
import type { LoginFaults } from './rest-auth.ts';
import type { Transactions } from './rest-call.ts';
import { plant, type Seed } from './seed.ts';
import { createTransactions } from './transactions.ts';
import { memberKey, Unit, type World } from './unit.ts';

export interface SiteSettings {
  readonly pair: boolean;
  readonly seed: Seed;
  readonly accounts: readonly Account[];
  readonly version: string;
  readonly drainSeconds: number;
  readonly latency: Latency;
  readonly onRequest?: (entry: LogEntry) => void;
}

/** Time every answer takes, in ms; writes take `writeMs` more. */
export interface Latency {
  readonly baseMs: number;
  readonly writeMs: number;
  readonly jitterMs: number;
}

const PLACES = [
  { name: 'bigip-a', hostname: 'bigip-a.example.net', managementIp: '192.0.2.11' },
  { name: 'bigip-b', hostname: 'bigip-b.example.net', managementIp: '192.0.2.12' },
] as const;

/** Everything behind the listeners; `reset` makes it as it was at the start. */
export class Site {
  readonly clock: SimClock = simClock();
  readonly faults = createFaults();
  readonly log;
  readonly #settings: SiteSettings;
  /** Told when a unit presents another certificate. */
  onCertificate: ((unit: string) => void) | undefined;
  latency: Latency;
  readonly loginFaults: LoginFaults = { refusesPasswords: false, tokenLimitReached: false };
  world: World;
  units: readonly [Unit, ...Unit[]];
  group: DeviceGroup;
  #certificates: Map<string, Certificate>;
  #transactions = new Map<Unit, Transactions>();

  constructor(settings: SiteSettings) {
    this.#settings = settings;
    this.latency = settings.latency;
    this.log = createRequestLog(settings.onRequest);
    const made = this.#build();
    this.world = made.world;
    this.units = made.units;
    this.group = new DeviceGroup(made.world, made.units);
    // A pair starts with one certificate for both, so that one fingerprint is enough for either.
    const certificate = selfSigned();
    this.#certificates = new Map(this.units.map((unit) => [unit.name, certificate]));
  }

  #build(): { world: World; units: readonly [Unit, ...Unit[]] } {
    const { seed, accounts, version, drainSeconds, pair } = this.#settings;
    const { config, load } = plant(seed);
    const health = new Map(load.map((one) => [memberKey(one.pool, one.member), one.health]));
    const world: World = {
      clock: this.clock,
      version,
      accounts,
      health,
      initialLoad: load,
      drainSeconds,
    };
    const first = new Unit(world, PLACES[0], config);
    return { world, units: pair ? [first, new Unit(world, PLACES[1], config)] : [first] };
  }

  /** Configuration, tokens, roles, faults and log as at the start; certificates and the clock stay. */
  reset(): void {
    const made = this.#build();
    this.world = made.world;
    this.units = made.units;
    this.group = new DeviceGroup(made.world, made.units);
    this.#transactions.clear();
    this.loginFaults.refusesPasswords = false;
    this.loginFaults.tokenLimitReached = false;
    this.latency = this.#settings.latency;
    this.faults.set([]);
    this.log.clear();
    this.log.label = undefined;
  }

  /** Lets everything happen that is due. Call it before reading and before every change. */
  settle(): void {
    this.group.settle();
    for (const unit of this.units) unit.letFlow(this.group.roleOf(unit) === 'active');
  }

  /** The units of this name; all without one. */
  unitsNamed(name: string | undefined): readonly Unit[] {
    return this.units.filter((unit) => name === undefined || unit.name === name);
  }

  transactionsOf(unit: Unit): Transactions {
    const known = this.#transactions.get(unit) ?? createTransactions(this.clock);
    this.#transactions.set(unit, known);
    return known;
  }

  certificateOf(unit: string): Certificate {
    const found = this.#certificates.get(unit);
    if (found === undefined) throw new Error(`There is no unit ${unit}.`);
    return found;
  }

  changeCertificate(name: string | undefined): void {
    for (const unit of this.unitsNamed(name)) {
      this.#certificates.set(unit.name, selfSigned());
      this.onCertificate?.(unit.name);
    }
  }
}
