import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask } from '../stage/second-reader.ts';
import { type LbProcess, processesOf, startLb } from './lb-process.ts';

const STORY_MS_MAX = 60_000;

/** Where the HAProxy nodes of a running script have their sockets, by the files they were started with. */
function socketsOf(lb: LbProcess): string[] {
  return processesOf(lb.pid).flatMap(({ args }) => {
    const file = args[args.indexOf('-f') + 1];
    return args[0]?.endsWith('haproxy') === true && file !== undefined
      ? [join(file, '..', file.split('/').at(-1)?.replace('.cfg', '.sock') ?? '')]
      : [];
  });
}

describe('lb demo --script, when something is not as it should be', () => {
  it('ends with 1 when a member that is said to be out is not', {
    timeout: STORY_MS_MAX,
  }, async () => {
    const lb = startLb(['demo', '--script']);
    await lb.printed('is disabled in');
    for (const socket of socketsOf(lb)) {
      await ask(socket, 'set server test.tianya.cn/192.168.100.78 state ready');
    }
    await lb.printed('FAILED  expected: ha-1 has 192.168.100.78 in maintenance');
    await lb.printed('seen:     administrative state 0');
    await lb.printed('FAILED  expected: 192.168.100.78 gets no request');
    expect(await lb.ended, lb.out() + lb.err()).toBe(1);
    expect(lb.out()).toContain('The story did not hold: ');
    expect(processesOf(lb.pid)).toEqual([]);
  });

  it('ends with 1 and tells which requests failed', { timeout: STORY_MS_MAX }, async () => {
    const lb = startLb(['demo', '--script']);
    await lb.printed('is disabled in');
    const [, node] = processesOf(lb.pid).filter(({ args }) => args[0]?.endsWith('haproxy'));
    process.kill(node?.pid ?? 0, 'SIGKILL');
    expect(await lb.ended, lb.out() + lb.err()).toBe(1);
    expect(lb.out()).toMatch(/^a request failed: http:.*ECONNREFUSED/m);
    expect(lb.out()).toMatch(/^The story did not hold: .*requests failed: [1-9]/m);
  });
});
