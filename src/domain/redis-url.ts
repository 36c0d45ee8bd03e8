/** One server, Sentinel or cluster node. */
export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

interface Login {
  readonly username?: string;
  readonly password?: string;
}

/** Present when the connection is encrypted; the other side is always verified. */
interface Encryption {
  /** `ca` is the certificate (PEM) that is trusted instead of those of the system. */
  readonly tls?: { readonly ca?: string };
}

/** One server, by TCP, TLS or Unix socket. */
export interface SingleAddress extends Login, Encryption {
  readonly path?: string;
  readonly host?: string;
  readonly port?: number;
  readonly db?: number;
}

/** Whichever server the Sentinels call the master of this name. */
export interface SentinelAddress extends Login, Encryption {
  readonly sentinels: readonly RedisNode[];
  readonly name: string;
  readonly db?: number;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

/** A Redis Cluster, by some of its nodes. */
export interface ClusterAddress extends Login, Encryption {
  readonly cluster: readonly RedisNode[];
}

/** Where Redis is, taken apart; the shape fits any client. */
export type RedisAddress = SingleAddress | SentinelAddress | ClusterAddress;

/** REDIS_URL, alone or with the certificate of the authority that vouches for the servers (PEM). */
export type RedisPlace = string | { readonly url: string; readonly ca?: string };

/** Hash-tagged, so that everything of one site lives in one slot of a Redis Cluster. */
export const REDIS_PREFIX = '{lb}';

/** The forms of REDIS_URL, in words for a person. */
export const REDIS_URL_FORMS =
  'redis://[user:password@]host[:port][/number], rediss://…, unix:///path, redis+sentinel://host:port,host:port/<master name>[/number] or redis+cluster://host:port,host:port (rediss+… with TLS)';

const REDIS_PORT = 6_379;
const SENTINEL_PORT = 26_379;

const SHAPE =
  /^redis(s?)(\+sentinel|\+cluster|):\/\/(?:([^/?#]*)@)?([^@/?#]+)(\/[^?#]*)?(\?[^#]*)?$/;
const HOST = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/;
const MASTER_NAME = /^[A-Za-z0-9._-]{1,100}$/;
const DATABASE = /^\d{0,5}$/;

/**
 * Takes REDIS_URL apart: `redis://`, `rediss://`, `unix:///`, `redis+sentinel://`, `redis+cluster://` and the last two
 * with `rediss+`. User and password stand percent-encoded before the hosts; those of the Sentinels themselves behind
 * the address, as `?sentinel_user=…&sentinel_password=…`. Throws TypeError for anything else, without the text:
 * there may be a password in it.
 */
export function parseRedisUrl(place: RedisPlace): RedisAddress {
  const { url, ca } = typeof place === 'string' ? { url: place } : place;
  const path = url.startsWith('unix:///') ? url.slice('unix://'.length) : '';
  if (path.length > 1) return { path };
  const [, secure, kind, login, hosts = '', rest = '', query = ''] = SHAPE.exec(url) ?? refuse();
  const common = {
    ...loginOf(login),
    ...(secure === 's' ? { tls: ca === undefined ? {} : { ca } } : {}),
  };
  if (query !== '' && kind !== '+sentinel') return refuse();
  switch (kind) {
    case '+sentinel':
      return {
        sentinels: nodesOf(hosts, SENTINEL_PORT),
        ...masterOf(rest),
        ...common,
        ...sentinelLogin(query),
      };
    case '+cluster':
      if (rest !== '' && rest !== '/') return refuse();
      return { cluster: nodesOf(hosts, REDIS_PORT), ...common };
    default: {
      const [node, ...more] = nodesOf(hosts, REDIS_PORT);
      if (node === undefined || more.length > 0) return refuse();
      return { ...node, ...databaseOf(rest.slice(1)), ...common };
    }
  }
}

/** The same address for a person: hosts and names, no user and no password. */
export function redisPlaceName(place: RedisPlace): string {
  const address = parseRedisUrl(place);
  const named = (nodes: readonly RedisNode[]) =>
    nodes.map(({ host, port }) => `${host}:${port}`).join(', ');
  if ('sentinels' in address)
    return `master ${address.name} of Sentinel ${named(address.sentinels)}`;
  if ('cluster' in address) return `cluster ${named(address.cluster)}`;
  return address.path ?? `${address.host}:${address.port}`;
}

/** Every password in the address, to be kept out of logs. */
export function redisPasswords(place: RedisPlace): readonly string[] {
  const address = parseRedisUrl(place);
  const sentinel = 'sentinels' in address ? address.sentinelPassword : undefined;
  return [address.password, sentinel].filter((password) => password !== undefined);
}

function refuse(): never {
  throw new TypeError(`A Redis address is ${REDIS_URL_FORMS}.`);
}

function nodesOf(hosts: string, defaultPort: number): readonly RedisNode[] {
  return hosts.split(',').map((text) => {
    const [, six, plain, digits] = HOST.exec(text) ?? refuse();
    const port = digits === undefined ? defaultPort : Number(digits);
    const host = six ?? plain ?? refuse();
    return port > 0 && port <= 65_535 ? { host, port } : refuse();
  });
}

/** `/name` or `/name/number`. */
function masterOf(rest: string) {
  const [, name = '', database = '', ...more] = rest.split('/');
  if (!MASTER_NAME.test(name) || more.length > 0) return refuse();
  return { name, ...databaseOf(database) };
}

function databaseOf(text: string): { readonly db?: number } {
  if (!DATABASE.test(text)) return refuse();
  return text === '' ? {} : { db: Number(text) };
}

function loginOf(text: string | undefined): Login {
  if (text === undefined) return {};
  const at = text.indexOf(':');
  const username = decoded(at < 0 ? text : text.slice(0, at));
  const password = decoded(at < 0 ? '' : text.slice(at + 1));
  return {
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  };
}

function sentinelLogin(query: string) {
  const given = new Map(
    query === ''
      ? []
      : query
          .slice(1)
          .split('&')
          .map((pair) => {
            const [name = '', value = ''] = pair.split('=');
            return [name, decoded(value)] as const;
          }),
  );
  const user = given.get('sentinel_user');
  const password = given.get('sentinel_password');
  const known = [user, password].filter((value) => value !== undefined).length;
  if (known !== given.size) return refuse();
  return {
    ...(user === undefined ? {} : { sentinelUsername: user }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse();
  }
}
