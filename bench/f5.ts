import { Agent } from 'node:https';
import { createAdapter } from '../src/adapters/registry.ts';
import { sameSetting, settingOf } from '../src/domain/member.ts';
import { Secret } from '../src/domain/secret.ts';
import type { LoadBalancerAdapter } from '../src/ports/adapter.ts';
import { ansibleModule, ansiblePlaybook } from './f5-ansible.ts';
import {
  bareRequest,
  F5_MEMBERS,
  F5_PASSWORD,
  F5_POOL,
  type SimProcess,
  startSim,
} from './f5-sim-process.ts';
import { wholeCommands } from './f5-whole.ts';
import type { Row, Section } from './report.ts';
import { median } from './statistics.ts';

export interface F5Options {
  readonly directory: string;
  readonly membersPort: number;
  /** Changes by the adapter, each followed by the bare requests. */
  readonly changes: number;
  /** Whole processes of each kind. */
  readonly commands: number;
}

const WARM_UP = 20;
const PARALLEL = 50;

function adapterTo(sim: SimProcess): LoadBalancerAdapter {
  return createAdapter(
    {
      name: 'f5',
      kind: 'f5',
      units: sim.units.map(({ url }) => {
        const { hostname, port } = new URL(url);
        return { host: hostname, port: Number(port), proof: { fingerprint: sim.fingerprint } };
      }),
      username: 'admin',
      password: { env: 'F5_PASSWORD' },
      sync: 'warn',
      api: 'rest',
    },
    { clock: { now: Date.now }, secretOf: () => new Secret(F5_PASSWORD) },
  );
}

const signal = () => AbortSignal.timeout(10_000);
const gate = async () => ({ validUntilMs: performance.now() + 100 });

/** Reads, brings the first member from where it is to the other side, and sees that it stands there. */
async function change(adapter: LoadBalancerAdapter): Promise<void> {
  const { members } = await adapter.read(F5_POOL, { signal: signal() });
  const [member] = members;
  if (member === undefined) throw new Error('The pool is empty.');
  const admin = member.admin === 'enabled' ? 'disabled' : 'enabled';
  const { commands, after } = adapter.commandsFor(F5_POOL, member, { admin, weight: 1 });
  const step = {
    index: 0,
    stage: 0,
    lane: 'f5',
    balancer: 'f5',
    pool: F5_POOL,
    member: member.name,
    address: member.address,
    port: member.port,
    commands,
    before: settingOf(member),
    after,
  };
  await adapter.apply(step, gate, { signal: signal() });
  const state = await adapter.read(F5_POOL, { signal: signal() });
  const now = state.members.find(({ name }) => name === step.member);
  if (now === undefined || !sameSetting(settingOf(now), after)) {
    throw new Error('The change cannot be seen.');
  }
}

async function timed(once: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await once();
  return performance.now() - begun;
}

/** The three requests of a change on one kept connection, with a token, and nothing else. */
async function bareChange(sim: SimProcess, port: number) {
  const url = sim.units[0]?.url ?? '';
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  const credentials = { username: 'admin', password: F5_PASSWORD, loginProviderName: 'tmos' };
  const login = await bareRequest(
    agent,
    `${url}/mgmt/shared/authn/login`,
    'POST',
    { 'content-type': 'application/json' },
    JSON.stringify(credentials),
  );
  const { token } = (JSON.parse(login) as { token: { token: string } }).token;
  const headers = { 'x-f5-auth-token': token, 'content-type': 'application/json' };
  const members = `${url}/mgmt/tm/ltm/pool/~Common~${F5_POOL}/members`;
  const target = `${members}/~Common~${F5_MEMBERS[1]}:${port}`;
  let isOut = false;
  return {
    async once() {
      isOut = !isOut;
      const session = isOut ? 'user-disabled' : 'user-enabled';
      await bareRequest(agent, members, 'GET', headers);
      await bareRequest(
        agent,
        target,
        'PATCH',
        headers,
        JSON.stringify({ session, state: 'user-up' }),
      );
      await bareRequest(agent, members, 'GET', headers);
    },
    close: () => agent.destroy(),
  };
}

const TRIES = 5;

/** Requests of a change right behind another one; the fewest of some, for statistics grow old by the clock. */
async function requestsOf(adapter: LoadBalancerAdapter, sim: SimProcess): Promise<number> {
  const counts: number[] = [];
  for (let index = 0; index < TRIES; index += 1) {
    await sim.forgetAsked();
    await change(adapter);
    await change(adapter);
    const asked = await sim.asked();
    const write = asked.findIndex((line) => line.startsWith('PATCH'));
    const verified = asked.findIndex(
      (line, at) => at > write && line.startsWith('GET') && line.endsWith('/members'),
    );
    counts.push(asked.length - verified - 1);
  }
  return Math.min(...counts);
}

async function adapterRows(sim: SimProcess, pair: SimProcess, options: F5Options) {
  const adapter = adapterTo(sim);
  const ofPair = adapterTo(pair);
  const bare = await bareChange(sim, options.membersPort);
  const crowd = adapterTo(sim);
  try {
    const own: number[] = [];
    const floor: number[] = [];
    for (let index = 0; index < options.changes + WARM_UP; index += 1) {
      const ms = await timed(() => change(adapter));
      const bareMs = await timed(bare.once);
      if (index < WARM_UP) continue;
      own.push(ms);
      floor.push(bareMs);
    }
    const requests = await requestsOf(adapter, sim);
    const pairRequests = await requestsOf(ofPair, pair);
    await sim.forgetAsked();
    const together = Array.from({ length: PARALLEL }, () =>
      crowd.read(F5_POOL, { signal: signal() }),
    );
    await Promise.all(together);
    const logins = (await sim.asked()).filter((line) => line.includes('authn/login')).length;
    const ms = median(own);
    const rows: Row[] = [
      {
        name: 'warm change with verification, adapter alone, p50',
        value: ms,
        unit: 'ms',
        floor: median(floor),
        target: { kind: 'times floor', value: 1.5 },
        note: `${own.length} changes; floor: GET, PATCH, GET on one kept connection`,
      },
      { name: 'its requests', value: requests, unit: '', target: { kind: 'below', value: 4 } },
      {
        name: 'its requests on a pair, with failover and sync status',
        value: pairRequests,
        unit: '',
        target: { kind: 'below', value: 7 },
      },
      {
        name: `logins for ${PARALLEL} readings at once`,
        value: logins,
        unit: '',
        target: { kind: 'below', value: 2 },
      },
    ];
    return { rows, ms };
  } finally {
    bare.close();
    await Promise.all([adapter, ofPair, crowd].map((each) => each.close()));
  }
}

/** A BIG-IP, simulated: the adapter against bare requests, the whole product against Ansible's module. */
export async function f5(options: F5Options): Promise<Section> {
  const sim = await startSim(options.directory, options.membersPort, false);
  const pair = await startSim(options.directory, options.membersPort, true).catch(
    async (thrown: unknown) => {
      await sim.stop();
      throw thrown;
    },
  );
  try {
    const { rows, ms } = await adapterRows(sim, pair, options);
    const whole = await wholeCommands(sim, options);
    const ansible = await ansibleModule(sim, options);
    const playbook = await ansiblePlaybook(sim, options);
    return {
      title: 'F5 BIG-IP by REST, on the simulator, which is no device',
      rows: [
        ...rows,
        {
          name: 'lb disable, the whole process, p50',
          value: whole.ms,
          unit: 'ms',
          note: `${whole.count} commands, Redis, AOF always; from the start of the process to its end`,
        },
        {
          name: 'requests of a whole change, plan to outcome',
          value: whole.requests,
          unit: '',
          note: 'logins left out',
        },
        ...(ansible === undefined
          ? []
          : [
              {
                name: "Ansible's bigip_pool_member, the module alone, p50",
                value: ansible.ms,
                unit: 'ms',
                note: `${ansible.count} runs by Python itself, without the start of Ansible`,
              } as const,
              {
                name: 'Ansible: requests',
                value: ansible.requests,
                unit: '',
                note: 'login and logout with them',
              } as const,
              times('the module takes, in times of the whole lb disable', ansible.ms / whole.ms, 3),
              times('the module takes, in times of the adapter alone', ansible.ms / ms, 100),
            ]),
        ...(playbook === undefined
          ? []
          : [
              {
                name: 'ansible-playbook with this one task, the whole process, p50',
                value: playbook.ms,
                unit: 'ms',
                note: `${playbook.count} runs`,
              } as const,
              times('it takes, in times of the whole lb disable', playbook.ms / whole.ms, 3),
            ]),
      ],
    };
  } finally {
    await Promise.all([sim.stop(), pair.stop()]);
  }
}

const times = (name: string, value: number, target: number): Row => ({
  name,
  value: Math.round(value * 10) / 10,
  unit: '',
  target: { kind: 'at least', value: target },
});
