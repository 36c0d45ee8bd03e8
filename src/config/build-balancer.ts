import type { Balancer, SshHost } from '../domain/inventory.ts';
import type { BalancerInFile } from './balancer-schema.ts';

/** The domain's balancer from a block that passed every check. */
export function balancerOf(name: string, given: BalancerInFile): Balancer {
  const ssh = sshOf(given);
  return Object.freeze({
    name,
    kind: given.kind,
    socket: given.socket,
    ...(ssh === undefined ? {} : { ssh }),
    ...(given.via === undefined ? {} : { via: given.via }),
    ...(given.master_socket === undefined ? {} : { masterSocket: given.master_socket }),
    ...(given.server_state_file === undefined ? {} : { stateFile: given.server_state_file }),
  });
}

function sshOf(given: BalancerInFile): SshHost | undefined {
  if (given.ssh === undefined) return undefined;
  const jump =
    given.jump === undefined ? undefined : hostOf(given.jump, given, given.jump_host_key);
  return hostOf(given.ssh, given, given.host_key, jump);
}

/** Key and known_hosts serve both hosts; a fingerprint belongs to one. */
function hostOf(
  target: { readonly user: string; readonly host: string; readonly port: number },
  given: BalancerInFile,
  fingerprint: string | undefined,
  jump?: SshHost,
): SshHost {
  const login = loginOf(given);
  const proof = proofOf(given, fingerprint);
  return Object.freeze({
    ...target,
    ...(login === undefined ? {} : { login: Object.freeze(login) }),
    ...(proof === undefined ? {} : { proof: Object.freeze(proof) }),
    ...(jump === undefined ? {} : { jump }),
  });
}

function loginOf({ ssh_key: keyFile, ssh_agent: agentSocket }: BalancerInFile): SshHost['login'] {
  if (keyFile !== undefined) return { keyFile };
  return agentSocket === undefined ? undefined : { agentSocket };
}

function proofOf(
  { known_hosts: knownHostsFile }: BalancerInFile,
  fingerprint: string | undefined,
): SshHost['proof'] {
  if (fingerprint !== undefined) return { fingerprint };
  return knownHostsFile === undefined ? undefined : { knownHostsFile };
}
