import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningBot, startBot } from './bot.ts';
import { BOXED, changeAt } from './over-time.ts';
import { noon } from './sample.ts';

let bot: RunningBot;

beforeEach(async () => {
  bot = await startBot();
});

afterEach(() => bot.close());

const hold = { until: noon + 1_800_000, remindAt: noon, reminded: false };
const holding = changeAt('holding', { stages: BOXED, stage: 1, over: { hold } });

describe('a click on the card of a time box', () => {
  it('lets it run longer, by the time that stands on the button', async () => {
    const ts = await bot.postedCard(holding);
    const click = { user: 'U0LEAD', channel: 'C0OPS', ts };
    await bot.slack.human.click({ ...click, action_id: 'change.extend' });
    await expect
      .poll(() => bot.operations.decisions.map((each) => each.decision))
      .toEqual([{ verb: 'extend', changeId: 'q7k2m9xt', forMs: 1_800_000, cardTs: ts }]);
    expect(bot.heard('U0LEAD')).toBe('');
  });

  it('acknowledges a broken glass', async () => {
    const { approval } = holding;
    if (approval === undefined) throw new Error('The sample is not approved.');
    const broken = { ...holding, approval: { ...approval, kind: 'break glass' as const } };
    const ts = await bot.postedCard(broken);
    await bot.slack.human.click({
      user: 'U0LEAD',
      channel: 'C0OPS',
      ts,
      action_id: 'change.acknowledge',
    });
    await expect
      .poll(() => bot.operations.decisions.map((each) => each.decision))
      .toEqual([{ verb: 'acknowledge', changeId: 'q7k2m9xt', cardTs: ts }]);
  });
});

describe('a typed command over time', () => {
  it('freezes and unfreezes, and says what was taken', async () => {
    await bot.lb('freeze test.tianya.cn for 2h because the sale runs');
    await bot.lb('unfreeze');
    expect(bot.operations.freezes).toEqual([
      { verb: 'freeze', service: 'test.tianya.cn', forMs: 7_200_000, reason: 'the sale runs' },
      { verb: 'unfreeze' },
    ]);
    expect(bot.heard()).toContain('✓ freeze was taken.');
    expect(bot.heard()).toContain('✓ unfreeze was taken.');
  });

  it('is answered with its usage where the reason of a freeze is missing', async () => {
    await bot.lb('freeze');
    expect(bot.heard()).toContain('A freeze needs a reason: because …');
    expect(bot.operations.freezes).toEqual([]);
  });

  it('extends by the time that was typed', async () => {
    await bot.lb('extend q7k2m9xt 45m', 'U0LEAD');
    expect(bot.operations.decisions[0]?.decision).toEqual({
      verb: 'extend',
      changeId: 'q7k2m9xt',
      forMs: 2_700_000,
    });
    expect(bot.heard('U0LEAD')).toContain('✓ Extended: change `q7k2m9xt`');
  });
});
