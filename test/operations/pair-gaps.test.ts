import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeRecord } from '../../src/domain/change.ts';
import { OperationError } from '../../src/domain/errors.ts';
import { lookAtGap } from '../../src/watch/gaps.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site } from './site.ts';

const ID = 'abcd2345';

let redis: StageRedis;
let site: Site;
let isAway: boolean;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
  isAway = true;
  site.devices['ha-1'].onRead = () => {
    if (isAway) throw new OperationError('UNREACHABLE', 'Reading ha-1: nobody is there.');
  };
});
afterAll(() => redis.stop());

const pairWarnings = (record: ChangeRecord) =>
  record.plan?.warnings.flatMap(({ text }) => (text.includes('pair') ? [text] : []));
const gaps = () => site.context.stores.gaps.all();
async function look(): Promise<void> {
  for (const gap of await gaps()) await lookAtGap(site.context, gap);
}

describe('a change on one node while the other is away', () => {
  it('is made, says before and after that the pair differs, and is noted', async () => {
    const record = await site.change(ID, { on: 'ha-2' });
    expect(record.state).toBe('done');
    expect(pairWarnings(record)).toEqual([
      'ha-1 does not answer and is left out: pair web differs until it has the same. Reading ha-1: nobody is there.',
    ]);
    expect(record.outcome?.remarks).toEqual([
      'ha-1 did not answer: pair web differs in w1 until ha-1 has the same. compare web shows it.',
    ]);
    expect(site.devices['ha-2'].member('w1').admin).toBe('disabled');
    expect(await gaps()).toMatchObject([
      { pair: 'web', leftOut: 'ha-1', changed: 'ha-2', member: 'w1', changeId: ID, isAway: true },
    ]);
  });

  it('is not made without naming the node', async () => {
    expect(await site.plan(ID)).toMatchObject({ state: 'refused', fault: { code: 'UNREACHABLE' } });
  });

  it('is told once when the other is back, and forgotten when it shows the same', async () => {
    await site.change(ID, { on: 'ha-2' });
    await look();
    expect(site.queue.notices).toEqual([]);
    isAway = false;
    await look();
    await look();
    expect(site.queue.notices).toHaveLength(1);
    const [notice] = site.queue.notices;
    expect(notice).toMatchObject({ channel: 'C0OPS', changeId: ID });
    expect(notice?.text).toContain(
      'ha-1 answers again, and pair web differs: w1 in shop is enabled with weight 10 on ha-1, disabled with weight 10 on ha-2',
    );
    expect(await site.audited(ID)).toContain('pair-differs');
    expect(await gaps()).toMatchObject([{ isAway: false }]);
    site.devices['ha-1'].set('w1', { admin: 'disabled' });
    await look();
    expect(await gaps()).toEqual([]);
    expect(site.queue.notices).toHaveLength(1);
    expect(site.devices['ha-1'].writes).toEqual([]);
  });

  it('leaves the note of a later change alone', async () => {
    await site.change(ID, { on: 'ha-2' });
    const [old] = await gaps();
    if (old === undefined) throw new Error('nothing is noted');
    await site.context.stores.gaps.put({ ...old, changeId: 'bcde3456' });
    isAway = false;
    site.devices['ha-1'].set('w1', { admin: 'disabled' });
    await lookAtGap(site.context, old);
    expect(await gaps()).toMatchObject([{ changeId: 'bcde3456' }]);
  });
});

describe('a change on one node while the other answers', () => {
  beforeEach(() => {
    isAway = false;
  });

  it('says what the other stays at', async () => {
    const record = await site.change(ID, { on: 'ha-2' });
    expect(pairWarnings(record)).toEqual([
      'ha-1 is left out, so pair web differs: w1 stays enabled with weight 10.',
    ]);
    expect(await gaps()).toMatchObject([{ leftOut: 'ha-1', isAway: false }]);
  });

  it('that makes the pair alike again warns of nothing and ends what was noted', async () => {
    await site.change(ID, { on: 'ha-2' });
    const record = await site.change('bcde3456', { on: 'ha-1' });
    expect(record.state).toBe('done');
    expect(pairWarnings(record)).toEqual([]);
    expect(record.outcome?.remarks).toEqual([]);
    await look();
    expect(await gaps()).toEqual([]);
  });
});
