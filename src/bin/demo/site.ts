/** Names of the demo's site: those of the article that lb-chatops began with. */
export const SERVICE = 'test.tianya.cn';
export const MEMBERS: readonly string[] = ['74', '75', '76', '77', '78'].map(
  (end) => `192.168.100.${end}`,
);
export const WEIGHT = 10;
export const COOKIE = 'JSESSIONID';
export const CHANNEL = { id: 'C0OPS', name: 'ops' };

export const REQUESTER = { id: 'U0MAYA', name: 'maya (on call)' };
export const APPROVER = { id: 'U0LIN', name: 'lin (approver)' };
export const VIEWER = { id: 'U0NOOR', name: 'noor (viewer)' };
export const PEOPLE = [REQUESTER, APPROVER, VIEWER];

export const GROUPS = [
  { id: 'S0OPS', handle: 'ops-oncall', name: 'On call', users: [REQUESTER.id, APPROVER.id] },
  { id: 'S0LBAPPR', handle: 'lb-approvers', name: 'Approvers', users: [APPROVER.id] },
];

const OWN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The inventory of the demo. `shellUser` is who may type `lb …` in a terminal; they act as the requester. */
export function demoInventory(
  nodes: readonly { readonly name: string; readonly socket: string }[],
  shellUser: string,
): string {
  const balancers = nodes.map(
    ({ name, socket }) => `  ${name}: { kind: haproxy, socket: ${JSON.stringify(socket)} }`,
  );
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
${balancers.join('\n')}

pairs:
  web: { nodes: [${nodes.map(({ name }) => name).join(', ')}] }

services:
  ${SERVICE}:
    environment: production
    channel: ${CHANNEL.id}
    members: [${MEMBERS.join(', ')}]
    serving_within: 10s
    quiet_for: 2s
    drain_for: 4s
    pools:
      - { on: web, backend: ${SERVICE} }
${OWN_NAME.test(shellUser) ? `\nshell:\n  ${shellUser}: ${REQUESTER.id}\n` : ''}`;
}
