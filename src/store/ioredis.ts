import { createRequire } from 'node:module';
import type * as IORedis from 'ioredis';

// By require, because Node reads every file of a CommonJS package that is imported twice.
const ioredis: typeof IORedis = createRequire(import.meta.url)('ioredis');

export const { Cluster, Redis } = ioredis;
export type Cluster = IORedis.Cluster;
export type Redis = IORedis.Redis;
export type { RedisOptions } from 'ioredis';
