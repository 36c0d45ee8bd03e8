import type { NodeWords } from '../domain/device-look.ts';
import type { EventKind, WatchEvent } from '../domain/event.ts';
import type { DeviceFacts, PoolFacts, Scene } from '../domain/scene.ts';
import { absorbPool } from './absorb-members.ts';
import { absorbUnits } from './absorb-units.ts';
import { roleOfWords, withEvidence } from './evidence.ts';
import { machineFacts } from './machine.ts';
import { type Observation, type Surroundings, type TopicalEvent, topicOf } from './observation.ts';
import { VRRP_TOPIC } from './vrrp-judge.ts';
import { spanWords } from './words.ts';

export interface Absorbed {
  readonly scene: Scene;
  readonly events: readonly TopicalEvent[];
}

type Look = Extract<Observation, { kind: 'look' }>;
type Silence = Extract<Observation, { kind: 'silence' }>;

const UNSEEN: DeviceFacts = { pools: {} };

/** Takes in what a look at a device showed. Pure. */
export function absorbLook(scene: Scene, seen: Look, around: Surroundings): Absorbed {
  const { balancer, at, until, look } = seen;
  const before = scene.devices[balancer] ?? UNSEEN;
  // Of units that stand in for each other another one answers now; none of them was started anew.
  const isRestarted =
    look.units === undefined &&
    before.incarnation !== undefined &&
    before.incarnation !== look.device.incarnation;
  const events: TopicalEvent[] = [];
  const tell = (kind: EventKind, text: string, topic: string) => {
    const id = `${kind}.${balancer}.${at}`;
    events.push({
      event: {
        id,
        at,
        lane: scene.lane,
        kind,
        balancer,
        witness: 'look',
        text,
      } satisfies WatchEvent,
      topic,
    });
  };
  const deviceTopic = topicOf.device(balancer);
  if (before.silent !== undefined && isTold(scene, balancer)) {
    tell(
      'answers',
      `${balancer} answers again after ${spanWords(at - before.silent.since)}.`,
      deviceTopic,
    );
  }
  if (isRestarted) {
    const text = `${balancer} was restarted or reloaded: process ${before.incarnation} before, ${look.device.incarnation} now.`;
    tell('restarted', text, deviceTopic);
  }

  const group = absorbUnits(before, look, { balancer, at });
  const pools: Record<string, PoolFacts> = {};
  for (const one of look.pools) {
    const absorbed = absorbPool(before.pools[one.pool], one, {
      lane: scene.lane,
      balancer,
      at,
      // Another unit has a configuration of its own.
      isRestarted: isRestarted || group.isMoved,
      hasKeeper: look.keeper !== undefined,
      work: around.work,
    });
    pools[one.pool] = absorbed.facts;
    events.push(...absorbed.events);
  }

  for (const { kind, text, topic } of group.said) tell(kind, text, topic);

  const facts: DeviceFacts = {
    answeredAt: at,
    incarnation: look.device.incarnation,
    ...machineFacts(before, look.words, at),
    pools,
    ...group.facts,
  };
  const role = roleSeen(scene, { balancer, at, until, words: look.words }, around);
  return {
    scene: {
      ...scene,
      devices: { ...scene.devices, [balancer]: facts },
      roles: role === undefined ? scene.roles : { ...scene.roles, [balancer]: role.evidence },
    },
    events: [...events, ...(role?.events ?? [])].map((each) => bounded(each, until)),
  };
}

function bounded({ event, ...rest }: TopicalEvent, latest: number): TopicalEvent {
  return { ...rest, event: { ...event, at: Math.min(event.at, latest) } };
}

function isTold(scene: Scene, balancer: string): boolean {
  return scene.incidents.some(
    ({ topic, state }) =>
      state === 'open' && (topic === topicOf.device(balancer) || topic === VRRP_TOPIC),
  );
}

interface Spoken {
  readonly balancer: string;
  readonly at: number;
  readonly until: number;
  readonly words: NodeWords | undefined;
}

function roleSeen(scene: Scene, { balancer, at, until, words }: Spoken, { site }: Surroundings) {
  if (site.vrrp === undefined || words === undefined) return undefined;
  const found = roleOfWords(words, site.vrrp);
  if (found === undefined) return undefined;
  const known = scene.roles[balancer] ?? [];
  const isUnseen = scene.devices[balancer]?.hostSilentSince !== undefined;
  const { evidence, isNews } = withEvidence(known, {
    ...found,
    at,
    until: at,
    seenBy: until,
    ...(isUnseen ? { unseenBefore: true } : {}),
  });
  const event = roleEvent(scene.lane, balancer, found.role, at, 'look', `${at}`);
  // The first that is seen of a node is no change.
  const events = isNews && known.length > 0 ? [{ event, topic: VRRP_TOPIC }] : [];
  return { evidence, events };
}

const ROLE_TEXT = {
  MASTER: 'is MASTER',
  BACKUP: 'is BACKUP',
  FAULT: 'is in FAULT',
  DOWN: 'has no keepalived running',
  STRANDED: 'has the VIP without being MASTER',
} as const;

export function roleEvent(
  lane: string,
  balancer: string,
  role: keyof typeof ROLE_TEXT,
  at: number,
  witness: WatchEvent['witness'],
  mark: string,
): WatchEvent {
  const how = witness === 'line' ? ', as its keepalived says' : '';
  return {
    id: `role.${balancer}.${role}.${mark}`,
    at,
    lane,
    kind: 'role',
    balancer,
    witness,
    text: `${balancer} ${ROLE_TEXT[role]}${how}.`,
  };
}

/** Takes in that a device did not answer, and what its host says where that does. Pure. */
export function absorbSilence(
  scene: Scene,
  { balancer, at, until, fault, words }: Silence,
  around: Surroundings,
): Absorbed {
  const before = scene.devices[balancer] ?? UNSEEN;
  const { silent, hostSilentSince = at, ...rest } = before;
  const looks = (silent?.looks ?? 0) + 1;
  const facts: DeviceFacts = {
    ...rest,
    ...(words === undefined ? { hostSilentSince } : machineFacts(before, words, at)),
    silent: { since: silent?.since ?? at, looks, fault },
  };
  const role = roleSeen(scene, { balancer, at, until, words }, around);
  return {
    scene: {
      ...scene,
      devices: { ...scene.devices, [balancer]: facts },
      roles: role === undefined ? scene.roles : { ...scene.roles, [balancer]: role.evidence },
    },
    events: role?.events ?? [],
  };
}
