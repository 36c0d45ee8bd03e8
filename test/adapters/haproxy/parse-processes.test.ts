import { describe, expect, it } from 'vitest';
import {
  assertNoRefusal,
  isWholeReply,
  parseWorkers,
} from '../../../src/adapters/haproxy/parse.ts';
import { fixture } from './fixture.ts';

describe('the processes that a master lists', () => {
  it('are its workers, the older ones too', () => {
    expect(parseWorkers(fixture('show-proc'), 'Asking')).toEqual(['9706', '9681']);
  });

  it('are no programs, and columns may come and go', () => {
    const older = '#<PID> <type> <relative PID> <reloads> <uptime>\n1 master 0 0 0d\n# workers\n';
    expect(parseWorkers(`${older}2 worker 1 0 0d\n# programs\n3 program - 0 0d\n\n`, 'A')).toEqual([
      '2',
    ]);
    expect(parseWorkers(`${older}\n`, 'A')).toEqual([]);
  });

  it.each(['unknown-command', 'show-info', 'show-stat'])('are not in %s', (name) => {
    expect(() => parseWorkers(fixture(name), 'Asking')).toThrow(
      expect.objectContaining({
        code: name === 'unknown-command' ? 'UNSUPPORTED' : 'UNEXPECTED_REPLY',
      }),
    );
  });

  it('come in a whole reply, as does the word that one is gone', () => {
    expect(isWholeReply(fixture('show-proc'))).toBe(true);
    const gone = fixture('worker-gone');
    expect(isWholeReply(gone)).toBe(true);
    for (let length = 0; length < gone.length; length += 1) {
      expect(isWholeReply(gone.slice(0, length)), `${length} bytes`).toBe(false);
    }
    expect(() => assertNoRefusal(gone, 'Asking')).toThrow(
      expect.objectContaining({ code: 'UNREACHABLE' }),
    );
  });
});
