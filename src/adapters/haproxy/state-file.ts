import type { KeptMember } from '../../ports/adapter.ts';
import { assertNoRefusal, parseServersState, unexpected } from './parse.ts';

/**
 * The text of a server state file that carries these members over the next start, as `show servers state` shows
 * them, and no others: HAProxy would take from it also what has nothing to do with a change, for instance
 * the port a server had before somebody configured another one, or that it was sick when the file was written.
 */
export function stateFileText(reply: string, kept: readonly KeptMember[], doing: string): string {
  assertNoRefusal(reply, doing);
  const rows = parseServersState(reply, doing);
  const lines = reply.split('\n').filter((line) => line !== '');
  const head = lines.slice(0, lines.length - rows.length);
  const [format = ''] = head;
  if (head.length !== 2 || !/^\d+$/.test(format)) {
    throw unexpected(doing, '`show servers state` begins in an unknown way', reply);
  }
  const names = new Set(kept.map(({ pool, member }) => `${pool}/${member}`));
  const body = lines
    .slice(head.length)
    .filter((_line, at) =>
      names.has(`${rows[at]?.get('be_name') ?? ''}/${rows[at]?.get('srv_name') ?? ''}`),
    );
  return `${[...head, ...body].join('\n')}\n\n`;
}
