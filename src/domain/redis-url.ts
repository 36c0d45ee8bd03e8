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

/** Reads `redis://[user:password@]host[:port][/db]`, `rediss://…` or `unix:///path`. Throws TypeError for anything else. */
export function parseRedisUrl(url: string): RedisAddress {
  if (url.startsWith('unix:///')) return { path: url.slice('unix://'.length) };
  const parsed = new URL(url);
  if (parsed.protocol !== 'redis:' && parsed.protocol !== 'rediss:') {
    throw new TypeError('A Redis address begins with redis://, rediss:// or unix:///.');
  }
  const database = parsed.pathname.replace(/^\//, '');
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    ...(parsed.username === '' ? {} : { username: decodeURIComponent(parsed.username) }),
    ...(parsed.password === '' ? {} : { password: decodeURIComponent(parsed.password) }),
    ...(database === '' ? {} : { db: Number(database) }),
    ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}
