import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { redisDeviceSightings } from '../../src/store/device-sightings.ts';
import { redisHomeOpeners } from '../../src/store/home-openers.ts';
import { NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

let redis: StageRedis;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => redis.client.flushall());
afterAll(() => redis.stop());

const silence = { code: 'TIMEOUT', message: 'Reading pool shop on ha-1: no answer.' } as const;

describe('sightings of devices', () => {
  it('say when each answered last', async () => {
    const sightings = redisDeviceSightings(redis.client);
    await sightings.note('ha-1', NOW);
    await sightings.note('ha-2', NOW + 1);
    await sightings.note('ha-1', NOW + 6_000);
    expect(new Set(await sightings.all())).toEqual(
      new Set([
        { balancer: 'ha-1', answeredAt: NOW + 6_000 },
        { balancer: 'ha-2', answeredAt: NOW + 1 },
      ]),
    );
  });

  it('say why one did not answer, until it answers again', async () => {
    const sightings = redisDeviceSightings(redis.client);
    await sightings.note('ha-1', NOW);
    await sightings.note('ha-1', NOW + 10, silence);
    const fault = { ...silence, at: NOW + 10 };
    expect(await sightings.all()).toEqual([{ balancer: 'ha-1', answeredAt: NOW, fault }]);
    await sightings.note('ha-1', NOW + 20);
    expect(await sightings.all()).toEqual([{ balancer: 'ha-1', answeredAt: NOW + 20 }]);
  });

  it('of one that never answered have its fault alone', async () => {
    await redisDeviceSightings(redis.client).note('ha-1', NOW, silence);
    const fault = { ...silence, at: NOW };
    expect(await redisDeviceSightings(redis.client).all()).toEqual([{ balancer: 'ha-1', fault }]);
  });

  it('are written at most once in five seconds as long as nothing changes', async () => {
    const sightings = redisDeviceSightings(redis.client);
    await sightings.note('ha-1', NOW);
    await redis.client.flushall();
    await sightings.note('ha-1', NOW + 4_999);
    expect(await sightings.all()).toEqual([]);
    await sightings.note('ha-1', NOW + 5_000);
    expect(await sightings.all()).toHaveLength(1);
  });
});

describe('who looks at the Home tab', () => {
  it('is known by the time of the last look', async () => {
    const openers = redisHomeOpeners(redis.client);
    await openers.note('U0A', NOW);
    await openers.note('U0B', NOW + 10);
    expect(await openers.since(['U0A', 'U0B', 'U0C'], NOW + 5)).toEqual(['U0B']);
    await openers.note('U0A', NOW + 20);
    expect(await openers.since(['U0A', 'U0B', 'U0C'], NOW + 5)).toEqual(['U0A', 'U0B']);
    expect(await openers.since([], NOW)).toEqual([]);
  });

  it('is forgotten after a day', async () => {
    const openers = redisHomeOpeners(redis.client);
    await openers.note('U0A', NOW);
    await openers.note('U0B', NOW + 25 * 3_600_000);
    expect(await openers.since(['U0A', 'U0B'], 0)).toEqual(['U0B']);
  });
});
