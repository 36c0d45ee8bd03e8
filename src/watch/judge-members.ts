import type { IncidentFact, IncidentView, Severity } from '../domain/incident.ts';
import type { MinAvailable } from '../domain/inventory.ts';
import type { MemberFacts, PoolFacts, Scene } from '../domain/scene.ts';
import type { OwnWork } from './observation.ts';
import type { LanePool } from './site.ts';
import { counted, namesWords } from './words.ts';

/** One pool on one device: who takes clients, who is sick. */
interface Standing {
  readonly balancer: string;
  readonly serving: number;
  readonly known: number;
  readonly needed: number;
  readonly sick: readonly string[];
}

export function neededOf({ unit, value }: MinAvailable, known: number): number {
  return unit === 'members' ? value : Math.ceil((known * value) / 100);
}

function standingOf(balancer: string, facts: PoolFacts, pool: LanePool): Standing {
  const members = Object.entries(facts.members).filter(([, { backup }]) => !backup);
  const removed = Object.keys(facts.removed ?? {});
  const known = Math.max(pool.known ?? 0, members.length + removed.length);
  const isSick = ([, member]: readonly [string, MemberFacts]) => member.sick;
  return {
    balancer,
    serving: members.filter(([, { serves }]) => serves).length,
    known,
    needed: neededOf(pool.minAvailable, known),
    sick: [...members.filter(isSick).map(([name]) => name), ...removed].sort(),
  };
}

function severityOf({ serving, needed, sick }: Standing): Severity {
  if (sick.length === 0) return 'info';
  if (serving === 0) return 'critical';
  return serving <= needed ? 'warning' : 'info';
}

function distance({ serving, needed, known }: Standing): string {
  const left = `${serving} of ${counted(known, 'member')} left, at least ${needed} needed`;
  if (serving < needed) return `${left}: ${needed - serving} too few`;
  return serving === needed ? `${left}: no more may go` : left;
}

/** How a pool stands by the health checks of all its devices; undefined while nobody is sick and nothing was told. */
export function judgeMembers(
  scene: Scene,
  pool: LanePool,
  {
    wasOpen,
    work,
    unsure,
  }: {
    readonly wasOpen: boolean;
    readonly work: readonly OwnWork[];
    /** Balancers whose word opens nothing now. */
    readonly unsure: readonly string[];
  },
): IncidentView | undefined {
  const believed = pool.balancers.filter((each) => wasOpen || !unsure.includes(each));
  const standings = believed.flatMap((balancer): Standing[] => {
    const facts = scene.devices[balancer]?.pools[pool.pool];
    return facts === undefined ? [] : [standingOf(balancer, facts, pool)];
  });
  const sick = standings.filter((each) => each.sick.length > 0);
  if (sick.length === 0 && !wasOpen) return undefined;
  const names = [...new Set(sick.flatMap((each) => each.sick))].sort();
  const [worst] = [...standings].sort((a, b) => a.serving - b.serving);
  const severity = severities(standings);
  const where = `${pool.service}${pool.service === pool.pool ? '' : ` (${pool.pool})`}`;
  const facts: IncidentFact[] = standings.map((each) => ({
    label: each.balancer,
    text: `${distance(each)}${each.sick.length === 0 ? '' : `; down: ${namesWords(each.sick)}`}`,
  }));
  const changeId = causingChange(pool, names, work);
  const cause = changeId === undefined ? {} : { changeId };
  const common = { facts, services: [pool.service], ...cause } as const;
  if (sick.length === 0 || worst === undefined) {
    return {
      ...common,
      kind: 'members-down',
      state: 'over',
      severity: 'info',
      headline: `${where}: every member that was down is up again, ${worst?.serving ?? 0} of ${worst?.known ?? 0} take clients.`,
    };
  }
  const on = namesWords(sick.map(({ balancer }) => balancer));
  if (worst.serving === 0) {
    return {
      ...common,
      kind: 'pool-empty',
      state: 'open',
      severity,
      headline: `${where} has NO member left on ${worst.balancer}: clients are turned away. Down: ${namesWords(names)}.`,
    };
  }
  return {
    ...common,
    kind: 'members-down',
    state: 'open',
    severity,
    headline: `${where}: ${namesWords(names)} ${names.length === 1 ? 'is' : 'are'} down on ${on}; ${distance(worst)}.`,
  };
}

function severities(standings: readonly Standing[]): Severity {
  const all = standings.map(severityOf);
  if (all.includes('critical')) return 'critical';
  return all.includes('warning') ? 'warning' : 'info';
}

/** The change that is at work on every one of them: whoever asked for it hears it there. */
function causingChange(
  { pool }: LanePool,
  names: readonly string[],
  work: readonly OwnWork[],
): string | undefined {
  const own = names.map((name) =>
    work.find((each) => each.pool === pool && each.member === name && each.want === undefined),
  );
  const [first] = own;
  return own.every((each) => each?.changeId === first?.changeId) ? first?.changeId : undefined;
}
