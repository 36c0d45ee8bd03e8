import { distance } from 'fastest-levenshtein';

/** What HAProxy itself allows in names of proxies and servers, less a leading dash or dot. */
const DEVICE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._:-]{0,199}$/;

/** What we allow in names of our own; no colon, because they end up in keys and queue names. */
const OWN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** True for the name of a pool or member that may reach a device: no space, `;`, `<`, quote or control character. */
export function isDeviceName(name: string): boolean {
  return DEVICE_NAME.test(name);
}

/** A name of a device with what some put round it: a partition in front (F5), a route domain behind (`%1`). */
const MEMBER_NAME =
  /^(?:(?:\/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}){1,4}\/)?([^/%]+)(?:%\d{1,5}(?:[:.]\d{1,5})?)?$/;

/** As LVS writes it. */
const IPV6_MEMBER = /^\[[0-9a-f:.]{2,45}\]:\d{1,5}$/;

/** True for the name of a member, or of its node, as far as any device has such names. */
export function isMemberName(name: string): boolean {
  if (IPV6_MEMBER.test(name)) return true;
  const inner = MEMBER_NAME.exec(name)?.[1];
  return inner !== undefined && isDeviceName(inner);
}

/** True for a name of a service, alias, environment, balancer or pair. */
export function isOwnName(name: string): boolean {
  return OWN_NAME.test(name);
}

/**
 * The name somebody most likely meant: at most two typing errors away, or the only one that begins with
 * what was typed. For showing, never for acting on.
 */
export function nearestName(typed: string, names: Iterable<string>): string | undefined {
  const wanted = typed.toLowerCase();
  if (wanted === '' || wanted.length > 200) return undefined;
  const all = [...names];
  // Two errors in a name of two letters would match everything.
  const errorsMax = wanted.length < 3 ? 1 : 2;
  let best: { name: string; errors: number } | undefined;
  for (const name of all) {
    const errors = distance(wanted, name.toLowerCase());
    if (errors <= errorsMax && (best === undefined || errors < best.errors))
      best = { name, errors };
  }
  if (best !== undefined) return best.name;
  const longer = all.filter((name) => name.toLowerCase().startsWith(wanted));
  return longer.length === 1 ? longer[0] : undefined;
}
