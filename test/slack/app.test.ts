import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningBot, startBot, WAYS } from './bot.ts';
import { gateway, handClock } from './running.ts';
import { record } from './sample.ts';

describe.each(WAYS)('by %s', (way) => {
  let bot: RunningBot;

  beforeEach(async () => {
    bot = await startBot(way);
  });

  afterEach(() => bot.close());

  describe('a command', () => {
    it('that changes something is handed over and acknowledged with its id', async () => {
      expect((await bot.lb('disable test.tianya.cn 192.168.100.78')).ok).toBe(true);
      expect(bot.heard()).toBe(
        '◷ Planning: disable 192.168.100.78 in test.tianya.cn. Change `q7k2m9xt`; the card appears in <#C0OPS>.',
      );
      const [change] = bot.operations.changes;
      const [deliveryId, taken] = change ?? [];
      expect(deliveryId).toMatch(/^T0HOME\../);
      expect(taken?.asker).toMatchObject({
        actor: { id: 'U0OPS', via: 'slack' },
        origin: { via: 'slack', channel: 'C0OPS' },
      });
    });

    it('delivered twice is one change', async () => {
      await bot.lb('disable test.tianya.cn 192.168.100.78');
      const again = await bot.slack.human.redeliver({ delivery: 0 });
      expect(bot.operations.changes.size).toBe(1);
      expect(again.answer?.text).toContain('taken before; it is one change');
    });

    it('that asks something is handed over', async () => {
      await bot.lb('status test.tianya.cn');
      expect(bot.operations.questions).toEqual(['status']);
      expect(bot.heard()).toContain('Reading the balancers');
    });

    it('that decides something is answered with what became of it', async () => {
      await bot.lb('approve q7k2m9xt 3f9a', 'U0LEAD');
      expect(bot.operations.decisions[0]?.decision).toEqual({
        verb: 'approve',
        changeId: 'q7k2m9xt',
        digestPrefix: '3f9a',
      });
      expect(bot.heard('U0LEAD')).toContain('✓ Approved: change `q7k2m9xt`');
      await bot.lb('approve q7k2m9xt 3f9a');
      expect(bot.heard()).toContain('You asked for it yourself.');
    });

    it('that cannot be read is answered with its usage', async () => {
      await bot.lb('disabel test.tianya.cn x');
      expect(bot.heard()).toContain('Nothing was changed. Unknown verb');
      expect(bot.heard()).toContain('disable');
      expect(bot.operations.changes.size).toBe(0);
    });

    it('for help shows the verbs the asker may run', async () => {
      await bot.lb('help');
      expect(bot.heard()).toContain('/lb disable');
      expect(bot.heard()).not.toContain('/lb approve');
    });

    it('for help shows every verb, and says so, when nobody knows who asks', async () => {
      bot.operations.fail = new Error('directory away');
      await bot.lb('help');
      expect(bot.heard()).toContain('/lb approve');
      expect(bot.heard()).toContain('not all may be yours');
    });

    it('that fails inside is acknowledged with an id of the log line', async () => {
      bot.operations.fail = new Error(`boom ${'x'.repeat(10)}`);
      expect((await bot.lb('disable test.tianya.cn 192.168.100.78')).ok).toBe(true);
      const fault = /under ([0-9a-f]{8})\./.exec(bot.heard())?.[1];
      expect(bot.log.lines.find((line) => line.data.fault === fault)?.data.error).toContain('boom');
      expect(bot.heard()).not.toContain('boom');
    });

    it('that takes too long is acknowledged in time, and the outcome is told later', async () => {
      const clock = handClock();
      await bot.start({ clock });
      const answer = gateway();
      bot.operations.hold = answer.opened;
      const typed = bot.lb('disable test.tianya.cn 192.168.100.78');
      await expect.poll(() => bot.operations.begun).toBe(1);
      await expect
        .poll(() => {
          clock.advance(2000);
          return bot.heard();
        })
        .toContain('not known yet whether this was taken');
      expect((await typed).ok).toBe(true);
      answer.open();
      await expect.poll(() => bot.heard()).toContain('Change `q7k2m9xt`');
    });
  });

  describe('a click on a card', () => {
    const click = (user: string, ts: string, action = 'change.approve') =>
      bot.slack.human.click({ user, channel: 'C0OPS', ts, action_id: action });

    it('decides about the change, the plan and the card that were seen', async () => {
      const ts = await bot.postedCard();
      expect((await click('U0LEAD', ts)).ok).toBe(true);
      await expect.poll(() => bot.operations.decisions).toHaveLength(1);
      const [taken] = bot.operations.decisions;
      const digest = record('waiting').plan?.digest.slice(0, 12);
      expect(taken?.decision).toEqual({
        verb: 'approve',
        changeId: 'q7k2m9xt',
        digestPrefix: digest,
        cardTs: ts,
      });
      expect(taken?.asker.actor).toEqual({ id: 'U0LEAD', via: 'slack' });
      expect(taken?.asker.deliveryId).toMatch(/^T0HOME\../);
      expect(bot.heard('U0LEAD')).toBe('');
    });

    it('can deny and cancel', async () => {
      const ts = await bot.postedCard();
      await click('U0LEAD', ts, 'change.deny');
      await click('U0LEAD', ts, 'change.cancel');
      await expect
        .poll(() => bot.operations.decisions.map((each) => each.decision))
        .toEqual([
          { verb: 'deny', changeId: 'q7k2m9xt', cardTs: ts },
          { verb: 'cancel', changeId: 'q7k2m9xt', cardTs: ts },
        ]);
    });

    it('that is refused is told why, to the one who clicked', async () => {
      const ts = await bot.postedCard();
      await click('U0OPS', ts);
      await expect.poll(() => bot.heard()).toContain('You asked for it yourself.');
      await click('U0LEAD', ts);
      await click('U0LEAD', ts);
      await expect.poll(() => bot.heard('U0LEAD')).toContain('It was decided by U0LEAD.');
    });

    it('is told by the address of the click when the Web API does not help', async () => {
      const ts = await bot.postedCard();
      bot.slack.human.fault({ method: 'chat.postEphemeral', error: 'user_not_in_channel' });
      await click('U0OPS', ts);
      await expect.poll(() => bot.heard()).toContain('You asked for it yourself.');
      expect(bot.slack.state.channel('C0OPS')).toHaveLength(1);
    });

    it('is acknowledged before the decision is known', async () => {
      const ts = await bot.postedCard();
      const answer = gateway();
      bot.operations.hold = answer.opened;
      expect((await click('U0LEAD', ts)).ok).toBe(true);
      expect(bot.operations.decisions).toHaveLength(0);
      answer.open();
      await expect.poll(() => bot.operations.decisions).toHaveLength(1);
    });

    it('that fails inside is told, though it was acknowledged', async () => {
      const ts = await bot.postedCard();
      bot.operations.fail = new Error('boom');
      expect((await click('U0LEAD', ts)).ok).toBe(true);
      await expect.poll(() => bot.heard('U0LEAD')).toContain('A fault of lb-chatops itself');
    });

    it('with a value that does not belong to its block decides nothing', async () => {
      const ts = await bot.postedCard();
      await bot.slack.human.click({
        user: 'U0LEAD',
        channel: 'C0OPS',
        ts,
        action_id: 'change.approve',
        value: 'another1',
      });
      await expect.poll(() => bot.heard('U0LEAD')).toContain('not one of this version');
      expect(bot.operations.decisions).toHaveLength(0);
    });
  });
});
