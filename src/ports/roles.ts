import type { NodeWords } from '../domain/device-look.ts';

/** Which node of a pair carries the traffic now. */
export type Role = 'MASTER' | 'BACKUP' | 'UNKNOWN';

/** What a node of a pair says about itself at one moment. */
export type NodeTestimony = NodeWords;

/** Says who is MASTER. Pairs whose nodes all carry traffic have no roles. */
export interface PairRoles {
  /**
   * Role by balancer, or `none` when this pair has no roles and is changed in the order as written. Throws ROLES_UNKNOWN
   * unless exactly one is MASTER. `only` is the one node that will be written to: where the others do not answer, its
   * own word is enough, and theirs is UNKNOWN.
   */
  of(pair: string, only?: string): Promise<ReadonlyMap<string, Role> | 'none'>;
}
