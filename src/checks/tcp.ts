import type { MemberCheck } from '../ports/check.ts';
import { tryTcp } from '../transports/tcp-connect.ts';

export interface TcpCheckLimits {
  readonly connectMsMax: number;
}

/** Our own look at a member: does address:port take a TCP connection? */
export function tcpCheck(limits: TcpCheckLimits = { connectMsMax: 2_000 }): MemberCheck {
  return {
    async reach(address, port, withinMs = limits.connectMsMax) {
      const result = await tryTcp(address, port, withinMs);
      return 'ms' in result
        ? { reached: true, ms: Math.round(result.ms) }
        : { reached: false, reason: result.reason };
    },
  };
}
