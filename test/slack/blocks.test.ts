import { describe, expect, it } from 'vitest';
import { blockProblems } from '../../src/sandbox/slack/block-limits.ts';
import {
  actions,
  button,
  context,
  header,
  pack,
  packCode,
  plainSection,
  section,
} from '../../src/slack/blocks.ts';

const long = 'word '.repeat(3000);

describe('blocks', () => {
  it('stay within the limits of Slack whatever is put in', () => {
    const click = { actionId: 'a', value: 'v' };
    const confirm = { title: long, text: long, yes: long, no: long };
    const blocks = [
      header(long),
      section(long),
      plainSection(long),
      context(long, long),
      actions('one', [button(long, click, { primary: true, confirm })]),
      header(''),
      plainSection(' \u0000 '),
    ];
    expect(blockProblems(blocks)).toEqual([]);
  });

  it('keep Slack from finding names and links in mrkdwn, and pictures in plain text', () => {
    expect(section('test.tianya.cn')).toEqual({
      type: 'section',
      text: { type: 'mrkdwn', text: 'test.tianya.cn', verbatim: true },
    });
    expect(plainSection(':white_check_mark: approved by <@U0LEAD>').text).toEqual({
      type: 'plain_text',
      text: ':white_check_mark: approved by <@U0LEAD>',
      emoji: false,
    });
  });
});

describe('packing lines', () => {
  it('breaks between lines only and counts what is left', () => {
    expect(pack(['aaaa', 'bbbb', 'cccc', 'dddd'], 2, 9)).toEqual({
      texts: ['aaaa\nbbbb', 'cccc\ndddd'],
      left: 0,
    });
    expect(pack(['aaaa', 'bbbb', 'cccc', 'dddd', 'eeee'], 1, 9)).toEqual({
      texts: ['aaaa\nbbbb'],
      left: 3,
    });
    expect(pack([], 3)).toEqual({ texts: [], left: 0 });
  });

  it('cuts a line that is too long by itself', () => {
    const { texts, left } = pack(['x'.repeat(100), 'y'], 2, 50);
    expect(texts.every((text) => text.length <= 50)).toBe(true);
    expect(left).toBe(0);
  });

  it('closes every code block it opens, and nothing inside can close it', () => {
    const lines = Array.from(
      { length: 300 },
      (_, index) => `${index} \`\`\` <!here> ${'z'.repeat(60)}`,
    );
    const { texts, left } = packCode(lines, 3);
    expect(texts).toHaveLength(3);
    for (const text of texts) {
      expect(text).toMatch(/^```\n[^`]*\n```$/);
      expect(text.length).toBeLessThanOrEqual(3000);
      expect(text).not.toContain('<');
    }
    const shown = texts
      .join('\n')
      .split('\n')
      .filter((line) => line !== '```').length;
    expect(shown + left).toBe(300);
  });
});
