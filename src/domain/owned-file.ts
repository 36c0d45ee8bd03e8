import { parsePool, type RealServer } from './virtual-service.ts';

/** On a director: the files that are ours alone, one for each real server that is to be kept at a weight of ours. */
export const OWNED_FOLDER = '/etc/keepalived/lb-chatops';

/** The file of one real server of one virtual service. Without brackets: to keepalived they are a pattern. */
export function includeFile(pool: string, { address, port }: RealServer): string {
  const service = parsePool(pool);
  const words =
    service?.kind === 'address'
      ? [service.protocol, service.address, service.port]
      : ['fwmark', `${service?.family === 6 ? '6-' : ''}${service?.mark ?? 0}`];
  return `${OWNED_FOLDER}/${[...words, address, port].join('-')}.conf`;
}
