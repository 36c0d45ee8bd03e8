import { poolText } from '../../domain/virtual-service.ts';
import type { Service } from './parse.ts';

/** So many other services of one host are named. */
const NAMED_MAX = 8;

/** The services but this one that send new clients to a host; undefined where there is none. */
export function elsewhereOf(
  address: string,
  own: Service,
  senders: ReadonlyMap<string, readonly Service[]>,
): readonly string[] | undefined {
  const others = senders.get(address)?.filter((each) => each !== own) ?? [];
  if (others.length === 0) return undefined;
  return others.slice(0, NAMED_MAX).map(({ service }) => poolText(service));
}
