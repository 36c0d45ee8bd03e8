/*
 * A pair by VRRP, in the words that everything else is planned in: a pool of that name on each of its nodes, with the
 * node as its only member, which is drained while it gives way to the other one.
 */

const PREFIX = 'vrrp ';
const INSTANCE = /^[A-Za-z0-9._-]{1,64}$/;

/** `vrrp VI_1` */
export function vrrpPool(instance: string): string {
  return `${PREFIX}${instance}`;
}

/** The instance of such a pool; undefined for every other pool. */
export function vrrpInstanceOf(pool: string): string | undefined {
  if (!pool.startsWith(PREFIX)) return undefined;
  const instance = pool.slice(PREFIX.length);
  return INSTANCE.test(instance) ? instance : undefined;
}
