import type { PoolLook } from '../domain/device-look.ts';
import type { EventAuthor, EventKind, WatchEvent } from '../domain/event.ts';
import { type MemberState, takesClients } from '../domain/member.ts';
import type { MemberFacts, PoolFacts } from '../domain/scene.ts';
import { type OwnWork, type TopicalEvent, topicOf } from './observation.ts';

interface Around {
  readonly lane: string;
  readonly balancer: string;
  readonly at: number;
  /** The process that answers is another one than before: it begins with what its configuration says. */
  readonly isRestarted: boolean;
  readonly hasKeeper: boolean;
  readonly work: readonly OwnWork[];
}

export function factsOf(member: MemberState): MemberFacts {
  const { admin, weight, health, backup } = member;
  return {
    admin,
    weight,
    sick: admin === 'enabled' && (health === 'down' || health === 'recovering'),
    serves: takesClients(member),
    backup,
  };
}

/** Members by name without a prototype: devices choose the names. */
function record<Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> {
  return Object.assign(Object.create(null) as Record<string, Value>, Object.fromEntries(entries));
}

const same = (a: MemberFacts, b: MemberFacts) => a.admin === b.admin && a.weight === b.weight;

const shown = ({ admin, weight }: MemberFacts) => `${admin}, weight ${weight}`;

/** What became of the members of one pool since the last look, and what they are now. Pure. */
export function absorbPool(
  before: PoolFacts | undefined,
  look: PoolLook,
  around: Around,
): { readonly facts: PoolFacts; readonly events: readonly TopicalEvent[] } {
  const { pool } = look;
  if ('fault' in look) {
    return { facts: { ...(before ?? { members: {} }), fault: look.fault.message }, events: [] };
  }
  const members = record(look.state.members.map((member) => [member.name, factsOf(member)]));
  const removed = new Map(Object.entries(before?.removed ?? {}));
  if (before === undefined) return { facts: { members }, events: [] };

  const events: TopicalEvent[] = [];
  const tell = (kind: EventKind, member: string, by: EventAuthor, text: string, own?: OwnWork) => {
    const isHealth = kind === 'down' || kind === 'up';
    const event: WatchEvent = {
      id: `${kind}.${around.balancer}.${pool}.${member}.${around.at}`.slice(0, 300),
      at: around.at,
      lane: around.lane,
      kind,
      balancer: around.balancer,
      pool,
      member,
      by,
      witness: 'look',
      text,
      ...(own === undefined ? {} : { changeId: own.changeId }),
    };
    const topic = isHealth ? topicOf.members(pool) : topicOf.table(pool);
    // What we did is told by the change that did it; what becomes of a member that is held, by whoever holds it.
    const isTold = by === 'bot' || (!isHealth && (around.isRestarted || isHeld(member)));
    events.push(isTold ? { event } : { event, topic });
  };
  const isHeld = (member: string) =>
    around.work.some(
      (each) =>
        each.balancer === around.balancer &&
        each.pool === pool &&
        each.member === member &&
        each.want !== undefined,
    );
  const place = (member: string) => `${member} in ${pool} on ${around.balancer}`;
  const ownOf = (member: string, now?: MemberFacts) =>
    around.work.find(
      (each) =>
        each.balancer === around.balancer &&
        each.pool === pool &&
        each.member === member &&
        (each.want === undefined ||
          now === undefined ||
          (each.want.admin === now.admin && each.want.weight === now.weight)),
    );

  for (const [member, now] of Object.entries(members)) {
    const was = before.members[member];
    const own = ownOf(member, now);
    if (was === undefined) {
      const isBack = removed.delete(member);
      if (own !== undefined) tell('appeared', member, 'bot', `${place(member)} is there.`, own);
      else if (isBack) tell('up', member, 'keepalived', `${place(member)} is let in again.`);
      else {
        const by = around.hasKeeper ? 'unknown' : 'hand';
        tell('appeared', member, by, `${place(member)} is new: ${shown(now)}.`);
      }
      continue;
    }
    if (was.sick !== now.sick && was.admin === now.admin) {
      const word = now.sick ? 'is down by its health check' : 'is up again';
      tell(now.sick ? 'down' : 'up', member, 'health check', `${place(member)} ${word}.`);
    }
    if (same(was, now) || around.isRestarted) continue;
    const by = own !== undefined ? 'bot' : isKeepers(was, now, around) ? 'keepalived' : 'hand';
    const who = by === 'bot' ? `by change ${own?.changeId}` : `by ${by}`;
    const text = `${place(member)} was changed ${who}: ${shown(was)} before, ${shown(now)} now.`;
    tell(by === 'keepalived' ? sickness(now) : 'changed', member, by, text, own);
  }
  for (const [member, was] of Object.entries(before.members)) {
    if (members[member] !== undefined) continue;
    const own = ownOf(member);
    if (own !== undefined) tell('gone', member, 'bot', `${place(member)} was taken out.`, own);
    else if (around.hasKeeper) {
      removed.set(member, was.weight);
      tell('down', member, 'keepalived', `${place(member)} was removed by keepalived.`);
    } else tell('gone', member, 'hand', `${place(member)} is no longer there.`);
  }
  const left = record(removed);
  return { facts: removed.size === 0 ? { members } : { members, removed: left }, events };
}

/** With `inhibit_on_failure` keepalived does not remove a sick one: it sets its weight to 0. */
function isKeepers(was: MemberFacts, now: MemberFacts, { hasKeeper }: Around): boolean {
  return hasKeeper && (was.weight === 0) !== (now.weight === 0);
}

const sickness = (now: MemberFacts): EventKind => (now.weight === 0 ? 'down' : 'up');
