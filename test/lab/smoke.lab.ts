import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Lab } from './lab.ts';
import { NET, REAL_SERVERS, VIP } from './places.ts';
import { useLab } from './use-lab.ts';

describe('the lab', () => {
  let lab: Lab;
  let stop: () => Promise<void> = async () => {};

  beforeAll(async () => {
    ({ lab, stop } = await useLab({ persistSeconds: 0 }));
  });
  beforeEach(() => lab.reset());
  afterAll(() => stop());

  const get = async () =>
    (await lab.on('client', ['curl', '-s', '-m', '2', `http://${VIP}/`])).stdout.trim();

  it('serves the VIP from five real servers', async () => {
    const answers = new Set<string>();
    for (let n = 0; n < 10; n += 1) answers.add(await get());
    expect(answers).toEqual(new Set(REAL_SERVERS.map((last) => `${NET}.${last}`)));
    expect([...lab.requests().values()]).toEqual([2, 2, 2, 2, 2]);
  });
});
