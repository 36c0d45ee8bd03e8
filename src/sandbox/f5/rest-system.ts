import { pathOfSegment, segmentOf } from './object-names.ts';
import { collection, single } from './odata.ts';
import { ORIGIN, objectOf, ok, type RestCall, type RestHandler, selfLink } from './rest-call.ts';
import { badRequest, notAllowed, notFound } from './rest-errors.ts';
import { runBash } from './shell.ts';

/** Clients read the version from `?ver=` of this. */
const system: RestHandler = (call) =>
  ok({
    kind: 'tm:sys:syscollectionstate',
    selfLink: selfLink(call.unit, '/mgmt/tm/sys'),
    items: ['config', 'global-settings', 'provision', 'version'].map((name) => ({
      reference: { link: selfLink(call.unit, `/mgmt/tm/sys/${name}`) },
    })),
  });

const version: RestHandler = (call) => {
  const texts = {
    Build: '0.0.0',
    Date: 'Thu Jan  1 00:00:00 UTC 1970',
    Edition: 'Simulated',
    Product: 'BIG-IP',
    Title: 'Main Package',
    Version: call.unit.world.version,
  };
  const entries = Object.fromEntries(
    Object.entries(texts).map(([key, description]) => [key, { description }]),
  );
  return ok({
    kind: 'tm:sys:version:versionstats',
    selfLink: selfLink(call.unit, '/mgmt/tm/sys/version'),
    entries: { [`${ORIGIN}/mgmt/tm/sys/version/0`]: { nestedStats: { entries } } },
  });
};

const globalSettings: RestHandler = (call) =>
  ok({
    kind: 'tm:sys:global-settings:global-settingsstate',
    selfLink: selfLink(call.unit, '/mgmt/tm/sys/global-settings'),
    guiSetup: 'disabled',
    hostname: call.unit.hostname,
    mgmtDhcp: 'disabled',
  });

const provision: RestHandler = (call) =>
  collection(call, 'tm:sys:provision:provisioncollectionstate', [
    {
      kind: 'tm:sys:provision:provisionstate',
      name: 'ltm',
      fullPath: 'ltm',
      generation: 1,
      selfLink: selfLink(call.unit, '/mgmt/tm/sys/provision/ltm'),
      cpuRatio: 0,
      diskRatio: 0,
      level: 'nominal',
      memoryRatio: 0,
    },
  ]);

const saveConfig: RestHandler = (call) => {
  if (call.account.role !== 'admin') throw notAllowed('sys config');
  const { command, ...rest } = objectOf(call);
  if (command !== 'save') throw badRequest(`invalid command "${String(command)}"`);
  call.unit.save();
  return ok({ kind: 'tm:sys:config:savestate', command, ...rest });
};

const bash: RestHandler = (call) => {
  if (call.account.role !== 'admin') throw notAllowed('util bash');
  const { command, utilCmdArgs } = objectOf(call);
  if (command !== 'run' || typeof utilCmdArgs !== 'string') {
    throw badRequest(`invalid command "${String(command)}"`);
  }
  const result = runBash(call.group, call.unit, utilCmdArgs);
  return ok({
    kind: 'tm:util:bash:runstate',
    command,
    utilCmdArgs,
    // A command that prints nothing leaves the key out.
    ...(result === '' ? {} : { commandResult: result }),
  });
};

function partitionObjects(call: RestCall) {
  return call.unit.running.partitions.map(({ name, defaultRouteDomain }) => ({
    kind: 'tm:auth:partition:partitionstate',
    name,
    fullPath: name,
    generation: 1,
    selfLink: selfLink(call.unit, `/mgmt/tm/auth/partition/${name}`),
    defaultRouteDomain,
  }));
}

const partitions: RestHandler = (call) =>
  collection(call, 'tm:auth:partition:partitioncollectionstate', partitionObjects(call));

const partition: RestHandler = (call) => {
  const name = (call.names.partition ?? '').replace(/^~/, '');
  const found = partitionObjects(call).find((object) => object.name === name);
  if (found === undefined) throw notFound('folder', `/${name}`);
  return single(call, found);
};

const folders: RestHandler = (call) =>
  collection(
    call,
    'tm:sys:folder:foldercollectionstate',
    ['/', ...call.unit.running.partitions.map(({ name }) => `/${name}`)].map((path) => ({
      kind: 'tm:sys:folder:folderstate',
      name: path === '/' ? '/' : path.slice(1),
      fullPath: path,
      generation: 1,
      selfLink: selfLink(call.unit, `/mgmt/tm/sys/folder/${segmentOf(path)}`),
      deviceGroup: 'none',
      inheritedDevicegroup: 'true',
      inheritedTrafficGroup: 'true',
      noRefCheck: 'false',
      trafficGroup: '/Common/traffic-group-1',
    })),
  );

function domainObjects(call: RestCall) {
  return call.unit.running.routeDomains.map(({ id, partition: owner }) => {
    const path = `/${owner}/${id}`;
    return {
      kind: 'tm:net:route-domain:route-domainstate',
      name: String(id),
      partition: owner,
      fullPath: path,
      generation: 1,
      selfLink: selfLink(call.unit, `/mgmt/tm/net/route-domain/${segmentOf(path)}`),
      connectionLimit: 0,
      id,
      strict: 'enabled',
    };
  });
}

const routeDomains: RestHandler = (call) =>
  collection(call, 'tm:net:route-domain:route-domaincollectionstate', domainObjects(call));

const routeDomain: RestHandler = (call) => {
  const path = pathOfSegment(call.names.domain ?? '');
  const found = domainObjects(call).find((object) => object.fullPath === path);
  if (found === undefined) throw notFound('Route Domain', path);
  return single(call, found);
};

export const systemRoutes: Readonly<Record<string, RestHandler>> = {
  'GET /mgmt/tm/sys': system,
  'GET /mgmt/tm/sys/version': version,
  'GET /mgmt/tm/sys/global-settings': globalSettings,
  'GET /mgmt/tm/sys/provision': provision,
  'POST /mgmt/tm/sys/config': saveConfig,
  'POST /mgmt/tm/util/bash': bash,
  'GET /mgmt/tm/auth/partition': partitions,
  'GET /mgmt/tm/auth/partition/:partition': partition,
  'GET /mgmt/tm/sys/folder': folders,
  'GET /mgmt/tm/net/route-domain': routeDomains,
  'GET /mgmt/tm/net/route-domain/:domain': routeDomain,
  'GET /mgmt/tm/auth/source': (call) =>
    ok({
      kind: 'tm:auth:source:sourcestate',
      selfLink: selfLink(call.unit, '/mgmt/tm/auth/source'),
      fallback: 'false',
      type: 'local',
    }),
};
