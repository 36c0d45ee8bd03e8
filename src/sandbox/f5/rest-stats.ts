import { fullPath, type MemberConfig, type NodeConfig, type PoolConfig } from './config-model.ts';
import { nodeStatus, poolStatus, type Status } from './member-status.ts';
import { segmentOf } from './object-names.ts';
import { ORIGIN, ok, type RestCall, type RestHandler, selfLink } from './rest-call.ts';
import { memberToRead, memberUrl, poolToRead, poolUrl } from './rest-members.ts';
import { nodeUrl, nodeWanted } from './rest-nodes.ts';
import type { Load } from './traffic-model.ts';
import type { Unit } from './unit.ts';

type Entries = Record<string, { value: number } | { description: string }>;

/** `entries` of one object under its address, and the address as the key of the answer. */
function nested(unit: Unit, kind: string, path: string, entries: Entries) {
  return {
    [`${ORIGIN}${path}`]: { nestedStats: { kind, selfLink: selfLink(unit, path), entries } },
  };
}

const values = (prefix: string, numbers: Readonly<Record<string, number>>): Entries =>
  Object.fromEntries(
    Object.entries(numbers).map(([key, value]) => [
      `${prefix}${key}`,
      { value: Math.round(value) },
    ]),
  );

const words = (texts: Readonly<Record<string, string>>): Entries =>
  Object.fromEntries(Object.entries(texts).map(([key, description]) => [key, { description }]));

const statusEntries = (status: Status): Entries =>
  words({
    'status.availabilityState': status.availability,
    'status.enabledState': status.enabled,
    'status.statusReason': status.reason,
  });

const noQueue = { ageEdm: 0, ageEma: 0, ageHead: 0, ageMax: 0, depth: 0, serviced: 0 };

function serverSide(loads: readonly Load[]): Entries {
  const sum = (key: keyof Load) => loads.reduce((total, load) => total + Math.round(load[key]), 0);
  return values('serverside.', {
    bitsIn: sum('bitsIn'),
    bitsOut: sum('bitsOut'),
    curConns: sum('current'),
    maxConns: sum('max'),
    pktsIn: sum('bitsIn') / 8_000,
    pktsOut: sum('bitsOut') / 8_000,
    totConns: sum('total'),
  });
}

function memberEntries(unit: Unit, pool: PoolConfig, member: MemberConfig): Entries {
  const status = unit.statusOf(pool, member);
  const load = unit.loadOf(pool, member);
  return {
    ...words({ addr: member.address }),
    ...values('connq.', noQueue),
    ...values('', { curSessions: 0 }),
    ...words({
      monitorRule: status.monitorRule,
      monitorStatus: status.monitorStatus,
      nodeName: `/${member.partition}/${member.name.slice(0, member.name.length - String(member.port).length - 1)}`,
      poolName: fullPath(pool),
    }),
    ...values('', { port: member.port }),
    ...serverSide([load]),
    ...words({ sessionStatus: status.sessionStatus }),
    ...statusEntries(status),
    ...values('', { totRequests: load.total }),
  };
}

function poolEntries(unit: Unit, pool: PoolConfig): Entries {
  const status = poolStatus(unit.running, pool, unit.monitorResults);
  const loads = pool.members.map((member) => unit.loadOf(pool, member));
  return {
    ...values('', {
      activeMemberCnt: status.activeMembers,
      availableMemberCnt: status.availableMembers,
    }),
    ...values('connqAll.', noQueue),
    ...values('connq.', noQueue),
    ...values('', {
      curSessions: 0,
      memberCnt: pool.members.length,
      minActiveMembers: Number(pool.attributes.minActiveMembers ?? 0),
    }),
    ...words({ monitorRule: pool.monitor ?? 'none', tmName: fullPath(pool) }),
    ...serverSide(loads),
    ...statusEntries(status),
    ...values('', { totRequests: loads.reduce((total, load) => total + load.total, 0) }),
  };
}

const membersStats: RestHandler = (call) => {
  const pool = poolToRead(call);
  const entries = pool.members.map((member) =>
    nested(
      call.unit,
      'tm:ltm:pool:members:membersstats',
      `${memberUrl(pool, member)}/stats`,
      memberEntries(call.unit, pool, member),
    ),
  );
  return answer(call, 'tm:ltm:pool:members:memberscollectionstats', entries);
};

/** Of one member the key repeats its name. */
const memberStats: RestHandler = (call) => {
  const { pool, member } = memberToRead(call);
  const path = `${memberUrl(pool, member)}/${segmentOf(fullPath(member))}/stats`;
  const entries = memberEntries(call.unit, pool, member);
  const kind = 'tm:ltm:pool:members:membersstats';
  return answer(call, kind, [nested(call.unit, kind, path, entries)], member.generation);
};

const poolsStats: RestHandler = (call) => {
  const entries = call.unit.running.pools.map((pool) =>
    nested(
      call.unit,
      'tm:ltm:pool:poolstats',
      `${poolUrl(pool)}/stats`,
      poolEntries(call.unit, pool),
    ),
  );
  return answer(call, 'tm:ltm:pool:poolcollectionstats', entries);
};

const poolStats: RestHandler = (call) => {
  const pool = poolToRead(call);
  const path = `${poolUrl(pool)}/${segmentOf(fullPath(pool))}/stats`;
  const kind = 'tm:ltm:pool:poolstats';
  const entry = nested(call.unit, kind, path, poolEntries(call.unit, pool));
  return answer(call, kind, [entry], pool.generation);
};

/** All members of all pools at once, from 12.0 on: by pool, and in each pool's entries its members'. */
const allMembersStats: RestHandler = (call) => {
  const { unit } = call;
  if (Number.parseInt(unit.world.version, 10) < 12) {
    return poolStats({ ...call, names: { pool: 'members' } });
  }
  const base = '/mgmt/tm/ltm/pool/members';
  const entries = unit.running.pools.map((pool) => {
    const path = `${base}/${segmentOf(fullPath(pool))}`;
    const members = pool.members.map((member) =>
      nested(
        unit,
        'tm:ltm:pool:members:membersstats',
        `${path}/members/${segmentOf(fullPath(member))}/stats`,
        memberEntries(unit, pool, member),
      ),
    );
    const ofMembers = {
      [`${ORIGIN}${path}/members/stats`]: {
        nestedStats: { entries: Object.assign({}, ...members) },
      },
    };
    return {
      [`${ORIGIN}${path}/stats`]: {
        nestedStats: { entries: { ...poolEntries(unit, pool), ...ofMembers } },
      },
    };
  });
  return answer(call, 'tm:ltm:pool:members:memberscollectionstats', entries);
};

function nodeEntries(unit: Unit, node: NodeConfig): Entries {
  const loads = unit.running.pools.flatMap((pool) =>
    pool.members
      .filter((member) => member.address === node.address)
      .map((member) => unit.loadOf(pool, member)),
  );
  const status = nodeStatus(node);
  return {
    ...words({ addr: node.address }),
    ...values('', { curSessions: 0 }),
    ...words({
      monitorRule: status.monitorRule,
      monitorStatus: status.monitorStatus,
      tmName: fullPath(node),
    }),
    ...serverSide(loads),
    ...words({ sessionStatus: node.sessionEnabled ? 'enabled' : 'user-disabled' }),
    ...statusEntries(status),
    ...values('', { totRequests: loads.reduce((total, load) => total + load.total, 0) }),
  };
}

const nodesStats: RestHandler = (call) => {
  const entries = call.unit.running.nodes.map((node) =>
    nested(
      call.unit,
      'tm:ltm:node:nodestats',
      `${nodeUrl(node)}/stats`,
      nodeEntries(call.unit, node),
    ),
  );
  return answer(call, 'tm:ltm:node:nodecollectionstats', entries);
};

const nodeStats: RestHandler = (call) => {
  const node = nodeWanted(call);
  const path = `${nodeUrl(node)}/${segmentOf(fullPath(node))}/stats`;
  const kind = 'tm:ltm:node:nodestats';
  const entry = nested(call.unit, kind, path, nodeEntries(call.unit, node));
  return answer(call, kind, [entry], node.generation);
};

function answer(call: RestCall, kind: string, entries: readonly object[], generation?: number) {
  return ok({
    kind,
    ...(generation === undefined ? {} : { generation }),
    selfLink: selfLink(call.unit, call.path),
    entries: Object.assign({}, ...entries),
  });
}

export const statsRoutes: Readonly<Record<string, RestHandler>> = {
  'GET /mgmt/tm/ltm/pool/stats': poolsStats,
  'GET /mgmt/tm/ltm/pool/members/stats': allMembersStats,
  'GET /mgmt/tm/ltm/pool/:pool/stats': poolStats,
  'GET /mgmt/tm/ltm/pool/:pool/members/stats': membersStats,
  'GET /mgmt/tm/ltm/pool/:pool/members/:member/stats': memberStats,
  'GET /mgmt/tm/ltm/node/stats': nodesStats,
  'GET /mgmt/tm/ltm/node/:node/stats': nodeStats,
};
