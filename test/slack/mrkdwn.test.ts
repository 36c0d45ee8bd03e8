import { describe, expect, it } from 'vitest';
import {
  channelLink,
  codeLineCut,
  codeSpan,
  cut,
  escaped,
  escapedCut,
  escapedLines,
  inert,
  mention,
  slackDate,
} from '../../src/slack/mrkdwn.ts';

describe('text from outside', () => {
  it('cannot become a mention, a link or a channel alert', () => {
    expect(escaped('<!channel> <@U1> <http://a|b> & co')).toBe(
      '&lt;!channel&gt; &lt;@U1&gt; &lt;http://a|b&gt; &amp; co',
    );
  });

  it('stays on one line and keeps a visible mark where a character cannot be seen', () => {
    expect(inert('a\r\nb\tc')).toBe('a  b c');
    expect(inert('a\u0000\u001b[31mb')).toBe('a\ufffd\ufffd[31mb');
    expect(inert('user\u202egnp.exe')).toBe('user\ufffdgnp.exe');
    expect(inert('web\u200b1')).not.toBe('web1');
    expect(inert('half \ud83d pair')).toBe('half \ufffd pair');
    expect(inert('filler\u3164')).toBe('filler\ufffd');
  });

  it('keeps letters of every script and whole emoji', () => {
    expect(inert('жёлтый 测试 ⚠️ 🚦')).toBe('жёлтый 测试 ⚠️ 🚦');
  });

  it('cannot leave a code span, and is never an empty one', () => {
    expect(codeSpan('a`b```c')).toBe('`aˋbˋˋˋc`');
    expect(codeSpan('<b>')).toBe('`&lt;b&gt;`');
    expect(codeSpan(' \n ')).toBe('`(empty)`');
  });

  it('keeps its lines where lines are wanted', () => {
    expect(escapedLines('one <1>\ntwo')).toEqual(['one &lt;1&gt;', 'two']);
  });
});

describe('cutting', () => {
  it('leaves short text alone and says how much is missing of long text', () => {
    expect(cut('short', 5)).toBe('short');
    const done = cut('x'.repeat(100), 50);
    expect(done.length).toBeLessThanOrEqual(50);
    const missing = Number(/\((\d+) more characters\)$/.exec(done)?.[1]);
    expect(done.indexOf('…') + missing).toBe(100);
  });

  it('counts escaped characters and never halves an entity', () => {
    for (const max of [1, 7, 40, 41, 42, 43, 200]) {
      for (const encode of [escapedCut, codeLineCut]) {
        const done = encode('<&>'.repeat(500), max);
        expect(done.length).toBeLessThanOrEqual(Math.max(max, 5));
        expect(done.replace(/&(lt|gt|amp);/g, '')).not.toMatch(/[&<>]/);
      }
    }
  });

  it('never halves a pair of surrogates', () => {
    for (let max = 30; max < 60; max += 1) {
      expect(cut('🚦'.repeat(50), max)).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
    }
  });
});

describe('mentions', () => {
  it('are made of ids only; anything else stays text', () => {
    expect(mention('U0OPS')).toBe('<@U0OPS>');
    expect(mention('S0LBAPPR')).toBe('<!subteam^S0LBAPPR>');
    expect(mention('U0OPS> <!channel')).toBe('`U0OPS&gt; &lt;!channel`');
    expect(channelLink('C0OPS')).toBe('<#C0OPS>');
    expect(channelLink('general')).toBe('`general`');
  });

  it('show a time in the zone of the reader, with UTC for clients that cannot', () => {
    expect(slackDate(Date.UTC(2026, 10, 20, 5, 3))).toBe(
      '<!date^1795150980^{date_short_pretty} {time}|2026-11-20 05:03 UTC>',
    );
  });
});
