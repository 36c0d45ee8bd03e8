import { DEVICE_GROUP } from './device-group.ts';
import { pathOfSegment } from './object-names.ts';
import { collection, single } from './odata.ts';
import { ORIGIN, objectOf, ok, type RestCall, type RestHandler, selfLink } from './rest-call.ts';
import { badRequest, notAllowed, notFound, objectNotFound } from './rest-errors.ts';
import { statistics } from './rest-facts.ts';
import type { Unit } from './unit.ts';

const described = (texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(texts).map(([key, description]) => [key, { description }]));

/** Lines of details, numbered from 0, in the form both status pages share. */
function detailEntries(base: string, lines: readonly string[]): object {
  if (lines.length === 0) return {};
  const entries = Object.fromEntries(
    lines.map((line, index) => [
      `${ORIGIN}${base}/${index}`,
      { nestedStats: { entries: described({ details: line }) } },
    ]),
  );
  return { [`${ORIGIN}${base}`]: { nestedStats: { entries } } };
}

const statusWords = {
  active: { color: 'green', status: 'ACTIVE', summary: 'active' },
  standby: { color: 'gray', status: 'STANDBY', summary: 'standby' },
  'forced-offline': { color: 'yellow', status: 'FORCED OFFLINE', summary: 'forced offline' },
} as const;

const failoverStatus: RestHandler = (call) => {
  const { group, unit } = call;
  const words = statusWords[group.roleOf(unit)];
  const held = group.groupsOf(unit);
  const all = group.trafficGroups.length;
  const count = group.roleOf(unit) === 'active' ? held.length : all;
  const lines = held.map((name) => `active for /Common/${name}`);
  return statistics(call, 'tm:cm:failover-status:failover-statusstats', {
    [`${ORIGIN}/mgmt/tm/cm/failover-status/0`]: {
      nestedStats: {
        entries: {
          ...described({
            color: words.color,
            status: words.status,
            summary: `${count}/${all} ${words.summary}`,
          }),
          ...detailEntries('/mgmt/tm/cm/failoverStatus/0/details', lines),
        },
      },
    },
  });
};

const syncStatus: RestHandler = (call) => {
  const { color, mode, status, summary, details } = call.group.syncStatus(call.unit);
  return statistics(call, 'tm:cm:sync-status:sync-statusstats', {
    [`${ORIGIN}/mgmt/tm/cm/sync-status/0`]: {
      nestedStats: {
        entries: {
          ...described({ color, mode, status, summary }),
          ...detailEntries('/mgmt/tm/cm/syncStatus/0/details', details),
        },
      },
    },
  });
};

function deviceObject(call: RestCall, unit: Unit) {
  const path = `/mgmt/tm/cm/device/~Common~${unit.hostname}`;
  return {
    kind: 'tm:cm:device:devicestate',
    name: unit.hostname,
    partition: 'Common',
    fullPath: `/Common/${unit.hostname}`,
    generation: 1,
    selfLink: selfLink(unit, path),
    activeModules: ['BIG-IP, VE, LTM (SIMULATED)|SIMULA-TED'],
    baseMac: '02:00:00:00:00:01',
    build: '0.0.0',
    cert: '/Common/dtdi.crt',
    chassisId: 'simulated',
    chassisType: 'individual',
    configsyncIp: call.group.isPair ? unit.managementIp : 'none',
    edition: 'Simulated',
    failoverState: call.group.roleOf(unit),
    hostname: unit.hostname,
    key: '/Common/dtdi.key',
    managementIp: unit.managementIp,
    marketingName: 'BIG-IP Virtual Edition (SIMULATED)',
    mirrorIp: 'any6',
    mirrorSecondaryIp: 'any6',
    multicastIp: 'any6',
    multicastPort: 0,
    optionalModules: [],
    platformId: 'Z100',
    product: 'BIG-IP',
    selfDevice: String(unit === call.unit),
    timeZone: 'UTC',
    version: unit.world.version,
  };
}

const devices: RestHandler = (call) =>
  collection(
    call,
    'tm:cm:device:devicecollectionstate',
    call.group.units.map((unit) => deviceObject(call, unit)),
  );

const device: RestHandler = (call) => {
  const path = pathOfSegment(call.names.device ?? '');
  const unit = call.group.units.find((candidate) => `/Common/${candidate.hostname}` === path);
  if (unit === undefined) throw notFound('device', path);
  return single(call, deviceObject(call, unit));
};

function groupObjects(call: RestCall) {
  const { group, unit } = call;
  const object = (name: string, type: string, autoSync: boolean) => {
    const path = `/mgmt/tm/cm/device-group/~Common~${name}`;
    const members = group.units.map((member) => ({
      kind: 'tm:cm:device-group:devices:devicesstate',
      name: member.hostname,
      partition: 'Common',
      fullPath: `/Common/${member.hostname}`,
      generation: 1,
      selfLink: selfLink(unit, `${path}/devices/~Common~${member.hostname}`),
    }));
    return {
      kind: 'tm:cm:device-group:device-groupstate',
      name,
      partition: 'Common',
      fullPath: `/Common/${name}`,
      generation: 1,
      selfLink: selfLink(unit, path),
      asmSync: 'disabled',
      autoSync: autoSync ? 'enabled' : 'disabled',
      fullLoadOnSync: 'false',
      incrementalConfigSyncSizeMax: 1024,
      networkFailover: type === 'sync-failover' ? 'enabled' : 'disabled',
      saveOnAutoSync: 'false',
      type,
      devicesReference: {
        link: selfLink(unit, `${path}/devices`),
        isSubcollection: true,
        ...(call.query.get('expandSubcollections') === 'true' ? { items: members } : {}),
      },
      members,
    };
  };
  const trust = object('device_trust_group', 'sync-only', true);
  return group.isPair ? [trust, object(DEVICE_GROUP, 'sync-failover', group.autoSync)] : [trust];
}

const withoutMembers = ({ members: _, ...object }: ReturnType<typeof groupObjects>[number]) =>
  object;

const deviceGroups: RestHandler = (call) =>
  collection(
    call,
    'tm:cm:device-group:device-groupcollectionstate',
    groupObjects(call).map(withoutMembers),
  );

function groupWanted(call: RestCall) {
  const path = pathOfSegment(call.names.group ?? '');
  const found = groupObjects(call).find((group) => group.fullPath === path);
  if (found === undefined) throw notFound('device group', path);
  return found;
}

const deviceGroup: RestHandler = (call) => single(call, withoutMembers(groupWanted(call)));

const groupDevices: RestHandler = (call) =>
  collection(call, 'tm:cm:device-group:devices:devicescollectionstate', groupWanted(call).members);

const groupDevice: RestHandler = (call) => {
  const path = pathOfSegment(call.names.device ?? '');
  const found = groupWanted(call).members.find((member) => member.fullPath === path);
  if (found === undefined) throw objectNotFound(path);
  return single(call, found);
};

const trafficGroupObject = (call: RestCall, name: string) => ({
  kind: 'tm:cm:traffic-group:traffic-groupstate',
  name,
  partition: 'Common',
  fullPath: `/Common/${name}`,
  generation: 1,
  selfLink: selfLink(call.unit, `/mgmt/tm/cm/traffic-group/~Common~${name}`),
  autoFailbackEnabled: 'false',
  autoFailbackTime: 60,
  failoverMethod: 'ha-order',
  haLoadFactor: 1,
  isFloating: 'true',
  mac: 'none',
  unitId: 1,
});

const trafficGroups: RestHandler = (call) =>
  collection(
    call,
    'tm:cm:traffic-group:traffic-groupcollectionstate',
    call.group.trafficGroups.map((name) => trafficGroupObject(call, name)),
  );

function trafficGroupWanted(call: RestCall): string {
  const path = pathOfSegment(call.names.group ?? '');
  const found = call.group.trafficGroups.find((name) => `/Common/${name}` === path);
  if (found === undefined) throw notFound('traffic group', path);
  return found;
}

const trustDomains: RestHandler = (call) =>
  collection(call, 'tm:cm:trust-domain:trust-domaincollectionstate', [
    {
      kind: 'tm:cm:trust-domain:trust-domainstate',
      name: 'Root',
      partition: 'Common',
      fullPath: '/Common/Root',
      generation: 1,
      selfLink: selfLink(call.unit, '/mgmt/tm/cm/trust-domain/~Common~Root'),
      caCert: '/Common/dtca.crt',
      caDevices: call.group.units.map(({ hostname }) => `/Common/${hostname}`),
      trustGroup: '/Common/device_trust_group',
    },
  ]);

/** Per unit, who holds the group. */
const trafficGroupStats: RestHandler = (call) => {
  const name = trafficGroupWanted(call);
  const entries = call.group.units.map((unit) => {
    const segment = `~Common~${name}:~Common~${unit.hostname}`;
    const path = `/mgmt/tm/cm/traffic-group/~Common~${name}/${segment}/stats`;
    const holds = call.group.groupsOf(unit).includes(name);
    const texts = described({
      deviceName: `/Common/${unit.hostname}`,
      failoverState: holds ? 'active' : 'standby',
      nextActive: String(!holds),
      trafficGroup: `/Common/${name}`,
    });
    return [`${ORIGIN}${path}`, { nestedStats: { entries: texts } }];
  });
  return ok({
    kind: 'tm:cm:traffic-group:traffic-groupstats',
    selfLink: selfLink(call.unit, call.path),
    entries: Object.fromEntries(entries),
  });
};

/** `run` in `cm`: only config-sync is there. */
const runCommand: RestHandler = (call) => {
  if (call.account.role !== 'admin') throw notAllowed('cm');
  const { command, utilCmdArgs } = objectOf(call);
  const words = String(utilCmdArgs ?? '')
    .trim()
    .split(/\s+/);
  const [verb, direction, name = ''] = words;
  const isKnown = direction === 'to-group' || direction === 'from-group';
  if (command !== 'run' || verb !== 'config-sync' || !isKnown) {
    throw badRequest(`invalid command "${String(utilCmdArgs ?? command)}"`);
  }
  call.group.sync(call.unit, name.replace(/^\/Common\//, ''), direction);
  return ok({ kind: 'tm:cm:runstate', command: 'run', utilCmdArgs });
};

export const deviceRoutes: Readonly<Record<string, RestHandler>> = {
  'GET /mgmt/tm/cm/failover-status': failoverStatus,
  'GET /mgmt/tm/cm/failover-status/stats': failoverStatus,
  'GET /mgmt/tm/cm/sync-status': syncStatus,
  'GET /mgmt/tm/cm/sync-status/stats': syncStatus,
  'GET /mgmt/tm/cm/device': devices,
  'GET /mgmt/tm/cm/device/:device': device,
  'GET /mgmt/tm/cm/device-group': deviceGroups,
  'GET /mgmt/tm/cm/device-group/:group': deviceGroup,
  'GET /mgmt/tm/cm/device-group/:group/devices': groupDevices,
  'GET /mgmt/tm/cm/device-group/:group/devices/:device': groupDevice,
  'GET /mgmt/tm/cm/traffic-group': trafficGroups,
  'GET /mgmt/tm/cm/traffic-group/:group': (call) =>
    single(call, trafficGroupObject(call, trafficGroupWanted(call))),
  'GET /mgmt/tm/cm/traffic-group/:group/stats': trafficGroupStats,
  'GET /mgmt/tm/cm/trust-domain': trustDomains,
  'POST /mgmt/tm/cm': runCommand,
};
