import { describe, expect, it } from 'vitest';
import { processesOf, startLb } from './lb-process.ts';

const STORY_MS_MAX = 90_000;

describe('lb demo --script', () => {
  it('plays the story, writes it down and ends with 0', { timeout: STORY_MS_MAX }, async () => {
    const lb = startLb(['demo', '--script']);
    expect(await lb.ended, lb.out() + lb.err()).toBe(0);
    const lines = [
      'maya (on call)> /lb status test.tianya.cn',
      'maya (on call)> /lb disable test.tianya.cn 192.168.100.78 because a new kernel',
      'Approval needed: Disable 192.168.100.78 in test.tianya.cn',
      'disable server test.tianya.cn/192.168.100.78',
      '[ Approve ] [ Deny ] [ Cancel ]',
      'somebody else must approve',
      'lin (approver) clicks [ Approve ]',
      'lb, in #ops, the same card:',
      '192.168.100.78 is disabled in test.tianya.cn',
      'enabled → disabled',
      'ok      192.168.100.78 gets no request',
      'requests failed: 0',
      '192.168.100.78 is enabled in test.tianya.cn',
      'ok      192.168.100.78 answers requests',
      'ok      one card per change, two in all',
      '-- f5.tianya.cn: BIG-IP pair SIMULATED',
      '/lb disable f5.tianya.cn 192.168.100.42:80,192.168.100.43:80,192.168.100.44:80',
      '2 of 5 stay available, at least 2 needed',
      'ok      bigip-a (SIMULATED, active): out of f5.tianya.cn: 192.168.100.42:80, 192.168.100.43:80, 192.168.100.44:80',
      'ok      bigip-b (SIMULATED, standby): out of f5.tianya.cn: 192.168.100.42:80, 192.168.100.43:80, 192.168.100.44:80',
      'ok      requests that write, since the start: 3, each to bigip-a',
      'Refused: Disable 192.168.100.45:80 in f5.tianya.cn',
      'ok      requests that write, since the start: 3, each to bigip-a',
      'ok      bigip-b (SIMULATED, standby): out of f5.tianya.cn: nobody',
      'The story held: ',
    ];
    let from = 0;
    for (const line of lines) {
      const at = lb.out().indexOf(line, from);
      expect(at, `${line} in ${lb.out()}`).toBeGreaterThan(-1);
      from = at + line.length;
    }
    expect(lb.out()).not.toContain('FAILED');
    // No id, no markup and no date in Slack's own notation is left.
    expect(lb.out()).not.toMatch(/<[@!]|\*\*|U0MAYA/);
    expect(processesOf(lb.pid)).toEqual([]);
  });
});
