export const APPROVER = 'U0APPROVE';
export const CHANNEL = 'C0BENCH';

/** `names('m', 3)` is m1, m2, m3. */
export function names(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

/**
 * As many people as a crowd needs: how often one of them may ask about one service is limited by the product. A
 * prime number, so that nobody gets the same service every time.
 */
export const OPERATORS = names('U0OPERATOR', 53);

let asked = 0;

/** Everybody in turn. */
export function nextOperator(): string {
  asked += 1;
  return OPERATORS[asked % OPERATORS.length] ?? '';
}

export interface SiteService {
  readonly name: string;
  /** Name of a pair or a balancer. */
  readonly on: string;
  /** Of HAProxy; absent where there is a pool. */
  readonly backend?: string;
  /** Of a BIG-IP. */
  readonly pool?: string;
  /** Of LVS directors. */
  readonly vip?: string;
  readonly members?: readonly string[];
}

export interface SiteInventory {
  /** A HAProxy's socket, or the keys of another kind of balancer as they stand in the file. */
  readonly balancers: readonly (
    | { readonly name: string; readonly socket: string }
    | { readonly name: string; readonly keys: string }
  )[];
  readonly pairs?: readonly {
    readonly name: string;
    readonly nodes: readonly string[];
    readonly vrrp?: string;
    /** Further keys of the pair as they stand in the file. */
    readonly keys?: string;
  }[];
  readonly services: readonly SiteService[];
  /** Whether cards are posted; without a channel only commands typed in Slack have one. */
  readonly cards: boolean;
  readonly minAvailable?: string;
  /** A second person must agree; otherwise an operator's word is enough. */
  readonly approval?: boolean;
  /** Who the user of this machine is in Slack. */
  readonly shell?: { readonly user: string; readonly operator: string };
}

type PoolKeys = { [Key in 'backend' | 'pool' | 'vip']: string | undefined };

function poolKey({ backend, pool, vip }: PoolKeys): string {
  if (vip !== undefined) return `vip: "${vip}"`;
  return pool === undefined ? `backend: ${backend}` : `pool: ${pool}`;
}

/** An inventory file as an operator would write it. */
export function inventoryYaml(site: SiteInventory): string {
  const pairs = site.pairs ?? [];
  return [
    'environments:',
    '  bench:',
    `    roles: { viewers: workspace, operators: workspace, approvers: [${APPROVER}] }`,
    ...(site.approval === true ? ['    approval: { required: 1, expires: 15m }'] : []),
    `    guard: { min_available: ${site.minAvailable ?? '10%'} }`,
    'balancers:',
    ...site.balancers.map((balancer) => {
      const keys = 'keys' in balancer ? balancer.keys : `kind: haproxy, socket: ${balancer.socket}`;
      return `  ${balancer.name}: { ${keys} }`;
    }),
    ...(pairs.length === 0 ? [] : ['pairs:']),
    ...pairs.map(({ name, nodes, vrrp, keys }) => {
      const roles = vrrp === undefined ? '' : `, vrrp: ${vrrp}`;
      const more = keys === undefined ? '' : `, ${keys}`;
      return `  ${name}: { nodes: [${nodes.join(', ')}]${roles}${more} }`;
    }),
    'services:',
    ...site.services.flatMap(({ name, on, backend, pool, vip, members }) => [
      `  ${name}:`,
      '    environment: bench',
      ...(site.cards ? [`    channel: ${CHANNEL}`] : []),
      ...(members === undefined ? [] : [`    members: [${members.join(', ')}]`]),
      `    pools: [{ on: ${on}, ${poolKey({ backend, pool, vip })} }]`,
    ]),
    ...(site.shell === undefined ? [] : [`shell: { ${site.shell.user}: ${site.shell.operator} }`]),
    '',
  ].join('\n');
}
