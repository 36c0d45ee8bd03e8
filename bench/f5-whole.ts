import { userInfo } from 'node:os';
import { F5_MEMBERS, F5_PASSWORD, F5_POOL, type SimProcess } from './f5-sim-process.ts';
import { OPERATORS } from './inventory.ts';
import { EXECUTABLE, wallMs } from './lb-process.ts';
import { openSite } from './site.ts';
import { median } from './statistics.ts';

const SERVICE = 'f5.example';

/** `lb disable` and `lb enable` in turn, as a person in a shell runs them, until the change is over. */
export async function wholeCommands(
  sim: SimProcess,
  options: { readonly directory: string; readonly membersPort: number; readonly commands: number },
): Promise<{ readonly ms: number; readonly count: number; readonly requests: number }> {
  const site = await openSite({
    directory: `${options.directory}/f5`,
    store: 'always',
    inventory: {
      balancers: [
        {
          name: 'f5',
          keys: `kind: f5, url: "${sim.units[0]?.url}", fingerprint: "${sim.fingerprint}", username: lbops, password: { env: F5_PASSWORD }`,
        },
      ],
      services: [{ name: SERVICE, on: 'f5', pool: F5_POOL }],
      cards: true,
      shell: { user: userInfo().username, operator: OPERATORS[0] ?? '' },
    },
    secrets: { F5_PASSWORD },
  });
  try {
    const samples: number[] = [];
    let requests = 0;
    for (let index = 0; index < options.commands * 2 + 2; index += 1) {
      const verb = index % 2 === 0 ? 'disable' : 'enable';
      const member = `${F5_MEMBERS[3]}:${options.membersPort}`;
      await sim.forgetAsked();
      const ms = await wallMs([EXECUTABLE, verb, SERVICE, member, '--wait'], site.environment);
      const asked = await sim.asked();
      if (!asked.some((line) => line.startsWith('PATCH'))) throw new Error('Nothing was written.');
      if (index < 2 || verb === 'enable') continue;
      samples.push(ms);
      requests = asked.filter((line) => !line.includes('/mgmt/shared/')).length;
    }
    return { ms: median(samples), count: samples.length, requests };
  } finally {
    await site.stop();
  }
}
