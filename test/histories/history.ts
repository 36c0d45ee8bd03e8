import fc from 'fast-check';
import {
  APPROVER,
  GUEST,
  MEMBERS,
  OUTSIDER,
  REQUESTER,
  SECOND_APPROVER,
  SERVICE,
} from '../stage/inventory.ts';

/** The site of one history. */
export interface Site {
  readonly approval: boolean;
  /** Clients stick by a cookie, so that `disable` drains first. */
  readonly sticky: boolean;
  readonly minAvailable: '2' | '3' | '50%';
  /** Worker processes beside the one that serves Slack; none: that one does the work too. */
  readonly workers: 0 | 1 | 2;
}

/** What somebody does with the card of a command, once it asks. */
export type Answered =
  | 'yes'
  | 'wrong people, then yes'
  | 'yes from many'
  | 'no'
  | 'never mind'
  | 'nothing';

/** Where a worker or its connection to a balancer ends. */
export type Moment = 'now' | 'before a write' | 'after a write';

export type Happening =
  | {
      readonly kind: 'command';
      readonly by: string;
      readonly text: string;
      readonly answered: Answered;
    }
  | {
      readonly kind: 'click';
      readonly by: string;
      readonly action: 'change.approve' | 'change.deny' | 'change.cancel';
      readonly card: number;
    }
  | { readonly kind: 'kill worker'; readonly when: Moment }
  | { readonly kind: 'pause worker'; readonly ms: number }
  | { readonly kind: 'cut connection'; readonly when: Moment }
  | { readonly kind: 'redis down'; readonly ms: number }
  | { readonly kind: 'redis hangs'; readonly ms: number }
  | { readonly kind: 'reload'; readonly node: 0 | 1 }
  | {
      readonly kind: 'hand';
      readonly node: 0 | 1;
      readonly member: string;
      /** One that is out at that moment, where there is one; else this member. */
      readonly isOut: boolean;
      readonly words: HandWords;
    }
  | { readonly kind: 'freeze' | 'unfreeze'; readonly by: string }
  | { readonly kind: 'time boxes end' };

export type HandWords = 'maint' | 'drain' | 'ready' | 'weight 4';

export interface Moved {
  readonly afterMs: number;
  readonly what: Happening;
}

export interface History {
  readonly site: Site;
  readonly events: readonly Moved[];
}

const member = fc.constantFrom(...MEMBERS);
const node = fc.constantFrom(0 as const, 1 as const);
const people = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(REQUESTER) },
  { weight: 4, arbitrary: fc.constantFrom(APPROVER) },
  { weight: 1, arbitrary: fc.constantFrom(OUTSIDER, GUEST, SECOND_APPROVER) },
);

const verb = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('disable') },
  { weight: 3, arbitrary: fc.constantFrom('drain', 'enable') },
  { weight: 2, arbitrary: fc.constantFrom('weight') },
);
const amount = fc.constantFrom('3', '50%', '0', '20', '10');
const scope = fc.constantFrom('', '', '', '', ' on ha-1', ' on ha-2');
const time = fc.constantFrom('', '', ' for 10s', ' for 10m');
const end = fc.constantFrom(' then disable', ' then go back', '');
const glass = fc.constantFrom('', '', '', '', '', ' break glass because the house burns');

const change = fc
  .record({
    verb,
    members: fc.oneof(
      { weight: 3, arbitrary: member.map((one) => [one]) },
      { weight: 2, arbitrary: fc.uniqueArray(member, { minLength: 1, maxLength: 3 }) },
    ),
    amount,
    scope,
    time,
    idle: fc.boolean(),
    end,
    now: fc.boolean(),
    half: fc.boolean(),
    glass,
  })
  .map((given) => {
    const until = given.verb === 'drain' && given.idle ? ` until idle within 10s${given.end}` : '';
    const canReturn = given.verb !== 'enable' && !until.endsWith('go back');
    return [
      `${given.verb} ${SERVICE} ${given.members.join(',')}`,
      given.verb === 'weight' ? ` ${given.amount}` : '',
      until,
      given.verb === 'disable' && given.now ? ' now' : '',
      canReturn ? given.time : '',
      given.scope,
      given.half ? ' keep half' : '',
      given.glass,
    ].join('');
  });

/** What no plan may ever come of. */
export const NONSENSE: readonly string[] = [
  'disable',
  `disable ${SERVICE}`,
  `disable nowhere.example ${MEMBERS[0]}`,
  `disable ${SERVICE} 192.168.100.79`,
  `disable ${SERVICE} ${MEMBERS[0]};shutdown`,
  `disable ${SERVICE} ${MEMBERS[0]} ${MEMBERS[1]}`,
  `weight ${SERVICE} ${MEMBERS[0]} 300`,
  `drain ${SERVICE} ${MEMBERS[0]} until idle within 1ms`,
  `enable ${SERVICE} ${MEMBERS[0]} for 10s`,
  `disable ${SERVICE} ${MEMBERS[0]} on web`,
];

const command = fc.record({
  kind: fc.constant('command' as const),
  by: people,
  text: fc.oneof(
    { weight: 12, arbitrary: change },
    { weight: 1, arbitrary: fc.constantFrom(...NONSENSE) },
  ),
  answered: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('yes' as const) },
    {
      weight: 4,
      arbitrary: fc.constantFrom<Answered>(
        'wrong people, then yes',
        'yes from many',
        'no',
        'never mind',
        'nothing',
      ),
    },
  ),
});

const click = fc.record({
  kind: fc.constant('click' as const),
  by: fc.constantFrom(REQUESTER, APPROVER, SECOND_APPROVER, OUTSIDER, GUEST),
  action: fc.constantFrom(
    'change.approve' as const,
    'change.deny' as const,
    'change.cancel' as const,
  ),
  card: fc.nat(7),
});

const kind = <K extends string>(name: K) => fc.constant(name);
const when = fc.constantFrom<Moment>('now', 'before a write', 'after a write', 'after a write');
const hand = fc.record({
  kind: kind('hand' as const),
  node,
  member,
  isOut: fc.boolean(),
  words: fc.constantFrom<HandWords>('maint', 'drain', 'ready', 'weight 4'),
});
const freezing = fc.record({
  kind: fc.constantFrom('freeze' as const, 'unfreeze' as const),
  by: people,
});

const trouble: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: kind('kill worker' as const), when }),
  fc.record({ kind: kind('kill worker' as const), when }),
  fc.record({ kind: kind('pause worker' as const), ms: fc.integer({ min: 300, max: 2_500 }) }),
  fc.record({ kind: kind('cut connection' as const), when }),
  fc.record({ kind: kind('redis down' as const), ms: fc.integer({ min: 50, max: 1_500 }) }),
  fc.record({ kind: kind('redis hangs' as const), ms: fc.integer({ min: 50, max: 2_000 }) }),
  fc.record({ kind: kind('reload' as const), node }),
  hand,
);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 10, arbitrary: command },
  { weight: 2, arbitrary: click },
  { weight: 6, arbitrary: trouble },
  { weight: 1, arbitrary: freezing },
  { weight: 1, arbitrary: fc.record({ kind: kind('time boxes end' as const) }) },
);

const moved = fc.record({ afterMs: fc.nat(600), what: happening });

/** Histories of at most `eventsMax` happenings; the first one is always a command, so that something can go wrong. */
export function histories(eventsMax: number): fc.Arbitrary<History> {
  const first = fc.record({ afterMs: fc.constant(0), what: command });
  return fc.record({
    site: fc.record({
      approval: fc.constantFrom(true, true, false),
      sticky: fc.constantFrom(false, false, true),
      minAvailable: fc.constantFrom('2' as const, '3' as const, '50%' as const),
      workers: fc.constantFrom(0 as const, 1 as const, 1 as const, 2 as const),
    }),
    events: fc
      .tuple(
        first,
        fc.array(moved, { minLength: Math.min(6, eventsMax - 1), maxLength: eventsMax - 1 }),
      )
      .map(([one, more]) => [one, ...more]),
  });
}

/** One line for each happening, to be read by a person who looks for the reason. */
export function written({ site, events }: History): string {
  const lines = events.map(({ afterMs, what }) => {
    const { kind: name, ...rest } = what;
    const words = Object.values(rest).map((value) => String(value).replaceAll(SERVICE, 'S'));
    return `  +${String(afterMs).padStart(3)} ${[name, ...words].join(' | ')}`;
  });
  return [`site ${JSON.stringify(site)}`, ...lines].join('\n');
}
