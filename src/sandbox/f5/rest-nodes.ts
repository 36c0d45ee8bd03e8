import { mayWriteKeys } from './accounts.ts';
import {
  ANY_ADDRESS,
  fullPath,
  NODE_ATTRIBUTES,
  type NodeConfig,
  type NodeFqdn,
  nodeOf,
} from './config-model.ts';
import { nodeStatus } from './member-status.ts';
import { givenFqdn, givenName, refuseUnknownFolder } from './member-writes.ts';
import { pathOfSegment, segmentOf } from './object-names.ts';
import { collection, single } from './odata.ts';
import { nothing, objectOf, type RestCall, type RestHandler, selfLink } from './rest-call.ts';
import { badRequest, notAllowed, notFound, RestError } from './rest-errors.ts';
import { applyAttributes, readAdministered } from './rest-values.ts';
import { FQDN_DEFAULTS } from './seed.ts';

export const nodeUrl = (node: NodeConfig): string =>
  `/mgmt/tm/ltm/node/${segmentOf(fullPath(node))}`;

function nodeObject(call: RestCall, node: NodeConfig) {
  const { session, state } = nodeStatus(node);
  const { description, ...attributes } = node.attributes;
  return {
    kind: 'tm:ltm:node:nodestate',
    name: node.name,
    partition: node.partition,
    fullPath: fullPath(node),
    generation: node.generation,
    selfLink: selfLink(call.unit, nodeUrl(node)),
    address: node.address,
    ...attributes,
    ...(description === undefined ? {} : { description }),
    ephemeral: 'false',
    fqdn: fqdnObject(node.fqdn),
    session,
    state,
  };
}

function fqdnObject(fqdn: NodeFqdn | undefined) {
  if (fqdn === undefined) return FQDN_DEFAULTS;
  const { name, ...settings } = fqdn;
  return { ...settings, tmName: name };
}

/** `fqdn` of a body over what there was. */
function fqdnOf(given: unknown, before?: NodeFqdn): { fqdn?: NodeFqdn } {
  const name = givenFqdn(given)?.name ?? before?.name;
  if (name === undefined) return {};
  const { addressFamily, autopopulate, downInterval, interval } = {
    ...FQDN_DEFAULTS,
    ...before,
    ...(given as Partial<NodeFqdn> | undefined),
  };
  return { fqdn: { name, addressFamily, autopopulate, downInterval, interval } };
}

export function nodeWanted(call: RestCall): NodeConfig {
  const path = pathOfSegment(call.names.node ?? '');
  const node = call.unit.running.nodes.find((candidate) => fullPath(candidate) === path);
  if (node === undefined) throw notFound('Node', path);
  return node;
}

const list: RestHandler = (call) =>
  collection(
    call,
    'tm:ltm:node:nodecollectionstate',
    call.unit.running.nodes.map((node) => nodeObject(call, node)),
  );

const read: RestHandler = (call) => single(call, nodeObject(call, nodeWanted(call)));

const change: RestHandler = (call) => {
  const body = objectOf(call);
  const keys = Object.keys(body);
  if (keys.length === 0) throw badRequest('one or more properties must be specified');
  if (!mayWriteKeys(call.account.role, keys)) throw notAllowed('node');
  const node = nodeWanted(call);
  const administered = readAdministered(body);
  const attributes = applyAttributes(node.attributes, NODE_ATTRIBUTES, body);
  Object.assign(node, administered, { attributes }, fqdnOf(body.fqdn, node.fqdn));
  stamp(call, node);
  return single(call, nodeObject(call, node));
};

const create: RestHandler = (call) => {
  if (call.account.role !== 'admin') throw notAllowed('node');
  const body = objectOf(call);
  const [name, partition] = givenName(body);
  const { nodes } = call.unit.running;
  const path = `/${partition}/${name}`;
  if (nodes.some((node) => fullPath(node) === path)) {
    throw new RestError(
      409,
      `01020066:3: The requested Node (${path}) already exists in partition ${partition}.`,
      3,
    );
  }
  refuseUnknownFolder(call.unit, partition);
  const named = fqdnOf(body.fqdn);
  const node: NodeConfig = {
    name,
    partition,
    address:
      named.fqdn !== undefined
        ? ANY_ADDRESS
        : typeof body.address === 'string'
          ? body.address
          : name,
    ...named,
    generation: 0,
    adminUp: true,
    sessionEnabled: true,
    ...readAdministered(body),
    attributes: applyAttributes(NODE_ATTRIBUTES, NODE_ATTRIBUTES, body),
  };
  nodes.push(node);
  stamp(call, node);
  return single(call, nodeObject(call, node));
};

const remove: RestHandler = (call) => {
  if (call.account.role !== 'admin') throw notAllowed('node');
  const node = nodeWanted(call);
  const { nodes, pools } = call.unit.running;
  const user = pools.find((pool) =>
    pool.members.some((member) => nodeOf(call.unit.running, member) === node),
  );
  if (user !== undefined) {
    const message = `01070110:3: Node address '${fullPath(node)}' is referenced by a member of pool '${fullPath(user)}'.`;
    throw new RestError(400, message, 3);
  }
  nodes.splice(nodes.indexOf(node), 1);
  call.unit.running.generation += 1;
  call.group.changed(call.unit);
  return nothing;
};

function stamp(call: RestCall, node: NodeConfig): void {
  call.unit.running.generation += 1;
  node.generation = call.unit.running.generation;
  call.group.changed(call.unit);
}

export const nodeRoutes: Readonly<Record<string, RestHandler>> = {
  'GET /mgmt/tm/ltm/node': list,
  'POST /mgmt/tm/ltm/node': create,
  'GET /mgmt/tm/ltm/node/:node': read,
  'PATCH /mgmt/tm/ltm/node/:node': change,
  'PUT /mgmt/tm/ltm/node/:node': change,
  'DELETE /mgmt/tm/ltm/node/:node': remove,
};
