import { type ErrorCode, OperationError } from '../../domain/errors.ts';
import { quoted, type Section } from './reply.ts';

/** In a line of what a program printed: what it means, and what a person does about it. */
interface Refusal {
  readonly text: string;
  readonly code: ErrorCode;
  readonly fix?: string;
}

const SUDOERS =
  'let this user run the helper, or ipvsadm, by "sudo -n" (NOPASSWD in sudoers), or log in as root';

/**
 * What ipvsadm 1.31, sudo and the shell print instead of doing it. The first that fits counts; the line of ipvsadm
 * that asks whether IPVS is there at all follows two different ones.
 */
const REFUSALS: readonly Refusal[] = [
  {
    text: 'was changed meanwhile',
    code: 'STALE',
    fix: 'nothing was written; ask again',
  },
  { text: 'keepalived -t says', code: 'UNSUPPORTED', fix: 'the file was put back as it was' },
  { text: 'keepalived did not take it', code: 'NOT_VERIFIED', fix: 'the file was put back' },
  {
    text: 'keepalived owns this table',
    code: 'PERMISSION',
    fix: 'put there what "lb lvs helper" prints, or log in as root',
  },
  { text: 'a password is required', code: 'PERMISSION', fix: SUDOERS },
  { text: 'a terminal is required', code: 'PERMISSION', fix: SUDOERS },
  { text: 'is not in the sudoers file', code: 'PERMISSION', fix: SUDOERS },
  { text: 'is not allowed to', code: 'PERMISSION', fix: SUDOERS },
  { text: 'Permission denied (you must be root)', code: 'PERMISSION', fix: SUDOERS },
  { text: 'Operation not permitted', code: 'PERMISSION', fix: SUDOERS },
  {
    text: 'Protocol not available',
    code: 'UNSUPPORTED',
    fix: 'the kernel there has no IPVS: load it with "modprobe ip_vs"',
  },
  {
    text: 'Module ip_vs not found',
    code: 'UNSUPPORTED',
    fix: 'the kernel there is built without IPVS',
  },
  { text: 'not found', code: 'UNSUPPORTED', fix: 'install the package ipvsadm there' },
  { text: 'No such destination', code: 'NO_SUCH_MEMBER' },
  { text: 'No such service', code: 'NO_SUCH_POOL' },
  { text: 'Service not defined', code: 'NO_SUCH_POOL' },
  { text: 'Destination already exists', code: 'UNEXPECTED_REPLY' },
  { text: 'illegal real server address', code: 'UNSAFE_NAME' },
  { text: 'illegal weight', code: 'UNSUPPORTED' },
  { text: 'Scheduler or persistence engine not found', code: 'UNSUPPORTED' },
  { text: 'Zero port specified', code: 'UNSUPPORTED' },
  { text: 'You need to supply', code: 'UNSUPPORTED' },
  { text: 'invalid option', code: 'UNSUPPORTED' },
  { text: 'for more information', code: 'UNSUPPORTED' },
];

/** Throws the error that this section is; returns when its program ended well. */
export function assertDone(section: Section, doing: string): void {
  if (section.code === 0) return;
  throw refusal(section.text, section.code, doing);
}

/** The error behind what a program printed before it ended with this code. */
export function refusal(text: string, code: number | null, doing: string): OperationError {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  for (const { text: wanted, code: known, fix } of REFUSALS) {
    const line = lines.find((candidate) => candidate.includes(wanted));
    if (line === undefined) continue;
    const advice = fix === undefined ? '' : ` (${fix})`;
    return new OperationError(known, `${doing}: ${quoted(line)}${advice}.`);
  }
  const said = lines.length === 0 ? 'nothing' : quoted(lines.join(' '));
  return new OperationError(
    'UNEXPECTED_REPLY',
    `${doing}: it ended with ${code ?? 'a signal'} and said ${said}.`,
  );
}
