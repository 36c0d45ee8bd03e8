import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { printAnswer } from '../../src/cli/print-answer.ts';
import type { Answer } from '../../src/domain/answer.ts';
import type { QuestionCommand } from '../../src/domain/command.ts';
import type { Side } from '../../src/domain/comparison.ts';
import { OperationError } from '../../src/domain/errors.ts';
import { comparePair } from '../../src/operations/compare.ts';
import { answerQuestion } from '../../src/operations/questions.ts';
import { answer as slackAnswer } from '../../src/slack/messages/answer.ts';
import { NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site, VIEWER } from './site.ts';

const SHELL = { tty: false, json: false, width: 200 };

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

async function ask(command: QuestionCommand, user = VIEWER): Promise<Answer> {
  site.queue.forget();
  await answerQuestion(site.context, {
    id: 'ques2222',
    command,
    actor: { id: user, via: 'slack' },
    origin: { via: 'slack', channel: 'C0ASKED' },
    acceptedAt: NOW,
    notAfter: NOW + 60_000,
  });
  const [whisper] = site.queue.whispers;
  if (whisper?.whisper.kind !== 'answer') throw new Error('no answer');
  return whisper.whisper.answer;
}

const inShell = (answer: Answer) => stripVTControlCharacters(printAnswer(answer, SHELL));
const inSlack = (answer: Answer) => JSON.stringify(slackAnswer(answer).blocks);

/** From now on both nodes show whole tables of their own. */
function withSides(pools: (balancer: string) => Side['pools']) {
  site.context = {
    ...site.context,
    adapterOf: (name) => ({
      ...site.devices[name as 'ha-1' | 'ha-2'].adapter,
      sides: async () => [{ side: name, facts: {}, pools: pools(name) }],
    }),
  };
}

describe('comparing', () => {
  it('a pair that is alike is one line, in Slack and in a shell', async () => {
    const answer = await ask({ verb: 'compare', pair: 'web' });
    expect(answer).toMatchObject({
      kind: 'comparison',
      comparisons: [{ of: 'web', sides: ['ha-1', 'ha-2'], differences: [], faults: [] }],
    });
    expect(inShell(answer)).toBe('web is alike on ha-1 and ha-2 (pools: 1, members: 4).');
    expect(inSlack(answer)).toContain(
      '✓ *web* is alike: ha-1 and ha-2 have the same 1 pool with 4 m',
    );
    expect(site.devices['ha-1'].writes).toEqual([]);
  });

  it('a service shows each difference side by side', async () => {
    site.devices['ha-2'].set('w1', { admin: 'disabled' });
    site.devices['ha-2'].remove('w4');
    const answer = await ask({ verb: 'compare', service: 'shop' });
    expect(inShell(answer).split('\n')).toEqual([
      'web: ha-1 and ha-2 differ.',
      'POOL  MEMBER  WHAT      ha-1     ha-2',
      'shop  w1      admin     enabled  disabled',
      'shop  w4      is there  yes      no',
    ]);
    expect(inSlack(answer)).toContain('shop  w1      admin     enabled  disabled');
  });

  it('says which node could not be read, and is then not called alike', async () => {
    site.devices['ha-1'].onRead = () => {
      throw new OperationError('UNREACHABLE', 'Reading ha-1: nobody is there.');
    };
    const answer = await ask({ verb: 'compare', pair: 'web' });
    expect(inShell(answer)).toContain('web cannot be compared: not every balancer answered.');
    expect(inShell(answer)).toContain('Reading ha-1: nobody is there.');
    expect(inSlack(answer)).toContain('*ha-1* could not be read');
  });

  it('shows what a change left out, here and in status, until it is alike', async () => {
    await site.change('abcd2345', { on: 'ha-2' });
    for (const command of [
      { verb: 'compare', pair: 'web' },
      { verb: 'status', service: 'shop' },
    ] as const) {
      const answer = await ask(command);
      expect(inShell(answer)).toContain('Pair web differs: w1 in shop was changed on ha-2 2026-');
      expect(inShell(answer)).toContain('(change abcd2345), not on ha-1, which was left out.');
      expect(inSlack(answer)).toContain('not on *ha-1*, which was left out.');
    }
  });

  it('a lone balancer says that there is nothing to compare', async () => {
    const answer = await ask({ verb: 'compare', service: 'blog' });
    expect(inShell(answer)).toBe('lone stands alone; there is nothing to compare it with.');
  });

  it('whole tables shows pools that no service has, but none that the asker may not see', async () => {
    withSides((name) => [
      { pool: 'shop', facts: {}, members: [] },
      { pool: 'stray', facts: { scheduler: name === 'ha-1' ? 'rr' : 'wlc' }, members: [] },
    ]);
    const shown = inShell(await ask({ verb: 'compare', pair: 'web' }));
    expect(shown).toContain('stray          scheduler  rr    wlc');
    expect(inShell(await ask({ verb: 'compare', service: 'shop' }))).toContain('is alike');
    expect(await comparePair(site.context, 'web')).toMatchObject({
      poolCount: 2,
      differences: [{ pool: 'stray', fact: 'scheduler' }],
    });
  });

  it('is refused to whoever may see nothing of it, and reads no device', async () => {
    for (const command of [
      { verb: 'compare', pair: 'web' },
      { verb: 'compare', service: 'shop' },
    ] as const) {
      expect(await ask(command, 'U0NOBODY')).toMatchObject({
        kind: 'fault',
        fault: { code: 'NOT_ALLOWED' },
      });
    }
    expect(site.devices['ha-1'].reads).toBe(0);
  });
});
