import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workerConnection } from '../../src/queue/connection.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

let redis: StageRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const SCRIPT = { numberOfKeys: 0, lua: 'return tonumber(ARGV[1]) + 1' };

/** A scripted command, on a connection or in one of its pipelines. */
function call(on: object, name: string, argument: number): unknown {
  const command: unknown = Reflect.get(on, name);
  if (typeof command !== 'function') throw new Error(`There is no ${name}.`);
  return Reflect.apply(command, on, [argument]);
}

describe('the connections of the lanes', () => {
  it('have their scripts once for all of them, and each runs them by itself', async () => {
    const first = workerConnection(redis.url);
    first.defineCommand('lb:increment', SCRIPT);
    const copies = [first.duplicate(), first.duplicate({ connectionName: 'lane' })];
    for (const copy of copies) {
      copy.defineCommand('lb:increment', SCRIPT);
      expect(Object.keys(copy)).not.toContain('lb:increment');
      expect(await call(copy, 'lb:increment', 1)).toBe(2);
      const pipeline = copy.pipeline();
      call(pipeline, 'lb:increment', 2);
      expect(await pipeline.exec()).toEqual([[null, 3]]);
    }
    expect(copies[1]?.options).toMatchObject({
      connectionName: 'lane',
      maxRetriesPerRequest: null,
    });
    for (const each of [first, ...copies]) each.disconnect();
  });
});
