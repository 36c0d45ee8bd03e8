import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, startLab } from './lab.ts';
import { NET, REAL_SERVERS, VIP } from './places.ts';

describe('the lab', () => {
  let lab: Lab;
  let stop: () => Promise<void> = async () => {};

  beforeAll(async () => {
    ({ lab, stop } = await startLab({ persistSeconds: 0 }));
  }, 60_000);
  afterAll(async () => {
    await stop();
    // Its PID 1 took everything along.
    expect(existsSync(`/proc/${lab.state.site.pid}`)).toBe(false);
    expect(existsSync(lab.state.site.directory)).toBe(false);
  });

  it('serves the VIP from five real servers', async () => {
    const answers = new Set<string>();
    for (let n = 0; n < 10; n += 1) {
      const { stdout } = await lab.on('client', ['curl', '-s', '-m', '2', `http://${VIP}/`]);
      answers.add(stdout.trim());
    }
    expect(answers.size).toBe(5);
    const served = REAL_SERVERS.map((last) => lab.accessLog(`${NET}.${last}`).length > 0);
    expect(served).not.toContain(false);
  });
});
