/** Where Redis is, taken apart; the shape fits any client. */
export interface RedisAddress {
  readonly path?: string;
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: Record<string, never>;
}

/** Hash-tagged, so that everything of one site lives in one slot of a Redis Cluster. */
export const REDIS_PREFIX = '{lb}';

const EXPECTED =
  'A Redis address is redis://[user:password@]host[:port][/number], rediss://… or unix:///path.';

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `rediss://…` or `unix:///path`. Throws TypeError for
 * anything else, without the text: there may be a password in it.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const path = url.startsWith('unix:///') ? url.slice('unix://'.length) : '';
  if (path.length > 1) return { path };
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isRedis = parsed?.protocol === 'redis:' || parsed?.protocol === 'rediss:';
  const database = parsed?.pathname.replace(/^\//, '') ?? '';
  if (!isRedis || parsed.hostname === '' || !/^\d{0,5}$/.test(database)) {
    throw new TypeError(EXPECTED);
  }
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    ...(parsed.username === '' ? {} : { username: decoded(parsed.username) }),
    ...(parsed.password === '' ? {} : { password: decoded(parsed.password) }),
    ...(database === '' ? {} : { db: Number(database) }),
    ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError(EXPECTED);
  }
}
