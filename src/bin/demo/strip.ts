import type { TrafficHit, TrafficSource } from '../../sandbox/slack/traffic.ts';

/** What feeds the strip at the top of the page. */
export interface Strip {
  readonly source: TrafficSource;
  answered(hit: { readonly member: string; readonly at: number }): void;
  failed(failure: { readonly at: number }): void;
}

/**
 * Answered requests as the members log them, failed ones as the clients saw them: a request that a member could not
 * finish is the client's failure, and counted once.
 */
export function trafficStrip(members: readonly string[]): Strip {
  const listeners = new Set<(hit: TrafficHit) => void>();
  const tell = (hit: TrafficHit) => {
    for (const listener of listeners) listener(hit);
  };
  return {
    source: {
      members,
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    answered: ({ member, at }) => tell({ member, ok: true, at }),
    failed: ({ at }) => tell({ member: '', ok: false, at }),
  };
}
