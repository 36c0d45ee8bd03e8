import type { ChangeRecord } from '../../src/domain/change.ts';
import type { ChangeCommand } from '../../src/domain/command.ts';
import type { Environment, Inventory, Service } from '../../src/domain/inventory.ts';
import { applyLane } from '../../src/operations/apply.ts';
import type { WorkerContext } from '../../src/operations/context.ts';
import type { Asker, DecisionReply, Operations } from '../../src/operations/operations.ts';
import { planChange } from '../../src/operations/plan.ts';
import { createOperations } from '../../src/operations/request.ts';
import type { Announcer } from '../../src/ports/announcer.ts';
import { redisStores } from '../../src/store/stores.ts';
import { type FakeDevice, fakeDevice } from '../fakes/fake-device.ts';
import { type FakeDirectory, fakeDirectory } from '../fakes/fake-people.ts';
import { type FakeQueue, fakeQueue } from '../fakes/fake-queue.ts';
import { type HandClock, jumpingClock } from '../fakes/hand-clock.ts';
import { changeRequest, KEY, NOW } from '../fakes/samples.ts';
import type { StageRedis } from '../stage/redis.ts';

export const OPERATOR = 'U0OPERATE';
export const SECOND_OPERATOR = 'U0OPERTWO';
export const APPROVER = 'U0APPROVE';
export const VIEWER = 'U0VIEW';
export const MEMBERS = ['w1', 'w2', 'w3', 'w4'];

const environment = (name: string, required: 0 | 1): Environment => ({
  name,
  roles: {
    viewers: name === 'staging' ? 'workspace' : [VIEWER],
    operators: ['S0OPS'],
    approvers: [APPROVER],
    breakGlass: [],
  },
  approval: { required, expiresMs: 900_000 },
  minAvailable: { unit: 'percent', value: 50 },
});

const production = environment('production', 1);
const staging = environment('staging', 0);

/** Service `shop` on the pair `web` (approval needed), `blog` on `lone` (none needed). */
export const SERVICES: readonly Service[] = [
  {
    name: 'shop',
    aliases: ['store'],
    environment: production,
    channel: 'C0OPS',
    members: MEMBERS,
    minAvailable: production.minAvailable,
    servingWithinMs: 5_000,
    quietForMs: 1_000,
    drainForMs: 60_000,
    pools: [{ on: 'web', balancers: ['ha-1', 'ha-2'], lane: 'web', pool: 'shop' }],
  },
  {
    name: 'blog',
    aliases: [],
    environment: staging,
    minAvailable: staging.minAvailable,
    servingWithinMs: 5_000,
    quietForMs: 1_000,
    drainForMs: 60_000,
    pools: [{ on: 'lone', balancers: ['lone'], lane: 'lone', pool: 'blog' }],
  },
];

export function inventoryOf(services: readonly Service[] = SERVICES): Inventory {
  return {
    environments: new Map([
      ['production', production],
      ['staging', staging],
    ]),
    balancers: new Map(
      ['ha-1', 'ha-2', 'lone'].map((name) => [
        name,
        { name, kind: 'haproxy', socket: `/${name}.sock` },
      ]),
    ),
    pairs: new Map([['web', { name: 'web', nodes: ['ha-1', 'ha-2'] }]]),
    services: new Map(services.map((service) => [service.name, service])),
    shell: new Map(),
  };
}

/** Real records in a real Redis; devices, people and the queue in memory; time that jumps. */
export interface Site {
  context: WorkerContext;
  readonly clock: HandClock;
  readonly devices: Readonly<Record<'ha-1' | 'ha-2' | 'lone', FakeDevice>>;
  readonly directory: FakeDirectory;
  readonly queue: FakeQueue;
  /** Addresses that our own check does not reach. */
  readonly unreachable: Set<string>;
  readonly logged: string[];
  operations(): Operations;
  record(changeId: string): Promise<ChangeRecord>;
  plan(changeId: string, command?: Partial<ChangeCommand>): Promise<ChangeRecord>;
  approve(changeId: string, user?: string): Promise<DecisionReply>;
  /** Runs one lane of an approved change, as its worker does. */
  apply(changeId: string, options?: { lane?: string; signal?: AbortSignal }): Promise<ChangeRecord>;
  /** All of it, from the command to the end. */
  change(changeId: string, command?: Partial<ChangeCommand>): Promise<ChangeRecord>;
  /** Kinds of the audit entries of a change, in order. */
  audited(changeId: string): Promise<readonly string[]>;
}

export function asker(id = OPERATOR, over: Partial<Asker> = {}): Asker {
  return {
    actor: { id, via: 'slack' },
    origin: { via: 'slack', channel: 'C0OPS' },
    deliveryId: `T0US.${id}.1`,
    ...over,
  };
}

const silentAnnouncer: Announcer = {
  postCard: async (channel) => ({ channel, ts: '1.1' }),
  editCard: async () => true,
  findCard: async () => undefined,
  postEnding: async () => undefined,
  postDirect: async (user) => ({ channel: user, ts: '1.2' }),
  whisper: async () => undefined,
  publishHome: async () => undefined,
  restCount: () => 0,
  postRest: async () => undefined,
  notice: async () => undefined,
  postIncident: async (channel) => ({ channel, ts: '2.1' }),
  editIncident: async () => true,
  findIncident: async () => undefined,
  postNews: async () => undefined,
};

export function openSite(redis: StageRedis, services = SERVICES): Site {
  const clock = jumpingClock(NOW);
  const stores = redisStores(redis.client, clock, KEY);
  const devices = {
    'ha-1': fakeDevice('ha-1', 'shop', MEMBERS, clock),
    'ha-2': fakeDevice('ha-2', 'shop', MEMBERS, clock),
    lone: fakeDevice('lone', 'blog', ['b1', 'b2'], clock),
  };
  const directory = fakeDirectory();
  directory.groups.set('S0OPS', [OPERATOR, SECOND_OPERATOR, APPROVER]);
  const queue = fakeQueue();
  const unreachable = new Set<string>();
  const logged: string[] = [];
  const say = (message: string, data?: object) =>
    void logged.push(`${message} ${JSON.stringify(data ?? {})}`);

  const site: Site = {
    context: {
      inventory: inventoryOf(services),
      stores,
      queue,
      directory,
      clock,
      log: { debug() {}, info() {}, warn: say, error: say },
      signingKey: KEY,
      announcer: silentAnnouncer,
      adapterOf: (name) => devices[name as keyof typeof devices].adapter,
      check: {
        reach: async (address) =>
          unreachable.has(address)
            ? { reached: false, reason: 'nobody listens' }
            : { reached: true, ms: 1 },
      },
      roles: { of: async () => 'none' },
    },
    clock,
    devices,
    directory,
    queue,
    unreachable,
    logged,
    operations: () => createOperations(site.context),
    async record(changeId) {
      const record = await stores.changes.get(changeId);
      if (record === undefined) throw new Error(`There is no change ${changeId}.`);
      return record;
    },
    async plan(changeId, command = {}) {
      const acceptedAt = clock.now();
      await planChange(
        site.context,
        changeRequest(changeId, { command, acceptedAt, notAfter: acceptedAt + 60_000 }),
      );
      return site.record(changeId);
    },
    async approve(changeId, user = APPROVER) {
      const { plan } = await site.record(changeId);
      return site.operations().decide(
        {
          verb: 'approve',
          changeId,
          ...(plan === undefined ? {} : { digestPrefix: plan.digest.slice(0, 4) }),
        },
        asker(user),
      );
    },
    async apply(changeId, { lane = 'web', signal = new AbortController().signal } = {}) {
      const { approval, stage } = await site.record(changeId);
      await applyLane(
        site.context,
        { changeId, lane, stage, approvalMac: approval?.mac ?? 'f'.repeat(64) },
        signal,
      );
      return site.record(changeId);
    },
    async change(changeId, command = {}) {
      const { state } = await site.plan(changeId, command);
      if (state === 'waiting') await site.approve(changeId);
      return site.apply(changeId);
    },
    async audited(changeId) {
      const { entries } = await stores.audit.readAll();
      return entries.filter((entry) => entry.changeId === changeId).map(({ kind }) => kind);
    },
  };
  return site;
}

/** The states of one member on the two nodes. */
export function states(site: Site, member = 'w1') {
  return [site.devices['ha-1'], site.devices['ha-2']].map((device) => device.member(member).admin);
}
