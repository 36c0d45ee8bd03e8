import { createHash } from 'node:crypto';
import { OperationError } from '../../domain/errors.ts';
import type { KeptIn, MemberSetting, MemberState } from '../../domain/member.ts';
import { includeFile } from '../../domain/owned-file.ts';
import type { Step } from '../../domain/plan.ts';
import { endpointWord } from '../../domain/virtual-service.ts';
import type { MemberIntent } from '../../ports/adapter.ts';
import { commandsFor, type DisableBy, outAs, serverNamed, serviceNamed } from './commands.ts';
import { TAKEN_OUT } from './owned-table.ts';
import { serviceWords } from './service-words.ts';

/** What the helper writes for each of the two things that can be put. */
const NOTHING = '# The weight is the one above.';

export interface Words {
  readonly commands: readonly string[];
  readonly after: MemberSetting;
  readonly caution?: string;
  readonly keptIn?: KeptIn;
}

/** What is done where a change would be undone. */
export type WhenUndone = 'restore' | 'refuse';

/**
 * The words for one member, see `LoadBalancerAdapter.commandsFor`: by the file that decides over its weight, where
 * there is one, else by the table.
 */
export function wordsFor(
  disableBy: DisableBy,
  whenUndone: WhenUndone,
  pool: string,
  member: MemberState,
  intent: MemberIntent,
): Words {
  const { keptIn, undoneBy, heldBy } = member;
  if (heldBy !== undefined) {
    throw new OperationError('UNSUPPORTED', `Changing ${member.name} in ${pool}: ${heldBy}`);
  }
  if (keptIn === undefined) {
    if (undoneBy !== undefined) assertWorthwhile(whenUndone, pool, member, undoneBy);
    return commandsFor(disableBy, pool, member, intent);
  }
  if (intent.admin === 'removed') {
    throw new OperationError(
      'UNSUPPORTED',
      `Changing ${member.name} in ${pool}: keepalived keeps this table and would put it in again; it stays there with weight 0: use disable.`,
    );
  }
  const isOut = intent.admin !== 'enabled';
  // In the table as well: its words are also the ones to put right what somebody set there by hand.
  const byTable = commandsFor('weight', pool, member, intent);
  const weight = isOut ? 0 : intent.weight;
  const after = { ...byTable.after, admin: isOut ? outAs(disableBy) : ('enabled' as const) };
  if (keptIn.weight === weight) {
    return { commands: member.status === TAKEN_OUT ? [] : byTable.commands, after, keptIn };
  }
  const content = weight === keptIn.ownWeight ? NOTHING : `weight ${weight}`;
  return {
    commands: [putLine(pool, member.name, keptIn, weight)],
    after,
    keptIn: { ...keptIn, weight, was: shortSum(`${content}\n`) },
  };
}

function assertWorthwhile(
  whenUndone: WhenUndone,
  pool: string,
  member: MemberState,
  undoneBy: string,
): void {
  const doing = `Changing ${member.name} in ${pool}`;
  if (whenUndone === 'refuse') {
    throw new OperationError('UNSUPPORTED', `${doing}: it would not last: ${undoneBy}.`);
  }
  if (member.status !== TAKEN_OUT) return;
  throw new OperationError(
    'UNSUPPORTED',
    `${doing}: its health check has taken it out, and there is no row to change until it is well; ${undoneBy}.`,
  );
}

function putLine(pool: string, name: string, keptIn: KeptIn, weight: number): string {
  const { file, was, base, ownWeight, staysWhenSick } = keptIn;
  return [
    ...['put', file],
    ...(weight === ownWeight ? ['nothing'] : ['weight', String(weight)]),
    ...['for', placeOf(pool, name), '-w', String(weight)],
    ...(staysWhenSick ? ['sick'] : []),
    ...['was', was, 'in', base],
  ].join(' ');
}

function placeOf(pool: string, name: string): string {
  return [...serviceWords(serviceNamed(pool)), ...['-r', endpointWord(serverNamed(name))]].join(
    ' ',
  );
}

function shortSum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

const CONTENT = /^(?:nothing|weight (?:0|[1-9]\d{0,4}))$/u;
const REST = /^-w (?:0|[1-9]\d{0,4})(?: sick)? was (?:absent|[0-9a-f]{16}) in [0-9a-f]{16}$/u;

/** Whether a line is one that `wordsFor` can make for the member of this step. */
export function isOwnPut({ pool, member }: Pick<Step, 'pool' | 'member'>, line: string): boolean {
  const file = includeFile(pool, serverNamed(member));
  const [prefix, place] = [`put ${file} `, ` for ${placeOf(pool, member)} `];
  const [content = '', rest] = line.slice(prefix.length).split(place);
  if (!line.startsWith(prefix) || rest === undefined) return false;
  return CONTENT.test(content) && REST.test(rest) && line === prefix + content + place + rest;
}

/** In a shell of root's, without the helper: what it does, without what it looks at before and after. */
export function putByHand(line: string): string {
  const { file = '', content = '' } =
    /^put (?<file>\S+) (?<content>nothing|weight \d+) /u.exec(line)?.groups ?? {};
  const words = content === 'nothing' ? NOTHING : content;
  return `echo '${words}' >${file} && keepalived -t && kill -HUP $(cat /run/keepalived.pid)`;
}
