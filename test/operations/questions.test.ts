import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/domain/answer.ts';
import type { QuestionCommand } from '../../src/domain/command.ts';
import { OperationError } from '../../src/domain/errors.ts';
import { answerQuestion } from '../../src/operations/questions.ts';
import { slackIsSilent } from '../fakes/fake-people.ts';
import { NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { APPROVER, OPERATOR, openSite, type Site, VIEWER } from './site.ts';

let redis: StageRedis;
let site: Site;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
});
afterAll(() => redis.stop());

const STRANGER = 'U0NOBODY';

function question(command: QuestionCommand, user = VIEWER) {
  return {
    id: 'ques2222',
    command,
    actor: { id: user, via: 'slack' as const },
    origin: { via: 'slack' as const, channel: 'C0ASKED' },
    acceptedAt: NOW,
    notAfter: NOW + 60_000,
  };
}

async function ask(command: QuestionCommand, user = VIEWER): Promise<Answer> {
  site.queue.forget();
  await answerQuestion(site.context, question(command, user));
  const [whisper] = site.queue.whispers;
  if (whisper?.whisper.kind !== 'answer') throw new Error('no answer');
  expect(whisper).toMatchObject({ user, channel: 'C0ASKED', notAfter: NOW + 60_000 });
  return whisper.whisper.answer;
}

describe('a question', () => {
  it('says that a member is out by its node though nobody disabled it', async () => {
    site.devices['ha-1'].set('w1', { health: 'suspended', causes: ['tracking'] });
    expect(await ask({ verb: 'status', service: 'shop' })).toMatchObject({
      services: [{ out: [{ balancer: 'ha-1', member: 'w1', by: 'tracking' }] }],
    });
  });

  it('is answered with what the devices show now', async () => {
    site.devices['ha-2'].set('w3', { health: 'down', causes: ['health-check'] });
    const answer = await ask({ verb: 'status', service: 'store' });
    expect(answer).toMatchObject({
      kind: 'status',
      services: [
        {
          service: 'shop',
          pools: [{ device: { balancer: 'ha-1' } }, { device: { balancer: 'ha-2' } }],
          faults: [],
          out: [{ balancer: 'ha-2', member: 'w3', by: 'health check' }],
        },
      ],
    });
  });

  it('says what is frozen, of what was asked about, and until when a member is out', async () => {
    const freeze = { by: OPERATOR, at: NOW, reason: 'sale' };
    const { freezes, holds } = site.context.stores;
    await freezes.put({ ...freeze, scope: '*', until: NOW + 60_000 });
    await freezes.put({ ...freeze, scope: 'shop' });
    await freezes.put({ ...freeze, scope: 'wiki' });
    await freezes.put({ ...freeze, scope: 'over', until: NOW - 1 });
    const hold = {
      balancer: 'ha-1',
      pool: 'shop',
      changeId: 'abcd2345',
      actor: OPERATOR,
      approver: APPROVER,
      restore: { admin: 'enabled', weight: 10 },
      incarnation: '1',
      at: NOW,
      approvalKind: 'people',
      mac: 'ab',
    } as const;
    const until = NOW + 1_800_000;
    await holds.put({ ...hold, member: 'w1', want: { admin: 'disabled', weight: 10 }, until });
    await holds.put({ ...hold, member: 'w2', want: { admin: 'enabled', weight: 0 } });
    site.devices['ha-1'].set('w1', { admin: 'disabled', causes: ['command'] });
    site.devices['ha-1'].set('w2', { weight: 0 });
    const answer = await ask({ verb: 'status', service: 'shop' });
    if (answer.kind !== 'status') throw new Error('no status');
    expect(answer.freezes?.map(({ scope }) => scope).sort()).toEqual(['*', 'shop']);
    const [first, second] = answer.services[0]?.out ?? [];
    expect(first).toMatchObject({ member: 'w1', by: 'bot', until });
    expect(second).toMatchObject({ member: 'w2', by: 'bot', changeId: 'abcd2345' });
    expect(second).not.toHaveProperty('until');
  });

  it('is answered also when a device is silent, which is said', async () => {
    site.devices['ha-1'].onRead = () => {
      throw new OperationError('TIMEOUT', 'Reading shop on ha-1: no answer within 5 s.');
    };
    expect(await ask({ verb: 'status', service: 'shop' })).toMatchObject({
      services: [
        {
          pools: [{ device: { balancer: 'ha-2' } }],
          faults: [{ balancer: 'ha-1', fault: { code: 'TIMEOUT' } }],
        },
      ],
    });
  });

  it('says who took a member out, and what did where it was not us', async () => {
    await site.change('abcd2345');
    const first = site.devices['ha-1'];
    first.set('w2', { admin: 'disabled', causes: ['command'] });
    first.set('w3', { admin: 'disabled', causes: ['configuration'] });
    first.set('w4', { admin: 'drained', causes: [] });
    const answer = await ask({ verb: 'status', service: 'shop' });
    const out = answer.kind === 'status' ? answer.services[0]?.out : [];
    expect(out).toEqual([
      expect.objectContaining({
        member: 'w1',
        balancer: 'ha-1',
        by: 'bot',
        changeId: 'abcd2345',
        actor: OPERATOR,
        approver: APPROVER,
      }),
      expect.objectContaining({ member: 'w2', by: 'hand' }),
      expect.objectContaining({ member: 'w3', by: 'configuration' }),
      expect.objectContaining({ member: 'w4', by: 'unknown' }),
      expect.objectContaining({ member: 'w1', balancer: 'ha-2', by: 'bot' }),
    ]);
  });

  it('does not call a member ours that somebody enabled again by hand', async () => {
    await site.change('abcd2345');
    site.devices['ha-1'].set('w1', { admin: 'enabled', health: 'down', causes: ['health-check'] });
    const answer = await ask({ verb: 'status', service: 'shop' });
    const out = answer.kind === 'status' ? answer.services[0]?.out : [];
    expect(out?.[0]).toMatchObject({ balancer: 'ha-1', by: 'health check' });
  });

  it('about everything shows only what the asker may see', async () => {
    const names = (answer: Answer) =>
      answer.kind === 'status' ? answer.services.map(({ service }) => service) : answer;
    expect(names(await ask({ verb: 'status' }))).toEqual(['shop', 'blog']);
    expect(names(await ask({ verb: 'status' }, STRANGER))).toEqual(['blog']);
    const pools = await ask({ verb: 'pools' }, STRANGER);
    expect(JSON.stringify(pools)).not.toContain('shop');
    expect(pools).toMatchObject({ pools: [{ service: 'blog', balancers: ['lone'] }] });
  });

  it('about one service is refused to whoever may not see it, and reads no device', async () => {
    for (const verb of ['status', 'history'] as const) {
      expect(await ask({ verb, service: 'shop' }, STRANGER)).toMatchObject({
        kind: 'fault',
        fault: { code: 'NOT_ALLOWED', message: expect.stringContaining('viewer') },
      });
    }
    expect(site.devices['ha-1'].reads).toBe(0);
  });

  it('about the past is answered newest first, of services the asker may see', async () => {
    await site.change('aaaa2222');
    site.clock.advance(10);
    await site.plan('bbbb2222', { service: 'blog', members: ['b1'], reason: 'kernel' });
    const ids = (answer: Answer) =>
      answer.kind === 'history' ? answer.lines.map(({ changeId }) => changeId) : answer;
    expect(ids(await ask({ verb: 'history' }))).toEqual(['bbbb2222', 'aaaa2222']);
    expect(ids(await ask({ verb: 'history' }, STRANGER))).toEqual(['bbbb2222']);
    expect(ids(await ask({ verb: 'history', service: 'shop' }))).toEqual(['aaaa2222']);
    const answer = await ask({ verb: 'history', service: 'shop' });
    expect(answer).toMatchObject({
      lines: [{ verb: 'disable', members: ['w1'], state: 'done', approver: APPROVER }],
    });
  });

  it('about oneself is answered to everybody who is let in', async () => {
    expect(await ask({ verb: 'whoami' }, OPERATOR)).toEqual({
      kind: 'whoami',
      id: OPERATOR,
      via: 'slack',
      may: [
        { environment: 'production', roles: ['operator', 'viewer'] },
        { environment: 'staging', roles: ['operator', 'viewer'] },
      ],
    });
    expect(await ask({ verb: 'whoami' }, STRANGER)).toMatchObject({
      may: [{ roles: [] }, { roles: ['viewer'] }],
    });
  });

  it.each([{ isGuest: true }, { isStranger: true }])('is refused to %o', async (over) => {
    site.directory.people.set(VIEWER, over);
    for (const verb of ['status', 'whoami', 'pools'] as const) {
      expect(await ask({ verb })).toMatchObject({ kind: 'fault', fault: { code: 'NOT_ALLOWED' } });
    }
  });

  it('is answered by the reason while Slack does not say who asks', async () => {
    site.directory.onAsk = slackIsSilent;
    expect(await ask({ verb: 'status' })).toMatchObject({
      fault: { code: 'DIRECTORY_UNAVAILABLE' },
    });
  });

  it('that is too old is not answered any more', async () => {
    site.clock.advance(60_001);
    await answerQuestion(site.context, question({ verb: 'status' }));
    expect(site.queue.whispers).toEqual([]);
  });

  it('from a shell is kept to be fetched', async () => {
    await answerQuestion(site.context, {
      ...question({ verb: 'pools' }),
      actor: { id: VIEWER, via: 'shell' },
      origin: { via: 'shell' },
    });
    expect(site.queue.whispers).toEqual([]);
    expect(await site.context.stores.answers.get('ques2222')).toMatchObject({ kind: 'pools' });
  });
});
