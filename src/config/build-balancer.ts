import type {
  Balancer,
  F5Balancer,
  F5UnitPlace,
  HaproxyBalancer,
  LvsBalancer,
  SshHost,
} from '../domain/inventory.ts';
import type { BalancerInFile, HaproxyInFile, LvsInFile } from './balancer-schema.ts';
import type { F5InFile } from './f5-schema.ts';

/** The domain's balancer from a block that passed every check. */
export function balancerOf(name: string, given: BalancerInFile): Balancer {
  switch (given.kind) {
    case 'haproxy':
      return haproxyOf(name, given);
    case 'f5':
      return f5Of(name, given);
    case 'lvs':
      return lvsOf(name, given);
  }
}

function f5Of(name: string, given: F5InFile): F5Balancer {
  const place = (unit: Pick<F5UnitPlace, 'host' | 'port'>, fingerprint: string | undefined) => {
    const proof = fingerprint === undefined ? given.ca && { caFile: given.ca } : { fingerprint };
    return Object.freeze({ ...unit, ...(proof ? { proof: Object.freeze(proof) } : {}) });
  };
  const units = [
    place(given.url, given.fingerprint),
    ...(given.peer === undefined ? [] : [place(given.peer, given.peer_fingerprint)]),
  ];
  return Object.freeze({
    name,
    kind: given.kind,
    units: Object.freeze(units),
    username: given.username,
    password: Object.freeze(given.password),
    ...(given.traffic_group === undefined ? {} : { trafficGroup: given.traffic_group }),
    sync: given.sync ?? 'warn',
    api: given.api ?? 'rest',
  });
}

function haproxyOf(name: string, given: HaproxyInFile): HaproxyBalancer {
  const ssh = sshOf(given);
  return Object.freeze({
    name,
    kind: given.kind,
    socket: given.socket,
    ...(ssh === undefined ? {} : { ssh }),
    ...(given.via === undefined ? {} : { via: given.via }),
    ...(given.master_socket === undefined ? {} : { masterSocket: given.master_socket }),
    ...(given.server_state_file === undefined ? {} : { stateFile: given.server_state_file }),
    ...notifyOf(given),
  });
}

function lvsOf(name: string, given: LvsInFile): LvsBalancer {
  return Object.freeze({
    name,
    kind: given.kind,
    ssh: hostWithJump({ ...given, ssh: given.ssh }),
    ...(given.helper === undefined ? {} : { helper: given.helper }),
    ...(given.disable_by === undefined ? {} : { disableBy: given.disable_by }),
    ...(given.check_from === undefined ? {} : { checkFrom: given.check_from }),
    ...(given.when_undone === undefined ? {} : { whenUndone: given.when_undone }),
    ...notifyOf(given),
  });
}

function notifyOf({ notify }: Pick<LvsInFile, 'notify'>): Pick<LvsBalancer, 'notify'> {
  return notify === undefined
    ? {}
    : { notify: Object.freeze({ token: Object.freeze(notify.token) }) };
}

/** The keys with which a host is reached by ssh. */
type SshInFile = Omit<LvsInFile, 'kind' | 'helper' | 'disable_by' | 'check_from' | 'notify'>;

function sshOf(given: HaproxyInFile): SshHost | undefined {
  return given.ssh === undefined ? undefined : hostWithJump({ ...given, ssh: given.ssh });
}

function hostWithJump(given: SshInFile): SshHost {
  const jump =
    given.jump === undefined ? undefined : hostOf(given.jump, given, given.jump_host_key);
  return hostOf(given.ssh, given, given.host_key, jump);
}

/** Key and known_hosts serve both hosts; a fingerprint belongs to one. */
function hostOf(
  target: { readonly user: string; readonly host: string; readonly port: number },
  given: SshInFile,
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

function loginOf({ ssh_key: keyFile, ssh_agent: agentSocket }: SshInFile): SshHost['login'] {
  if (keyFile !== undefined) return { keyFile };
  return agentSocket === undefined ? undefined : { agentSocket };
}

function proofOf(
  { known_hosts: knownHostsFile }: SshInFile,
  fingerprint: string | undefined,
): SshHost['proof'] {
  if (fingerprint !== undefined) return { fingerprint };
  return knownHostsFile === undefined ? undefined : { knownHostsFile };
}
