import { F5_SERVICE, F5_UNITS } from './f5-names.ts';
import { CHANNEL, type DemoService, GROUPS, REQUESTER, SERVICE } from './site.ts';

const OWN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** What the parts of a running demo say of themselves. */
export interface DemoDevices {
  readonly web: DemoService;
  readonly haproxy: readonly { readonly name: string; readonly socket: string }[];
  readonly f5: {
    readonly urls: readonly [string, string];
    readonly fingerprint: string;
    readonly username: string;
    /** Name of the environment variable with the password. */
    readonly passwordIn: string;
  };
  readonly lvs: DemoDirectors | undefined;
}

interface DemoDirectors {
  readonly vip: string;
  readonly directors: readonly {
    readonly name: string;
    readonly host: string;
    readonly port: number;
    readonly keyFile: string;
    readonly fingerprint: string;
  }[];
}

/** The inventory of the demo. `shellUser` is who may type `lb …` in a terminal; they act as the requester. */
export function demoInventory({ web, haproxy, f5, lvs }: DemoDevices, shellUser: string): string {
  const nodes = haproxy.map(
    ({ name, socket }) => `  ${name}: { kind: haproxy, socket: ${JSON.stringify(socket)} }`,
  );
  const [url, peer] = f5.urls;
  return `# Written by the demo for this run.
environments:
  production:
    roles:
      viewers: workspace
      operators: [${GROUPS[0]?.id}]
      approvers: [${GROUPS[1]?.id}]
    approval: { required: 1, expires: 15m }
    guard: { min_available: 50% }

balancers:
${nodes.join('\n')}
  # SIMULATED, both units.
  ${F5_UNITS}:
    kind: f5
    url: ${url}
    peer: ${peer}
    username: ${f5.username}
    password: { env: ${f5.passwordIn} }
    fingerprint: '${f5.fingerprint}'
    peer_fingerprint: '${f5.fingerprint}'
${lvs === undefined ? '' : directors(lvs)}
pairs:
  web: { nodes: [${haproxy.map(({ name }) => name).join(', ')}] }
${lvs === undefined ? '' : `  edge: { nodes: [${lvs.directors.map(({ name }) => name).join(', ')}], vrrp: VI_1 }\n`}
services:
${lvs === undefined ? '' : lvsService(lvs)}  ${web.name}:
    environment: production
    channel: ${CHANNEL.id}
    members: [${web.members.join(', ')}]
    serving_within: 10s
    quiet_for: 2s
    drain_for: 4s
    pools:
      - { on: web, backend: ${web.name} }
  ${F5_SERVICE}:
    environment: production
    channel: ${CHANNEL.id}
    guard: { min_available: 2 }
    pools:
      - { on: ${F5_UNITS}, pool: ${F5_SERVICE} }
${OWN_NAME.test(shellUser) ? `\nshell:\n  ${shellUser}: ${REQUESTER.id}\n` : ''}`;
}

function directors({ directors }: DemoDirectors): string {
  const each = directors.map(
    ({ name, host, port, keyFile, fingerprint }) => `  ${name}:
    kind: lvs
    ssh: helper@${host}:${port}
    ssh_key: ${JSON.stringify(keyFile)}
    host_key: ${fingerprint}
    helper: /usr/local/sbin/lb-lvs
`,
  );
  return each.join('');
}

function lvsService({ vip }: DemoDirectors): string {
  return `  ${SERVICE}:
    environment: production
    channel: ${CHANNEL.id}
    quiet_for: 2s
    drain_for: 4s
    pools:
      - { on: edge, vip: '${vip}' }
`;
}
