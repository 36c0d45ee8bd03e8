/** Which node of a pair carries the traffic now. */
export type Role = 'MASTER' | 'BACKUP' | 'UNKNOWN';

/** Says who is MASTER. Pairs whose nodes all carry traffic have no roles. */
export interface PairRoles {
  /** Role by balancer, or `none` when this pair has no roles and is changed in the order as written. */
  of(pair: string): Promise<ReadonlyMap<string, Role> | 'none'>;
}
