import { endpointText } from '../../domain/endpoint.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import type { SshHosts } from '../../transports/ssh-hosts.ts';
import { sshProgram } from '../../transports/ssh-program.ts';
import { EXCHANGE_LIMITS, type ExchangeLimits, WayFault } from '../../transports/stream-socket.ts';
import { putByHand } from './kept.ts';
import { refusal } from './refusals.ts';
import type { LvsSettings } from './schema.ts';
import { GREETING, shellWords } from './script.ts';

/** The listings of a service with ten thousand real servers have 3 MB. */
export const LVS_LIMITS: ExchangeLimits = { ...EXCHANGE_LIMITS, replyBytesMax: 16 * 1024 * 1024 };

/** A member that takes no connection within this time counts as not reached. */
export const CHECK_MS_MAX = 2_000;

const PUT_HELPER = 'put there what "lb lvs helper" prints';

/** The way to the program on the director: its own helper, or the same text given to the shell there. */
export function wayTo(
  { ssh: host, helper }: LvsSettings,
  limits: ExchangeLimits,
  hosts: SshHosts,
): RuntimeSocket {
  return sshProgram(
    {
      host,
      command: commandOf(host.user, helper),
      greeting: GREETING,
      ...(helper === undefined ? {} : { otherGreeting: PUT_HELPER }),
      whyNotReady: (code, said) => whyNotReady(code, said, helper),
    },
    hosts,
    limits,
  );
}

function commandOf(user: string, helper: string | undefined): string {
  if (helper === undefined) return shellWords(user === 'root' ? '' : 'sudo -n');
  // The words of sudo are compared: in one language.
  return user === 'root' ? `exec ${helper}` : `LC_ALL=C exec sudo -n ${helper}`;
}

function whyNotReady(code: number | null, said: string, helper: string | undefined): WayFault {
  if (helper !== undefined && /not found|No such file/.test(said)) {
    const words = `there is no ${helper}: ${PUT_HELPER}`;
    return new WayFault('UNREACHABLE', words);
  }
  const fault = refusal(said, code, 'starting the program there');
  return new WayFault(
    fault.code === 'PERMISSION' ? 'PERMISSION' : 'UNREACHABLE',
    fault.message.replace(/\.$/, ''),
  );
}

const SSH_PORT = 22;

/** The line that somebody types in a shell to give the director one command. For reading and copying only. */
export function lvsByHand({ ssh, helper }: LvsSettings, command: string): string {
  const { login, jump, port, user, host } = ssh;
  const words = [
    'ssh',
    ...(login !== undefined && 'keyFile' in login ? ['-i', login.keyFile] : []),
    ...(jump === undefined ? [] : ['-J', `${jump.user}@${endpointText(jump)}`]),
    ...(port === SSH_PORT ? [] : ['-p', String(port)]),
    `${user}@${host}`,
    ...(user === 'root' ? [] : ['sudo', '-n']),
  ];
  if (helper !== undefined) return `echo "${command}" | ${[...words, helper].join(' ')}`;
  if (command.startsWith('put ')) {
    return `${words.join(' ')} sh -c ${JSON.stringify(putByHand(command))}`;
  }
  // The brackets of IPv6 are a pattern to a shell.
  return `${words.join(' ')} ${command.includes('[') ? `"${command}"` : command}`;
}
