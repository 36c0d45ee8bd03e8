import { segmentOf } from './object-names.ts';
import { collection } from './odata.ts';
import { ORIGIN, ok, type RestCall, type RestHandler, selfLink } from './rest-call.ts';
import { MONITOR_TYPES } from './rest-monitors.ts';

/*
 * What clients look at before, after and beside the members: reports and exporters read all of it, and end at the first
 * address that is not there.
 */

/** Collections that are empty here, by kind. */
const EMPTY: Readonly<Record<string, string>> = {
  'net/tunnels/gre': 'tm:net:tunnels:gre:grecollectionstate',
  'net/tunnels/ipip': 'tm:net:tunnels:ipip:ipipcollectionstate',
  'net/interface': 'tm:net:interface:interfacecollectionstate',
  'net/trunk': 'tm:net:trunk:trunkcollectionstate',
  'net/self': 'tm:net:self:selfcollectionstate',
  'net/vlan': 'tm:net:vlan:vlancollectionstate',
  'net/route': 'tm:net:route:routecollectionstate',
  'ltm/virtual': 'tm:ltm:virtual:virtualcollectionstate',
  'ltm/virtual-address': 'tm:ltm:virtual-address:virtual-addresscollectionstate',
  'ltm/rule': 'tm:ltm:rule:rulecollectionstate',
  'ltm/policy': 'tm:ltm:policy:policycollectionstate',
  'ltm/snatpool': 'tm:ltm:snatpool:snatpoolcollectionstate',
  'ltm/data-group/internal': 'tm:ltm:data-group:internal:internalcollectionstate',
  'ltm/data-group/external': 'tm:ltm:data-group:external:externalcollectionstate',
  'sys/crypto/cert': 'tm:sys:crypto:cert:certcollectionstate',
  'sys/crypto/key': 'tm:sys:crypto:key:keycollectionstate',
  'sys/file/ssl-key': 'tm:sys:file:ssl-key:ssl-keycollectionstate',
  'sys/ha-group': 'tm:sys:ha-group:ha-groupcollectionstate',
  'sys/management-route': 'tm:sys:management-route:management-routecollectionstate',
  'sys/software/hotfix': 'tm:sys:software:hotfix:hotfixcollectionstate',
  'sys/software/image': 'tm:sys:software:image:imagecollectionstate',
  'sys/ucs': 'tm:sys:ucs:ucscollectionstate',
  'sys/file/ssl-cert': 'tm:sys:file:ssl-cert:ssl-certcollectionstate',
  'sys/application/service': 'tm:sys:application:service:servicecollectionstate',
};

/** Statistics of what is not there. */
const WITHOUT_STATS: Readonly<Record<string, string>> = {
  'ltm/virtual': 'tm:ltm:virtual:virtualcollectionstats',
  'ltm/rule': 'tm:ltm:rule:rulecollectionstats',
};

/** What an organizing collection refers to, as far as it is there. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  cm: ['device', 'device-group', 'failover-status', 'sync-status', 'traffic-group', 'trust-domain'],
  ltm: ['monitor', 'node', 'policy', 'pool', 'profile', 'rule', 'virtual', 'virtual-address'],
  'ltm/monitor': MONITOR_TYPES,
  'ltm/profile': ['client-ssl', 'http', 'server-ssl', 'tcp', 'udp'],
  net: ['interface', 'route', 'route-domain', 'self', 'trunk', 'tunnels', 'vlan'],
};

const parts =
  (name: string, names: readonly string[]): RestHandler =>
  (call) =>
    ok({
      kind: `tm:${name.replace('/', ':')}:${name.split('/').at(-1)}collectionstate`,
      selfLink: selfLink(call.unit, `/mgmt/tm/${name}`),
      items: names.map((part) => ({
        reference: { link: selfLink(call.unit, `/mgmt/tm/${name}/${part}`) },
      })),
    });

const ofType =
  (family: string): RestHandler =>
  (call) => {
    const { type = '' } = call.names;
    return collection(call, `tm:ltm:${family}:${type}:${type}collectionstate`, []);
  };

/** The version of the command line, which Terraform's provider asks for. */
const cliVersion: RestHandler = (call) => {
  const { version } = call.unit.world;
  const entries = Object.fromEntries(
    Object.entries({ active: version, latest: version, supported: version }).map(
      ([key, description]) => [key, { description }],
    ),
  );
  return ok({
    kind: 'tm:cli:version:versionstats',
    selfLink: selfLink(call.unit, '/mgmt/tm/cli/version'),
    entries: { [`${ORIGIN}/mgmt/tm/cli/version/0`]: { nestedStats: { entries } } },
  });
};

const deviceInfo: RestHandler = ({ unit }) =>
  ok({
    machineId: '00000000-0000-0000-0000-000000000000',
    hostname: unit.hostname,
    version: unit.world.version,
    product: 'BIG-IP',
    platform: 'Z100',
    platformMarketingName: 'BIG-IP Virtual Edition (SIMULATED)',
    edition: 'Simulated',
    build: '0.0.0',
    managementAddress: unit.managementIp,
    mcpDeviceName: `/Common/${unit.hostname}`,
    generation: 0,
    lastUpdateMicros: 0,
    kind: 'shared:resolver:device-groups:deviceinfostate',
    selfLink: `${ORIGIN}/mgmt/shared/identified-devices/config/device-info`,
  });

/** Where clients look for the version that runs. */
const volumes: RestHandler = (call) =>
  collection(call, 'tm:sys:software:volume:volumecollectionstate', [
    {
      kind: 'tm:sys:software:volume:volumestate',
      name: 'HD1.1',
      fullPath: 'HD1.1',
      generation: 1,
      selfLink: selfLink(call.unit, '/mgmt/tm/sys/software/volume/HD1.1'),
      active: true,
      basebuild: '0.0.0',
      build: '0.0.0',
      product: 'BIG-IP',
      status: 'complete',
      version: call.unit.world.version,
    },
  ]);

const managementIp: RestHandler = (call) => {
  const name = `${call.unit.managementIp}/24`;
  return collection(call, 'tm:sys:management-ip:management-ipcollectionstate', [
    {
      kind: 'tm:sys:management-ip:management-ipstate',
      name,
      fullPath: name,
      generation: 1,
      selfLink: selfLink(call.unit, `/mgmt/tm/sys/management-ip/${segmentOf(name)}`),
      description: 'configured-statically',
    },
  ]);
};

/** What the services under /mgmt/shared answer when they are there and have nothing to say. */
const ready: RestHandler = () => ok({});

const echo: RestHandler = (call) =>
  ok({
    stage: 'Initial',
    query: Object.fromEntries(call.query),
    kind: 'tm:shared:echo-query:echoqueryworkerstate',
    selfLink: `${ORIGIN}/mgmt/shared/echo-query`,
  });

const routes = (
  table: Readonly<Record<string, string>>,
  behind: string,
  make: (kind: string) => RestHandler,
) =>
  Object.entries(table).map(([path, kind]): [string, RestHandler] => [
    `GET /mgmt/tm/${path}${behind}`,
    make(kind),
  ]);

const empty = (kind: string) => (call: RestCall) => collection(call, kind, []);

const withoutStats = (kind: string) => (call: RestCall) =>
  ok({ kind, selfLink: selfLink(call.unit, call.path), entries: {} });

export const surroundingRoutes: Readonly<Record<string, RestHandler>> = {
  ...Object.fromEntries(routes(EMPTY, '', empty)),
  ...Object.fromEntries(routes(WITHOUT_STATS, '/stats', withoutStats)),
  ...Object.fromEntries(
    Object.entries(PARTS).map(([name, names]): [string, RestHandler] => [
      `GET /mgmt/tm/${name}`,
      parts(name, names),
    ]),
  ),
  'GET /mgmt/tm/cli/version': cliVersion,
  'GET /mgmt/tm/ltm/profile/:type': ofType('profile'),
  'GET /mgmt/tm/ltm/persistence/:type': ofType('persistence'),
  'GET /mgmt/shared/identified-devices/config/device-info': deviceInfo,
  'GET /mgmt/shared/echo': ready,
  'GET /mgmt/shared/echo-query': echo,
  'GET /mgmt/tm/sys/available': ready,
  'GET /mgmt/tm/sys/management-ip': managementIp,
  'GET /mgmt/tm/sys/ready': ready,
  'GET /mgmt/tm/sys/software/volume': volumes,
};
