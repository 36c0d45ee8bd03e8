import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GREETING } from '../../src/adapters/lvs/script.ts';
import type { NotifySettings } from '../../src/bin/notify.ts';
import { Secret } from '../../src/domain/secret.ts';
import { selfSigned } from '../../src/sandbox/f5/certificate.ts';
import { type SandboxHaproxy, startHaproxy } from '../../src/sandbox/haproxy.ts';
import { startMembers } from '../../src/sandbox/members.ts';
import { type Reader, startReader, writeSettings } from '../keepalived/notify/reader.ts';
import { CHANNEL, OPERATORS, SERVICE } from './inventory.ts';
import { type StageSshd, startSshd } from './sshd.ts';

export const WEB_VIP = '192.168.1.1';
export const NODES = ['ha-1', 'ha-2'] as const;
export type NodeName = (typeof NODES)[number];

/** keepalived's number of its state; `gone` where it does not run. */
export type NodeState = 1 | 2 | 3 | 'gone';

/** Two HAProxy nodes by ssh; what the host of each says of its keepalived is what the test says. */
export interface VrrpSite {
  readonly yaml: string;
  readonly notify: NotifySettings;
  readonly tokens: Readonly<Record<NodeName, string>>;
  /** PEM of the listener's certificate. */
  readonly certificate: string;
  /** What the next look at a node shows. */
  show(node: NodeName, state: NodeState): void;
  /** Runs the printed notify script as keepalived on that node does, which posts to `url`. */
  reader(node: NodeName, url: string): Reader;
  stop(): Promise<void>;
}

const BOOTS = {
  'ha-1': '1d0c7a52-94f1-4e0e-8f4f-0d7a2c5b9e11',
  'ha-2': '2e1d8b63-a502-4f1f-9051-1e8b3d6cafe2',
} as const;
const PRIORITY = { 'ha-1': 100, 'ha-2': 90 } as const;

/** As the program on a host answers `roles`. */
function testimony(node: NodeName, state: NodeState): string {
  const own = node === 'ha-1' ? 3 : 4;
  const addresses = [`192.168.1.${own}`, ...(state === 2 ? [WEB_VIP] : [])];
  const keepalived = [
    '"iname":"VI_1"',
    `"state":${state}`,
    `"effective_priority":${PRIORITY[node]}`,
    '"last_transition":1795146174',
  ];
  return [
    '== identity',
    ...[BOOTS[node], '900.25 1500.00', '6.1.176'],
    '== exit 0',
    '== addresses',
    ...addresses.map((address) => `2: eth0    inet ${address}/24 scope global eth0`),
    '== exit 0',
    '== vrrp',
    ...(state === 'gone' ? [] : keepalived),
    '== exit 0',
    '== done',
    '',
  ].join('\n');
}

export async function startVrrpSite(more = ''): Promise<VrrpSite> {
  const directory = mkdtempSync(join(tmpdir(), 'lb-vrrp-'));
  const at = (name: string) => join(directory, name);
  const members = await startMembers({ names: ['192.168.100.74'], directory: at('members') });
  const { certificate, key } = selfSigned('localhost');
  const tokens = { 'ha-1': 'Zk3vQ8nT1xW6bR4yH7pL2sD9', 'ha-2': 'Gt5mC2jF8wX1qN6zK4hV7rB3' };
  const show = (node: NodeName, state: NodeState) => {
    // A look reads the old words or the new ones, never half of them.
    writeFileSync(at(`${node}.next`), testimony(node, state));
    renameSync(at(`${node}.next`), at(`${node}.roles`));
  };
  show('ha-1', 2);
  show('ha-2', 1);
  const haproxies: SandboxHaproxy[] = [];
  const sshds: StageSshd[] = [];
  const readers: Reader[] = [];
  const lines: string[] = [];
  for (const node of NODES) {
    const servers = members.members.map(({ name, address, port }) => {
      return { name, address, port, weight: 1 };
    });
    const settings = { directory, name: node, backend: SERVICE, servers, checkEveryMs: 500 };
    const haproxy = await startHaproxy(settings);
    haproxies.push(haproxy);
    const program = at(`${node}.sh`);
    const words = `#!/bin/sh\necho '${GREETING}'\nIFS= read -r line || exit 0\nexec cat ${at(`${node}.roles`)}\n`;
    writeFileSync(program, words, { mode: 0o755 });
    const sshd = await startSshd({
      directory: at(`ssh-${node}`),
      config: [`ForceCommand ${program}`],
    });
    sshds.push(sshd);
    const { user, port, keyFile, knownHostsFile } = sshd;
    lines.push(
      `  ${node}: { kind: haproxy, socket: ${haproxy.socket}, ssh: "${user}@127.0.0.1:${port}", ssh_key: ${keyFile}, known_hosts: ${knownHostsFile}, notify: { token: { env: TOKEN } } }`,
    );
  }
  const yaml = `environments:
  production:
    roles: { viewers: workspace, operators: [${OPERATORS}] }
    guard: { min_available: 0 }
balancers:
${lines.join('\n')}
pairs:
  web: { nodes: [ha-1, ha-2], vrrp: VI_1, vips: [${WEB_VIP}]${more} }
services:
  ${SERVICE}:
    environment: production
    channel: ${CHANNEL}
    pools: [{ on: web, backend: ${SERVICE} }]
`;
  return {
    yaml,
    notify: {
      host: '127.0.0.1',
      port: 0,
      tls: { cert: certificate, key },
      tokens: new Map(NODES.map((node) => [node, new Secret(tokens[node])])),
    },
    tokens,
    certificate,
    show,
    reader(node, url) {
      const folder = at(`director-${node}`);
      writeSettings(folder, url.replace('127.0.0.1', 'localhost'), tokens[node], certificate);
      const reader = startReader(folder, ['/bin/sh']);
      readers.push(reader);
      return reader;
    },
    async stop() {
      await Promise.all(readers.map((reader) => reader.close()));
      await Promise.all(sshds.map((sshd) => sshd.stop()));
      await Promise.all(haproxies.map((haproxy) => haproxy.stop()));
      await members.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
