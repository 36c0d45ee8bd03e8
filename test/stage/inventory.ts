/** The site of the journeys: the names of the customer's article, on two HAProxy processes. */
export const MEMBERS = ['74', '75', '76', '77', '78'].map((end) => `192.168.100.${end}`);
export const SERVICE = 'test.tianya.cn';
/** Lives on the second balancer, where a stage keeps the two apart; its backend has the same name. */
export const OTHER_SERVICE = 'other.tianya.cn';
export const CHANNEL = 'C0OPS';
export const REQUESTER = 'U0REQUEST';
export const APPROVER = 'U0APPROVE';
export const SECOND_APPROVER = 'U0APPRTWO';
export const OUTSIDER = 'U0OUTSIDE';
export const GUEST = 'U0GUEST01';
export const OPERATORS = 'S0OPERATE';

export interface SiteOptions {
  readonly sockets: readonly string[];
  readonly approval?: boolean;
  readonly minAvailable?: string;
  readonly expires?: string;
  readonly members?: readonly string[] | 'unlisted';
  readonly servingWithin?: string;
  readonly approvers?: readonly string[];
  /** How many people must agree. */
  readonly required?: number;
  readonly breakGlass?: readonly string[];
  readonly quietFor?: string;
  readonly drainFor?: string;
  /** Two services on a balancer each, and so two lanes, instead of one service on a pair. */
  readonly separate?: boolean;
}

export function siteYaml(options: SiteOptions): string {
  const nodes = options.sockets.map((_, index) => `ha-${index + 1}`);
  const approval =
    options.approval === false
      ? ''
      : `    approval: { required: ${options.required ?? 1}, expires: ${options.expires ?? '15m'} }\n`;
  const members =
    options.members === 'unlisted'
      ? ''
      : `    members: [${(options.members ?? MEMBERS).join(', ')}]\n`;
  const approvers = options.approvers ?? [APPROVER, SECOND_APPROVER];
  const isPair = nodes.length > 1 && options.separate !== true;
  const service = (name: string, on: string) => `  ${name}:
    environment: production
    channel: ${CHANNEL}
${members}    serving_within: ${options.servingWithin ?? '5s'}
    quiet_for: ${options.quietFor ?? '30s'}
    drain_for: ${options.drainFor ?? '60s'}
    pools:
      - { on: ${on}, backend: ${SERVICE} }
`;
  return `environments:
  production:
    roles:
      viewers: workspace
      operators: [${OPERATORS}]
      approvers: [${approvers.join(', ')}]
      break_glass: [${(options.breakGlass ?? []).join(', ')}]
${approval}    guard: { min_available: ${options.minAvailable ?? '50%'} }
balancers:
${nodes.map((node, index) => `  ${node}: { kind: haproxy, socket: ${options.sockets[index]} }`).join('\n')}
${isPair ? `pairs:\n  web: { nodes: [${nodes.join(', ')}] }\n` : ''}services:
${service(SERVICE, isPair ? 'web' : 'ha-1')}${options.separate === true ? service(OTHER_SERVICE, 'ha-2') : ''}shell: { root: ${REQUESTER} }
`;
}
