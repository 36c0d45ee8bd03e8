import type { PartitionConfig, RouteDomainConfig } from './config-model.ts';
import { givenName, refuseUnknownFolder } from './member-writes.ts';
import { pathOfSegment, segmentOf } from './object-names.ts';
import { collection, single } from './odata.ts';
import { nothing, objectOf, type RestCall, type RestHandler, selfLink } from './rest-call.ts';
import { badRequest, invalidValue, notAllowed, notFound, RestError } from './rest-errors.ts';
import { asWritten } from './rest-values.ts';

/* Partitions, the folders they are, and route domains. */

function adminOnly(call: RestCall, component: string): void {
  if (call.account.role !== 'admin') throw notAllowed(component);
}

function changed(call: RestCall): void {
  call.unit.running.generation += 1;
  call.group.changed(call.unit);
}

const described = (description: string | undefined) =>
  description === undefined || description === '' ? {} : { description };

const partitionObject = (call: RestCall, partition: PartitionConfig) => ({
  kind: 'tm:auth:partition:partitionstate',
  name: partition.name,
  fullPath: partition.name,
  generation: 1,
  selfLink: selfLink(call.unit, `/mgmt/tm/auth/partition/${partition.name}`),
  defaultRouteDomain: partition.defaultRouteDomain,
  ...described(partition.description),
});

/** `Common` and `~Common` mean the same; `~` alone is the root folder. */
const nameOf = (segment: string | undefined): string => (segment ?? '').replace(/^~/, '');

function partitionNamed(call: RestCall, name: string): PartitionConfig {
  const found = call.unit.running.partitions.find((partition) => partition.name === name);
  if (found === undefined) throw notFound('folder', `/${name}`);
  return found;
}

function newPartition(call: RestCall): PartitionConfig {
  adminOnly(call, 'partition');
  const body = objectOf(call);
  const [given] = givenName(body);
  const name = given.replace(/^\//, '');
  const { partitions } = call.unit.running;
  if (!/^[\w.-]+$/.test(name)) throw invalidValue('name', name);
  if (partitions.some((known) => known.name === name)) {
    const message = `01020066:3: The requested folder (/${name}) already exists in partition ${name}.`;
    throw new RestError(409, message, 3);
  }
  const made: PartitionConfig = { name, defaultRouteDomain: 0, ...writtenPartition(body) };
  partitions.push(made);
  partitions.sort((one, other) => (one.name < other.name ? -1 : 1));
  changed(call);
  return made;
}

function writtenPartition(body: Readonly<Record<string, unknown>>): Partial<PartitionConfig> {
  const { description, defaultRouteDomain } = body;
  const id = Number(defaultRouteDomain ?? 0);
  if (!Number.isInteger(id)) throw invalidValue('defaultRouteDomain', defaultRouteDomain);
  return {
    ...(description === undefined ? {} : { description: String(description) }),
    ...(defaultRouteDomain === undefined ? {} : { defaultRouteDomain: id }),
  };
}

function removePartition(call: RestCall, name: string) {
  adminOnly(call, 'partition');
  const found = partitionNamed(call, name);
  const { running } = call.unit;
  const owned = [...running.pools, ...running.nodes, ...running.routeDomains];
  if (name === 'Common' || owned.some(({ partition }) => partition === name)) {
    const message = `0107082a:3: All objects must be removed from a partition (${name}) before the partition may be removed, type ID (973)`;
    throw new RestError(400, message, 3);
  }
  running.partitions.splice(running.partitions.indexOf(found), 1);
  changed(call);
  return nothing;
}

function change(call: RestCall, name: string): PartitionConfig {
  adminOnly(call, 'partition');
  const body = objectOf(call);
  if (Object.keys(body).length === 0) throw badRequest('one or more properties must be specified');
  const found = partitionNamed(call, name);
  Object.assign(found, writtenPartition(body));
  changed(call);
  return found;
}

const changePartition: RestHandler = (call) =>
  single(call, partitionObject(call, change(call, nameOf(call.names.partition))));

const changeFolder: RestHandler = (call) => {
  const found = change(call, nameOf(call.names.folder));
  return single(call, folderObject(call, `/${found.name}`, found.description));
};

const folderObject = (call: RestCall, path: string, description?: string) => ({
  kind: 'tm:sys:folder:folderstate',
  name: path === '/' ? '/' : path.slice(1),
  ...(path === '/' ? {} : { subPath: '/' }),
  fullPath: path,
  generation: 1,
  selfLink: selfLink(call.unit, `/mgmt/tm/sys/folder/${segmentOf(path)}`),
  deviceGroup: 'none',
  hidden: 'false',
  inheritedDevicegroup: 'true',
  inheritedTrafficGroup: 'true',
  noRefCheck: 'false',
  trafficGroup: '/Common/traffic-group-1',
  ...described(description),
});

const folders: RestHandler = (call) =>
  collection(
    call,
    'tm:sys:folder:foldercollectionstate',
    ['/', ...call.unit.running.partitions.map(({ name }) => `/${name}`)].map((path) =>
      folderObject(call, path),
    ),
  );

const folder: RestHandler = (call) => {
  const name = nameOf(call.names.folder);
  if (name === '') return single(call, folderObject(call, '/'));
  const { description } = partitionNamed(call, name);
  return single(call, folderObject(call, `/${name}`, description));
};

function domainObject(call: RestCall, domain: RouteDomainConfig) {
  const name = domain.name ?? String(domain.id);
  const path = `/${domain.partition}/${name}`;
  return {
    kind: 'tm:net:route-domain:route-domainstate',
    name,
    partition: domain.partition,
    fullPath: path,
    generation: 1,
    selfLink: selfLink(call.unit, `/mgmt/tm/net/route-domain/${segmentOf(path)}`),
    id: domain.id,
    connectionLimit: 0,
    strict: 'enabled',
    ...domain.attributes,
  };
}

const domains = (call: RestCall) =>
  call.unit.running.routeDomains.map((domain) => ({ domain, object: domainObject(call, domain) }));

function domainWanted(call: RestCall) {
  const path = pathOfSegment(call.names.domain ?? '');
  const found = domains(call).find(({ object }) => object.fullPath === path);
  if (found === undefined) throw notFound('Route Domain', path);
  return found;
}

const createDomain: RestHandler = (call) => {
  adminOnly(call, 'route-domain');
  const body = objectOf(call);
  const [name, partition] = givenName(body);
  const id = Number(body.id ?? name);
  if (!Number.isInteger(id) || id < 0 || id > 65_534) throw invalidValue('id', body.id ?? name);
  refuseUnknownFolder(call.unit, partition);
  if (domains(call).some(({ domain }) => domain.id === id)) {
    const message = `01020066:3: The requested Route Domain (/${partition}/${name}) already exists in partition ${partition}.`;
    throw new RestError(409, message, 3);
  }
  const attributes = asWritten(body);
  const made: RouteDomainConfig = { id, partition, name, attributes };
  call.unit.running.routeDomains.push(made);
  changed(call);
  return single(call, domainObject(call, made));
};

const changeDomain: RestHandler = (call) => {
  adminOnly(call, 'route-domain');
  const body = objectOf(call);
  if (Object.keys(body).length === 0) throw badRequest('one or more properties must be specified');
  const { domain } = domainWanted(call);
  domain.attributes = { ...domain.attributes, ...asWritten(body) };
  changed(call);
  return single(call, domainObject(call, domain));
};

const removeDomain: RestHandler = (call) => {
  adminOnly(call, 'route-domain');
  const { domain, object } = domainWanted(call);
  const { running } = call.unit;
  if (running.nodes.some(({ address }) => Number(address.split('%')[1] ?? '0') === domain.id)) {
    const message = `01070712:3: Cannot delete Route Domain (${object.fullPath}): it is in use.`;
    throw new RestError(400, message, 3);
  }
  running.routeDomains.splice(running.routeDomains.indexOf(domain), 1);
  changed(call);
  return nothing;
};

export const partitionRoutes: Readonly<Record<string, RestHandler>> = {
  'GET /mgmt/tm/auth/partition': (call) =>
    collection(
      call,
      'tm:auth:partition:partitioncollectionstate',
      call.unit.running.partitions.map((partition) => partitionObject(call, partition)),
    ),
  'POST /mgmt/tm/auth/partition': (call) => single(call, partitionObject(call, newPartition(call))),
  'GET /mgmt/tm/auth/partition/:partition': (call) =>
    single(call, partitionObject(call, partitionNamed(call, nameOf(call.names.partition)))),
  'PATCH /mgmt/tm/auth/partition/:partition': changePartition,
  'PUT /mgmt/tm/auth/partition/:partition': changePartition,
  'DELETE /mgmt/tm/auth/partition/:partition': (call) =>
    removePartition(call, nameOf(call.names.partition)),
  'GET /mgmt/tm/sys/folder': folders,
  'POST /mgmt/tm/sys/folder': (call) =>
    single(call, folderObject(call, `/${newPartition(call).name}`)),
  'GET /mgmt/tm/sys/folder/:folder': folder,
  'PATCH /mgmt/tm/sys/folder/:folder': changeFolder,
  'PUT /mgmt/tm/sys/folder/:folder': changeFolder,
  'DELETE /mgmt/tm/sys/folder/:folder': (call) => removePartition(call, nameOf(call.names.folder)),
  'GET /mgmt/tm/net/route-domain': (call) =>
    collection(
      call,
      'tm:net:route-domain:route-domaincollectionstate',
      domains(call).map(({ object }) => object),
    ),
  'POST /mgmt/tm/net/route-domain': createDomain,
  'GET /mgmt/tm/net/route-domain/:domain': (call) => single(call, domainWanted(call).object),
  'PATCH /mgmt/tm/net/route-domain/:domain': changeDomain,
  'PUT /mgmt/tm/net/route-domain/:domain': changeDomain,
  'DELETE /mgmt/tm/net/route-domain/:domain': removeDomain,
};
