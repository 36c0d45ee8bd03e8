import type { DirectorUser } from '../lab/director.ts';
import type { Lab } from '../lab/lab.ts';
import { type DirectorName, NET, REAL_SERVERS, VIP } from '../lab/places.ts';
import { APPROVER, CHANNEL, OPERATORS, REQUESTER, SERVICE } from './inventory.ts';
import type { StageOptions } from './stage.ts';

/** The article's virtual service and its real servers. */
export const LVS_POOL = `${VIP}:80`;
export const LVS_MEMBERS = REAL_SERVERS.map((last) => `${NET}.${last}:80`);

export interface LvsSiteOptions {
  /** Nobody needs to agree, unless this is true. */
  readonly approval?: boolean;
  readonly minAvailable?: string;
  /** Further keys of the director's block, for instance `disable_by: delete`. */
  readonly director?: string;
  /** Further lines of the service's block. */
  readonly service?: readonly string[];
  readonly members?: 'unlisted';
  readonly on?: DirectorName;
  readonly user?: DirectorUser;
}

/** One director of the lab in the inventory: its keys in one line. */
export function directorBlock(
  lab: Lab,
  name: DirectorName,
  user: DirectorUser = 'root',
  more = '',
): string {
  const { host, port, login, proof } = lab.director(name).ssh(user);
  const keyFile = login !== undefined && 'keyFile' in login ? login.keyFile : '';
  const fingerprint = proof !== undefined && 'fingerprint' in proof ? proof.fingerprint : '';
  const own = `kind: lvs, ssh: "${user}@${host}:${port}", ssh_key: ${keyFile}, host_key: "${fingerprint}"`;
  return `  ${name}: { ${own}${more === '' ? '' : `, ${more}`} }`;
}

/** The article's service on one director of the lab, for a stage. */
export function lvsSite(lab: Lab, options: LvsSiteOptions = {}): NonNullable<StageOptions['site']> {
  const { on = 'lvs-1', user, director, service = [] } = options;
  const members =
    options.members === 'unlisted'
      ? []
      : [`members: [${LVS_MEMBERS.map((name) => `"${name}"`).join(', ')}]`];
  const lines = [
    'environment: production',
    `channel: ${CHANNEL}`,
    ...members,
    ...service,
    'pools:',
    `  - { on: ${on}, vip: "${LVS_POOL}" }`,
  ];
  const yaml = `environments:
  production:
    roles: { viewers: workspace, operators: [${OPERATORS}], approvers: [${APPROVER}] }
    approval: { required: ${options.approval === true ? 1 : 0} }
    guard: { min_available: ${options.minAvailable ?? '50%'} }
balancers:
${directorBlock(lab, on, user, director)}
services:
  ${SERVICE}:
${lines.map((line) => `    ${line}`).join('\n')}
shell: { root: ${REQUESTER} }
`;
  return { yaml, secrets: new Map() };
}
