/** One thing that was expected, and what was seen. */
export interface Check {
  readonly expected: string;
  readonly holds: boolean;
  readonly seen: string;
}

export interface Sighting {
  readonly admin: number;
  readonly weight: number;
  readonly isOut: boolean;
}

export interface Observed {
  /** Per node, per server. */
  readonly nodes: ReadonlyMap<string, ReadonlyMap<string, Sighting>>;
  /** Requests each member answered in a stretch of time after the outcome was shown. */
  readonly answered: ReadonlyMap<string, number>;
  /** Requests that failed since the demo began, as the clients count them. */
  readonly failed: number;
}

/** What must hold when `target` is out: it gets nothing, everybody else works on, no request failed. */
export function checksWhenOut(target: string, members: readonly string[], now: Observed): Check[] {
  return [
    ...nodeChecks(now, (node, servers) => ({
      expected: `${node} has ${target} in maintenance`,
      holds: servers.get(target)?.isOut === true,
      seen: adminText(servers.get(target)),
    })),
    ...members.map((member) => trafficCheck(member, member !== target, now)),
    failedCheck(now),
  ];
}

/** What must hold when `target` is back: as before on every node, with its share of the traffic. */
export function checksWhenBack(
  target: string,
  before: Observed['nodes'],
  now: Observed,
  members: readonly string[],
): Check[] {
  return [
    ...nodeChecks(now, (node, servers) => ({
      expected: `${node} has ${target} in service`,
      holds: servers.get(target)?.admin === 0,
      seen: adminText(servers.get(target)),
    })),
    ...nodeChecks(now, (node, servers) => {
      const wanted = weightText(before.get(node) ?? new Map());
      const seen = weightText(servers);
      return {
        expected: `${node} has the weights it had: ${wanted}`,
        holds: seen === wanted,
        seen,
      };
    }),
    ...members.map((member) => trafficCheck(member, true, now)),
    failedCheck(now),
  ];
}

/** `ok` lines, and for each failure what was expected and what was seen. */
export function checkLines(checks: readonly Check[]): string {
  return checks
    .map(({ expected, holds, seen }) =>
      holds ? `ok      ${expected}` : `FAILED  expected: ${expected}\n        seen:     ${seen}`,
    )
    .join('\n');
}

function nodeChecks(
  { nodes }: Observed,
  check: (node: string, servers: ReadonlyMap<string, Sighting>) => Check,
): Check[] {
  return [...nodes].map(([node, servers]) => check(node, servers));
}

function trafficCheck(member: string, serves: boolean, { answered }: Observed): Check {
  const count = answered.get(member) ?? 0;
  return {
    expected: `${member} ${serves ? 'answers requests' : 'gets no request'}`,
    holds: serves ? count > 0 : count === 0,
    seen: `${count} requests answered`,
  };
}

function failedCheck({ failed }: Observed): Check {
  return {
    expected: 'requests failed: 0',
    holds: failed === 0,
    seen: `requests failed: ${failed}`,
  };
}

function adminText(server: Sighting | undefined): string {
  return server === undefined ? 'no such server' : `administrative state ${server.admin}`;
}

function weightText(servers: ReadonlyMap<string, Sighting>): string {
  return [...servers].map(([name, { weight }]) => `${name}=${weight}`).join(' ');
}
