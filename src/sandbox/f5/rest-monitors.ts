import { fullPath, type MonitorConfig } from './config-model.ts';
import { givenName, refuseUnknownFolder } from './member-writes.ts';
import { pathOfSegment, segmentOf } from './object-names.ts';
import { collection, single } from './odata.ts';
import { nothing, objectOf, type RestCall, type RestHandler, selfLink } from './rest-call.ts';
import { badRequest, notAllowed, notFound, RestError } from './rest-errors.ts';
import { asWritten } from './rest-values.ts';

/*
 * Monitors as configuration: there to be listed, and for clients that make one before a pool that uses it. What a
 * monitor finds is set by the control API.
 */

/** Types that BIG-IP comes with, each with one monitor of its name; reports go through all of them. */
export const MONITOR_TYPES: readonly string[] = [
  ...['diameter', 'dns', 'external', 'firepass', 'ftp', 'gateway-icmp', 'http', 'https', 'icmp'],
  ...['imap', 'inband', 'ldap', 'module-score', 'mssql', 'mysql', 'nntp', 'oracle', 'pop3'],
  ...['postgresql', 'radius', 'radius-accounting', 'real-server', 'rpc', 'sasp', 'scripted', 'sip'],
  ...['smb', 'smtp', 'snmp-dca', 'snmp-dca-base', 'soap', 'tcp', 'tcp-echo', 'tcp-half-open'],
  ...['udp', 'virtual-location', 'wap', 'wmi'],
];

const SPEAKING = ['http', 'https'];

const defaults = (type: string): Record<string, unknown> => ({
  adaptive: 'disabled',
  destination: '*:*',
  interval: 5,
  ipDscp: 0,
  manualResume: 'disabled',
  timeUntilUp: 0,
  timeout: 16,
  transparent: 'disabled',
  upInterval: 0,
  ...(SPEAKING.includes(type) ? { reverse: 'disabled', send: 'GET /\\r\\n' } : {}),
});

/** Of `real-server` it is /Common/real_server. */
const builtIn = (type: string): MonitorConfig => ({
  type,
  name: type.replaceAll('-', '_'),
  partition: 'Common',
  generation: 1,
  attributes: {},
});

function typeOf(call: RestCall): string {
  const { type = '' } = call.names;
  if (!MONITOR_TYPES.includes(type)) throw notFound('monitor type', type);
  return type;
}

const all = (call: RestCall, type: string): MonitorConfig[] => [
  builtIn(type),
  ...call.unit.running.monitors.filter((monitor) => monitor.type === type),
];

function object(call: RestCall, monitor: MonitorConfig) {
  const { type, name, partition, generation, attributes } = monitor;
  const path = `/mgmt/tm/ltm/monitor/${type}/${segmentOf(fullPath(monitor))}`;
  return {
    kind: `tm:ltm:monitor:${type}:${type}state`,
    name,
    partition,
    fullPath: fullPath(monitor),
    generation,
    selfLink: selfLink(call.unit, path),
    ...defaults(type),
    ...attributes,
  };
}

function wanted(call: RestCall): MonitorConfig {
  const path = pathOfSegment(call.names.monitor ?? '');
  const found = all(call, typeOf(call)).find((monitor) => fullPath(monitor) === path);
  if (found === undefined) throw notFound('monitor', path);
  return found;
}

function stamp(call: RestCall, monitor: MonitorConfig): void {
  call.unit.running.generation += 1;
  monitor.generation = call.unit.running.generation;
  call.group.changed(call.unit);
}

function mine(call: RestCall): MonitorConfig {
  if (call.account.role !== 'admin') throw notAllowed('monitor');
  const found = wanted(call);
  if (call.unit.running.monitors.includes(found)) return found;
  const message = `01070083:3: Monitor ${fullPath(found)} is a default monitor and cannot be changed.`;
  throw new RestError(400, message, 3);
}

const create: RestHandler = (call) => {
  if (call.account.role !== 'admin') throw notAllowed('monitor');
  const type = typeOf(call);
  const body = objectOf(call);
  const [name, partition] = givenName(body);
  refuseUnknownFolder(call.unit, partition);
  const path = `/${partition}/${name}`;
  if (all(call, type).some((monitor) => fullPath(monitor) === path)) {
    const message = `01020066:3: The requested monitor (${path}) already exists in partition ${partition}.`;
    throw new RestError(409, message, 3);
  }
  const attributes = { defaultsFrom: fullPath(builtIn(type)), ...asWritten(body) };
  const made: MonitorConfig = { type, name, partition, generation: 0, attributes };
  call.unit.running.monitors.push(made);
  stamp(call, made);
  return single(call, object(call, made));
};

const change: RestHandler = (call) => {
  const body = objectOf(call);
  if (Object.keys(body).length === 0) throw badRequest('one or more properties must be specified');
  const monitor = mine(call);
  monitor.attributes = { ...monitor.attributes, ...asWritten(body) };
  stamp(call, monitor);
  return single(call, object(call, monitor));
};

const remove: RestHandler = (call) => {
  const monitor = mine(call);
  const { running } = call.unit;
  const path = fullPath(monitor);
  const rules = running.pools.flatMap((pool) => [
    pool.monitor ?? '',
    ...pool.members.map(({ attributes }) => attributes.monitor),
  ]);
  if (rules.some((rule) => rule.split(/\s+/).includes(path))) {
    throw new RestError(400, `01070083:3: Monitor ${path} is in use.`, 3);
  }
  running.monitors.splice(running.monitors.indexOf(monitor), 1);
  running.generation += 1;
  call.group.changed(call.unit);
  return nothing;
};

const URL = '/mgmt/tm/ltm/monitor/:type';

export const monitorRoutes: Readonly<Record<string, RestHandler>> = {
  [`GET ${URL}`]: (call) => {
    const type = typeOf(call);
    const objects = all(call, type).map((monitor) => object(call, monitor));
    return collection(call, `tm:ltm:monitor:${type}:${type}collectionstate`, objects);
  },
  [`POST ${URL}`]: create,
  [`GET ${URL}/:monitor`]: (call) => single(call, object(call, wanted(call))),
  [`PATCH ${URL}/:monitor`]: change,
  [`PUT ${URL}/:monitor`]: change,
  [`DELETE ${URL}/:monitor`]: remove,
};
