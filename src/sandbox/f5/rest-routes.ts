import { decodeSegment } from './object-names.ts';
import { authRoutes, sharedError } from './rest-auth.ts';
import { type RestCall, type RestHandler, type RestReply, refuseTags } from './rest-call.ts';
import { deviceRoutes } from './rest-device.ts';
import { RestError } from './rest-errors.ts';
import { factRoutes } from './rest-facts.ts';
import { failoverRoutes } from './rest-failover.ts';
import { memberRoutes } from './rest-members.ts';
import { monitorRoutes } from './rest-monitors.ts';
import { nodeRoutes } from './rest-nodes.ts';
import { partitionRoutes } from './rest-partitions.ts';
import { poolRoutes } from './rest-pools.ts';
import { settingRoutes } from './rest-settings.ts';
import { statsRoutes } from './rest-stats.ts';
import { surroundingRoutes } from './rest-surroundings.ts';
import { systemRoutes } from './rest-system.ts';
import { taskRoutes } from './rest-tasks.ts';

const transactionRoutes: Readonly<Record<string, RestHandler>> = {
  'POST /mgmt/tm/transaction': (call) => call.transactions.start(call),
  'GET /mgmt/tm/transaction': (call) => call.transactions.list(call),
  'GET /mgmt/tm/transaction/:transaction': (call) => call.transactions.read(call),
  'GET /mgmt/tm/transaction/:transaction/commands': (call) => call.transactions.commands(call),
  'PATCH /mgmt/tm/transaction/:transaction': (call) => call.transactions.commit(call),
  'DELETE /mgmt/tm/transaction/:transaction': (call) => call.transactions.discard(call),
};

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
  readonly handler: RestHandler;
}

/** Earlier ones win: `/pool/stats` before `/pool/:pool`. */
const ROUTES: readonly Route[] = [
  statsRoutes,
  memberRoutes,
  poolRoutes,
  nodeRoutes,
  deviceRoutes,
  systemRoutes,
  taskRoutes,
  failoverRoutes,
  partitionRoutes,
  monitorRoutes,
  factRoutes,
  settingRoutes,
  surroundingRoutes,
  transactionRoutes,
  authRoutes,
].flatMap((routes) =>
  Object.entries(routes).map(([pattern, handler]: [string, RestHandler]) => {
    const [method = '', path = ''] = pattern.split(' ');
    return { method, segments: path.split('/'), handler };
  }),
);

/** The device leaves out what every address begins with. */
const unregistered = ({ path, remoteAddress }: Pick<RestCall, 'path' | 'remoteAddress'>) =>
  sharedError(404, `Public URI path not registered: ${path.replace(/^\/mgmt/, '')}`, {
    referer: remoteAddress,
  });

const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Does one authenticated request. `coordination` is the value of X-F5-REST-Coordination-Id: a write then
 * waits for the commit of that transaction. Reads are answered at once.
 */
export function dispatch(
  call: Omit<RestCall, 'names'>,
  coordination: string | undefined,
): RestReply {
  try {
    refuseTags(decodeSegment(call.path), call.body);
    const matched = match(call.method, call.path);
    if (matched === undefined) {
      return unregistered(call);
    }
    const whole: RestCall = { ...call, names: matched.names };
    const run = () => matched.handler(whole);
    const waits = WRITES.includes(call.method) && call.path.startsWith('/mgmt/tm/');
    if (coordination !== undefined && waits && !call.path.startsWith('/mgmt/tm/transaction')) {
      return call.transactions.queue(coordination, whole, run);
    }
    return run();
  } catch (thrown) {
    if (!(thrown instanceof RestError)) throw thrown;
    return { status: thrown.status, body: thrown.body };
  }
}

function match(
  method: string,
  path: string,
): { handler: RestHandler; names: Record<string, string> } | undefined {
  const given = path.split('/');
  for (const { method: wanted, segments, handler } of ROUTES) {
    if (wanted !== method || segments.length !== given.length) continue;
    const names: Record<string, string> = {};
    const fits = segments.every((segment, index) => {
      const value = given[index] ?? '';
      if (!segment.startsWith(':')) return segment === value;
      names[segment.slice(1)] = decodeSegment(value);
      return value !== '';
    });
    if (fits) return { handler, names };
  }
  return undefined;
}
