import { collection } from './odata.ts';
import { ORIGIN, objectOf, ok, type RestCall, type RestHandler, selfLink } from './rest-call.ts';
import { badRequest, notAllowed, notFound } from './rest-errors.ts';

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
  'sys/file/ssl-cert': 'tm:sys:file:ssl-cert:ssl-certcollectionstate',
  'sys/application/service': 'tm:sys:application:service:servicecollectionstate',
};

/** Statistics of what is not there. */
const WITHOUT_STATS: Readonly<Record<string, string>> = {
  'ltm/virtual': 'tm:ltm:virtual:virtualcollectionstats',
  'ltm/rule': 'tm:ltm:rule:rulecollectionstats',
};

/** Types that BIG-IP comes with; reports go through all of them. */
const MONITORS = [
  'gateway-icmp',
  'http',
  'https',
  'icmp',
  'real-server',
  'snmp-dca',
  'tcp',
  'tcp-half-open',
  'udp',
];

/** What an organizing collection refers to, as far as it is there. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  cm: ['device', 'device-group', 'failover-status', 'sync-status', 'traffic-group'],
  ltm: ['monitor', 'node', 'policy', 'pool', 'profile', 'rule', 'virtual', 'virtual-address'],
  'ltm/monitor': MONITORS,
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

const SPEAKING = ['http', 'https'];

/** The monitor of each type that every unit comes with; pools of the seed may name others. */
const monitors: RestHandler = (call) => {
  const { type = '' } = call.names;
  if (!MONITORS.includes(type)) throw notFound('monitor type', type);
  const path = `/mgmt/tm/ltm/monitor/${type}`;
  return collection(call, `tm:ltm:monitor:${type}:${type}collectionstate`, [
    {
      kind: `tm:ltm:monitor:${type}:${type}state`,
      name: type,
      partition: 'Common',
      fullPath: `/Common/${type}`,
      generation: 1,
      selfLink: selfLink(call.unit, `${path}/~Common~${type}`),
      destination: '*:*',
      interval: 5,
      manualResume: 'disabled',
      timeUntilUp: 0,
      timeout: 16,
      upInterval: 0,
      ...(SPEAKING.includes(type) ? { send: 'GET /\\r\\n' } : {}),
    },
  ]);
};

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

/** `run` in `sys failover`: an active unit may be told to stand by. */
const failover: RestHandler = (call) => {
  if (call.account.role !== 'admin') throw notAllowed('sys failover');
  const { command, standby, ...rest } = objectOf(call);
  if (command !== 'run' || String(standby) !== 'true') {
    throw badRequest(`invalid command "${String(command)}"`);
  }
  if (call.group.isPair && call.group.roleOf(call.unit) === 'active') call.group.failOver();
  return ok({ kind: 'tm:sys:failover:runstate', command, standby, ...rest });
};

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
  'GET /mgmt/tm/ltm/monitor/:type': monitors,
  'GET /mgmt/tm/ltm/profile/:type': ofType('profile'),
  'GET /mgmt/tm/ltm/persistence/:type': ofType('persistence'),
  'GET /mgmt/shared/identified-devices/config/device-info': deviceInfo,
  'POST /mgmt/tm/sys/failover': failover,
};
