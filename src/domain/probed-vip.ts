import { type Inventory, servicesOnPair } from './inventory.ts';
import { parsePool } from './virtual-service.ts';

/** Where a TCP connection shows whether clients of a pair are answered. */
export interface ProbedVip {
  readonly address: string;
  readonly port: number;
}

/** What `probe_at` of the pair names, else the first virtual service by TCP on it; undefined where there is neither. */
export function probedVip(inventory: Inventory, pair: string): ProbedVip | undefined {
  const named = inventory.pairs.get(pair)?.probeAt;
  if (named !== undefined) return named;
  for (const service of servicesOnPair(inventory, pair)) {
    for (const { lane, pool } of service.pools) {
      const found = lane === pair ? tcpPlace(pool) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** `192.168.100.11:80` or `[fd00::11]:80`; undefined for whatever takes no TCP connection. */
export function tcpPlace(text: string): ProbedVip | undefined {
  const found = parsePool(text);
  if (found?.kind !== 'address' || found.protocol !== 'tcp' || found.port === 0) return undefined;
  return Object.freeze({ address: found.address, port: found.port });
}

/** For people. */
export const vipWords = ({ address, port }: ProbedVip) => `${address} port ${port}`;
