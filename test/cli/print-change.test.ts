import { describe, expect, it } from 'vitest';
import { printChange } from '../../src/cli/print-change.ts';
import type { PrintOptions } from '../../src/cli/print-options.ts';
import { done, member, NOON, plan, pool, waiting } from './records.ts';

const PLAIN: PrintOptions = { tty: false, json: false, width: 80 };
const JSON_ONLY: PrintOptions = { tty: false, json: true, width: 80 };

describe('a change', () => {
  it('shows plan, guard and state while it waits', () => {
    expect(printChange(waiting, PLAIN)).toBe(
      [
        'Change q7k2m9xt: disable shop web-1: waits for approval in Slack until 2026-11-20 12:15:00 UTC (digest 3f9a)',
        '  asked by U0OPS, 2026-11-20 12:00:00 UTC',
        '  because new disk',
        '  STEP  BALANCER  MEMBER  BEFORE               AFTER                 RESULT',
        '  1     ha-1      web-1   enabled, weight 100  disabled, weight 100',
        '  ha-1> set server shop/web-1 state maint',
        'Guard, ha-1 shop: 2 available, 1 afterwards, at least 1 of 2 needed.',
        'Note: 12 sticky clients will be moved.',
        'As planned on:',
        'ha-1, pool shop (haproxy 2.6.12, read 2026-11-20 12:00:00 UTC)',
        '  MEMBER  STATE    HEALTH  WEIGHT  SESSIONS  WHY',
        '  web-1   enabled  up      100     3',
        '  web-2   enabled  up      100     3',
      ].join('\n'),
    );
  });

  it('shows results, remarks and the members of now when it is done', () => {
    const text = printChange(done, PLAIN);
    expect(text).toContain('Change q7k2m9xt: disable shop web-1: done\n');
    expect(text).toContain('  approved by U0LEAD, 2026-11-20 12:00:05 UTC');
    expect(text).toMatch(/disabled, weight 100 {2}verified\n/);
    expect(text).toContain('Sticky clients were moved.\nNow:');
    expect(text).toMatch(/web-1 +disabled +suspended \(MAINT\) +100 +0 +command/);
  });

  it('shows each fault with the next step, and what was not done', () => {
    const text = printChange(
      {
        ...done,
        state: 'half-done',
        outcome: {
          steps: [
            {
              index: 0,
              result: 'failed',
              fault: { code: 'PERMISSION', message: 'ha-1 said: Permission denied' },
            },
          ],
          after: [],
          at: NOON,
          remarks: [],
          fault: { code: 'NOT_VERIFIED', message: 'web-1 is still up.' },
        },
      },
      PLAIN,
    );
    expect(text).toContain('half done, needs a person');
    expect(text).toContain('Step 1: The device refused the command. ha-1 said: Permission denied');
    expect(text).toContain('web-1 is still up. Look at the member on the device itself.');
    expect(text).not.toContain('Now:');
  });

  it('says between the commands what is waited for, and what was typed', () => {
    const until = { withinMs: 600_000, afterwards: 'go back' } as const;
    const text = printChange(
      {
        ...waiting,
        request: {
          ...waiting.request,
          command: { ...waiting.request.command, verb: 'drain', until, forMs: 1_800_000 },
        },
        plan: {
          ...plan,
          stages: [
            { kind: 'write', purpose: 'change' },
            { kind: 'wait for idle', quietMs: 30_000, withinMs: 600_000, ifNotIdle: 'stay' },
            { kind: 'write', purpose: 'then' },
            { kind: 'hold', forMs: 1_800_000 },
            { kind: 'write', purpose: 'return' },
          ],
          steps: [0, 2, 4].flatMap((stage, index) =>
            plan.steps.map((step) => ({ ...step, stage, index, commands: [`word ${stage}`] })),
          ),
        },
      },
      PLAIN,
    );
    expect(text).toContain('drain shop web-1 until idle within 10 min then go back for 30 min:');
    expect(text).toContain(
      [
        '  ha-1> word 0',
        '  (until no session is open and none began for 30 s; at most 10 min, else it stays drained)',
        '  ha-1> word 2',
        '  (after 30 min, once a check reaches it)',
        '  ha-1> word 4',
      ].join('\n'),
    );
  });

  it('says how far a wait for idle members is', () => {
    const stages = [
      { kind: 'write', purpose: 'drain' },
      { kind: 'wait for idle', quietMs: 30_000, withinMs: 60_000, ifNotIdle: 'go on' },
    ] as const;
    const wait = { since: NOON, until: NOON + 60_000, sessions: 2, arrived: 7, totals: {} };
    const text = (more: object) =>
      printChange(
        {
          ...waiting,
          state: 'draining',
          stage: 1,
          plan: { ...plan, stages },
          idleWait: { ...wait, ...more },
          updatedAt: NOON + 20_000,
        },
        PLAIN,
      );
    expect(text({ quietSince: NOON + 8_000 })).toContain(
      'waits until nobody uses it: 2 sessions open, 7 arrived since, quiet for 12 s of 30 s, at the latest until 2026-11-20 12:01:00 UTC',
    );
    expect(text({ obstacle: 'ha-1: no answer' })).toMatch(/not quiet yet[\s\S]*held up: ha-1: no/);
  });

  it('says when a time box comes back, and what holds it up', () => {
    const hold = {
      until: NOON + 60_000,
      remindAt: NOON,
      reminded: true,
      obstacle: 'All is frozen',
    };
    const text = printChange({ ...done, state: 'holding', hold }, PLAIN);
    expect(text).toContain(': done, comes back by itself 2026-11-20 12:01:00 UTC\n');
    expect(text).toContain('  held up: All is frozen');
  });

  it('says who approved, how many so far, or that the glass was broken', () => {
    const vote = { changeId: 'a', digest: 'b', by: 'U0ONE', at: NOON, mac: 'c' };
    expect(printChange({ ...waiting, votes: [vote] }, PLAIN)).toContain('approved so far by U0ONE');
    const { approval } = done;
    if (approval === undefined) throw new Error('The sample is not approved.');
    const several = { ...done, approval: { ...approval, votes: ['U0ONE', 'U0LEAD'] } };
    expect(printChange(several, PLAIN)).toContain('  approved by U0ONE, U0LEAD, 2026');
    const broken = { ...done, approval: { ...approval, kind: 'break glass' as const } };
    expect(printChange(broken, PLAIN)).toContain('  not acknowledged yet by somebody else');
    const seen = { ...broken, acknowledged: { by: 'U0TWO', at: NOON } };
    expect(printChange(seen, PLAIN)).toContain('  acknowledged by U0TWO, 2026');
  });

  it('says that nothing was changed when it was refused before a plan', () => {
    const { plan: _plan, ...planless } = waiting;
    const text = printChange(
      { ...planless, state: 'refused', fault: { code: 'GUARD', message: 'Only 1 would be left.' } },
      PLAIN,
    );
    expect(text).toMatch(/refused, nothing was changed/);
    expect(text).toContain(
      'The guard refused. Only 1 would be left. Bring another member back first',
    );
  });

  it('lets no control or invisible character of people or devices through', () => {
    const nasty = '\u001B[2J\u0007\u009B31m\u202Eabc\u200B\nx';
    const record = {
      ...done,
      request: { ...done.request, command: { ...done.request.command, reason: nasty } },
      fault: { code: 'UNEXPECTED_REPLY' as const, message: nasty },
      outcome: {
        steps: [],
        at: NOON,
        after: [pool(nasty, [member(nasty, { status: nasty })])],
        remarks: [nasty],
      },
    };
    const text = printChange(record, PLAIN);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const json = printChange(record, JSON_ONLY);
    expect(json).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(JSON.parse(json).fault.message).toBe(nasty);
  });
});
