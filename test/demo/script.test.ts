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
      '== a member stops: 192.168.100.74 ==',
      '192.168.100.74 is down on ha-1, ha-2; 3 of 5 members left, at least 3 needed',
      'ok      ha-2 has 192.168.100.74 down by its health check',
      'ok      the message says of ha-1: 3 of 5 members left, at least 3 needed',
      'ok      messages about it: 1',
      'lb, in #ops, the same message:',
      'every member that was down is up again, 4 of 5 take clients',
      'ok      requests failed since the health checks took it out: 0',
      '== a HAProxy is killed: ha-1 ==',
      'ha-1 cannot be watched',
      'ok      nobody answers on the socket of ha-1',
      'ok      messages about it: 1',
      'ok      requests failed by clients of the other node: 0',
      'ha-1 can be watched again',
      'ok      ha-1 has 192.168.100.78 still disabled',
      'ok      ha-2 has 192.168.100.78 still disabled',
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
