import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assertGenuineRequest } from '../../src/domain/approval.ts';
import { OperationError } from '../../src/domain/errors.ts';
import { idFor } from '../../src/operations/change-id.ts';
import { createOperations } from '../../src/operations/request.ts';
import { eventually } from '../fakes/eventually.ts';
import { slackIsSilent } from '../fakes/fake-people.ts';
import { type HandClock, handClock } from '../fakes/hand-clock.ts';
import { changeRequest, KEY, NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { APPROVER, asker, OPERATOR, openSite, SECOND_OPERATOR, type Site, VIEWER } from './site.ts';

let redis: StageRedis;
let site: Site;
let clock: HandClock;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
  clock = handClock(NOW);
  site.context = { ...site.context, clock };
});
afterAll(() => redis.stop());

const DISABLE = {
  verb: 'disable',
  service: 'shop',
  members: ['w1'],
  ifPairFails: 'put back',
} as const;
const change = (who = asker()) => createOperations(site.context).change(DISABLE, who);
const ask = (who = asker()) =>
  createOperations(site.context).ask({ verb: 'status', service: 'shop' }, who);

/** An answer that comes when the test lets it. */
function held() {
  let letGo: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return { until: () => until, letGo };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

/** Lets the front's patience end, as soon as it waits. */
async function outOfPatience() {
  await eventually(() => clock.sleepers()).toBe(1);
  await settled();
  clock.advance(1_900);
}

describe('the id of a command', () => {
  it('is the same for every delivery of it, and another for another', () => {
    expect(idFor('T0US.123.456')).toBe(idFor('T0US.123.456'));
    expect(idFor('T0US.123.456')).not.toBe(idFor('T0US.123.457'));
  });

  it('is eight letters and digits that are not mistaken for each other', () => {
    const ids = Array.from({ length: 500 }, (_, n) => idFor(`T0US.${n}`));
    expect(new Set(ids).size).toBe(500);
    for (const id of ids) expect(id).toMatch(/^[a-hjkmnp-z][a-hjkmnp-z2-9]{7}$/);
  });
});

describe('a command', () => {
  it('is accepted, signed and queued under its id', async () => {
    const receipt = await change();
    const id = idFor(asker().deliveryId);
    expect(receipt).toEqual({ kind: 'accepted', id, again: false, channel: 'C0OPS' });
    const [request] = site.queue.plans;
    expect(request).toMatchObject({ id, acceptedAt: NOW, notAfter: NOW + 60_000 });
    expect(() => request && assertGenuineRequest(request, KEY)).not.toThrow();
  });

  it('says that it was taken before when it is delivered again', async () => {
    await change();
    await site.context.stores.changes.create(changeRequest(idFor(asker().deliveryId)));
    expect(await change()).toMatchObject({ kind: 'accepted', again: true });
  });

  it('names the service as the inventory does, whatever was typed', async () => {
    await createOperations(site.context).change({ ...DISABLE, service: 'STORE' }, asker());
    expect(site.queue.plans[0]?.command.service).toBe('shop');
  });

  const refused: readonly [string, ReturnType<typeof asker>, Partial<typeof DISABLE>, string][] = [
    ['a viewer', asker(VIEWER), {}, 'NOT_ALLOWED'],
    ['somebody without a role', asker('U0NOBODY'), {}, 'NOT_ALLOWED'],
    ['an unknown service', asker(), { service: 'nope' as 'shop' }, 'USAGE'],
  ];
  it.each(refused)('is refused to %s, and nothing is queued', async (_what, who, over, code) => {
    const operations = createOperations(site.context);
    const receipt = await operations.change({ ...DISABLE, ...over }, who);
    expect(receipt).toMatchObject({ kind: 'refused', fault: { code } });
    expect(site.queue.plans).toEqual([]);
  });

  it.each([{ isGuest: true }, { isBot: true }, { isDeleted: true }, { isStranger: true }])(
    'is refused to somebody who is %o, whatever their roles',
    async (over) => {
      site.directory.people.set(OPERATOR, over);
      expect(await change()).toMatchObject({ kind: 'refused', fault: { code: 'NOT_ALLOWED' } });
      expect(site.queue.plans).toEqual([]);
    },
  );

  it('is refused while Slack does not say who asks', async () => {
    site.directory.onAsk = slackIsSilent;
    expect(await change()).toMatchObject({
      kind: 'refused',
      fault: { code: 'DIRECTORY_UNAVAILABLE' },
    });
    expect(site.queue.plans).toEqual([]);
  });

  it('is refused when the queue says that nothing was queued', async () => {
    site.queue.onSubmit = () => {
      throw new OperationError(
        'STORE_UNAVAILABLE',
        'The queue is unavailable, nothing was queued.',
      );
    };
    expect(await change()).toMatchObject({ kind: 'refused', fault: { code: 'STORE_UNAVAILABLE' } });
  });

  it('is not known when the queue does not know', async () => {
    site.queue.onSubmit = () => {
      throw new OperationError('OUTCOME_UNKNOWN', 'Redis did not answer.');
    };
    expect(await change()).toEqual({ kind: 'unknown', id: idFor(asker().deliveryId) });
  });
});

describe('an answer to a command within two seconds', () => {
  it('is no when Slack takes longer to say who asks', async () => {
    const slow = held();
    site.directory.onAsk = slow.until;
    const receipt = change();
    await outOfPatience();
    expect(await receipt).toMatchObject({
      kind: 'refused',
      fault: { code: 'DIRECTORY_UNAVAILABLE' },
    });
  });

  it('stays no: what was refused is not queued when Slack answers after all', async () => {
    const slow = held();
    site.directory.onAsk = slow.until;
    const receipt = change();
    await outOfPatience();
    expect((await receipt).kind).toBe('refused');
    slow.letGo();
    await settled();
    expect(site.queue.plans).toEqual([]);
  });

  it('is “not known yet” when the queue takes longer: the job may still arrive', async () => {
    const slow = held();
    let isQueueing = false;
    site.queue.onSubmit = () => {
      isQueueing = true;
      return slow.until();
    };
    const receipt = change();
    await eventually(() => isQueueing).toBe(true);
    await outOfPatience();
    expect(await receipt).toEqual({ kind: 'unknown', id: idFor(asker().deliveryId) });
    slow.letGo();
    await eventually(() => site.queue.plans).toHaveLength(1);
  });

  it('is yes when all is well, and nothing goes on waiting behind it', async () => {
    expect((await change()).kind).toBe('accepted');
    expect(clock.sleepers()).toBe(0);
  });

  it('is given to a question too', async () => {
    const slow = held();
    site.queue.onSubmit = slow.until;
    const receipt = ask();
    await outOfPatience();
    expect(await receipt).toMatchObject({ kind: 'unknown' });
    slow.letGo();
  });
});

describe('a question', () => {
  it('is queued as it was asked, for a minute', async () => {
    expect(await ask()).toMatchObject({ kind: 'accepted', again: false });
    expect(site.queue.questions).toMatchObject([
      { command: { verb: 'status', service: 'shop' }, notAfter: NOW + 60_000 },
    ]);
  });

  it('about a service that is not there is answered at once', async () => {
    const receipt = await createOperations(site.context).ask(
      { verb: 'history', service: 'nope' },
      asker(),
    );
    expect(receipt).toMatchObject({ kind: 'refused', fault: { code: 'USAGE' } });
    expect(site.queue.questions).toEqual([]);
  });
});

describe('the verbs that help shows', () => {
  const verbs = async (id: string) =>
    [...(await createOperations(site.context).verbsFor(asker(id)))].sort();

  it.each<[string, readonly string[], readonly string[]]>([
    [VIEWER, ['status', 'history', 'whoami', 'help'], ['disable', 'enable', 'approve', 'deny']],
    [SECOND_OPERATOR, ['disable', 'enable', 'status'], ['approve', 'deny']],
    [APPROVER, ['disable', 'enable', 'approve', 'deny'], []],
  ])('to %s are those they may run somewhere', async (id, shown, hidden) => {
    expect(await verbs(id)).toEqual(expect.arrayContaining([...shown]));
    expect((await verbs(id)).filter((verb) => hidden.includes(verb))).toEqual([]);
  });
});
