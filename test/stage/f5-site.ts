import { Secret } from '../../src/domain/secret.ts';
import type { Seed } from '../../src/sandbox/f5/seed.ts';
import { type F5Sim, startF5Sim } from '../../src/sandbox/f5/start.ts';
import { APPROVER, CHANNEL, OPERATORS, REQUESTER, SECOND_APPROVER, SERVICE } from './inventory.ts';
import { openStage, type Stage, type StageOptions } from './stage.ts';

/** A service whose pool has only three members. */
export const SMALL_SERVICE = 'small.tianya.cn';
export const F5_PASSWORD = 'pass-word-of-the-stage-7f3a';
const ACCOUNT = 'lbops';

const SEED: Seed = {
  pools: [
    {
      pool: `/Common/${SERVICE}`,
      monitor: '/Common/http',
      members: [42, 43, 44, 45, 46].map((last) => `192.168.100.${last}:80`),
    },
    {
      pool: '/Common/small',
      monitor: '/Common/http',
      members: [42, 43, 44].map((last) => `192.168.100.${last}:80`),
    },
  ],
};

export interface F5Stage {
  /** The pair of `f5-edge`. */
  readonly sim: F5Sim;
  /** Every pair, by balancer. */
  readonly sims: ReadonlyMap<string, F5Sim>;
  readonly stage: Stage;
  /** `unit METHOD /path` of the requests that may change something, logins left out, in order. */
  writes(): readonly string[];
  /** How each member of the pool of `SERVICE` stands on a unit: `session state`, by the simulator's own account. */
  standing(unit: string, balancer?: string): Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface F5StageOptions extends Omit<StageOptions, 'site'> {
  /** One more pair for each: with a service of the balancer's name; `keys` stand in the inventory as they are. */
  readonly more?: Readonly<Record<string, { readonly keys: string; readonly username?: string }>>;
}

function balancerLine(
  name: string,
  sim: F5Sim,
  { keys: extra, username = ACCOUNT }: { readonly keys: string; readonly username?: string } = {
    keys: '',
  },
): string {
  const [a, b] = sim.units;
  if (a === undefined || b === undefined) throw new Error('The simulator is no pair.');
  const keys = `kind: f5, url: "${a.url}", peer: "${b.url}", fingerprint: "${a.fingerprint256}", peer_fingerprint: "${b.fingerprint256}", username: ${username}, password: { env: F5_PASSWORD }`;
  return `  ${name}: { ${keys}${extra === '' ? '' : `, ${extra}`} }`;
}

function yamlOf(
  sims: ReadonlyMap<string, F5Sim>,
  { approval, quietFor, more = {} }: F5StageOptions,
): string {
  const balancers = [...sims].map(([name, sim]) => balancerLine(name, sim, more[name]));
  const service = (name: string, on: string, pool: string) => `  ${name}:
    environment: production
    channel: ${CHANNEL}
    serving_within: 2s
    quiet_for: ${quietFor ?? '1s'}
    pools:
      - { on: ${on}, pool: ${pool} }
`;
  return `environments:
  production:
    roles: { viewers: workspace, operators: [${OPERATORS}], approvers: [${APPROVER}, ${SECOND_APPROVER}] }
${approval === false ? '' : '    approval: { required: 1, expires: 15m }\n'}    guard: { min_available: 2 }
balancers:
${balancers.join('\n')}
services:
${service(SERVICE, 'f5-edge', SERVICE)}${service(SMALL_SERVICE, 'f5-edge', 'small')}${Object.keys(
  more,
)
  .map((name) => service(name, name, SERVICE))
  .join('')}shell: { root: ${REQUESTER} }
`;
}

/** The product on a simulated pair of BIG-IPs. */
export async function openF5Stage(options: F5StageOptions = {}): Promise<F5Stage> {
  const start = () =>
    startF5Sim({ pair: true, seed: SEED, password: F5_PASSWORD, drainSeconds: 0 });
  const sim = await start();
  const sims = new Map([['f5-edge', sim]]);
  for (const name of Object.keys(options.more ?? {})) sims.set(name, await start());
  const secrets = new Map([...sims.keys()].map((name) => [name, new Secret(F5_PASSWORD)]));
  const stage = await openStage({ ...options, site: { yaml: yamlOf(sims, options), secrets } });
  return {
    sim,
    sims,
    stage,
    writes: () =>
      [...sims.values()]
        .flatMap(({ control }) => control.log())
        .filter(({ method, url }) => method !== 'GET' && !url.startsWith('/mgmt/shared/auth'))
        .map(({ unit, method, url }) => `${unit} ${method} ${url}`),
    standing(unit, balancer = 'f5-edge') {
      const found = sims
        .get(balancer)
        ?.control.state()
        .find(({ name }) => name === unit);
      const pool = found?.pools.find((each) => each.pool === `/Common/${SERVICE}`);
      return Object.fromEntries(
        (pool?.members ?? []).map(({ member, session, state }) => [
          member.replace('/Common/', ''),
          `${session} ${state}`,
        ]),
      );
    },
    async stop() {
      await stage.stop();
      await Promise.all([...sims.values()].map((each) => each.close()));
    },
  };
}
