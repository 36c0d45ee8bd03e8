/** Where everything in the lab stands. The addresses exist only inside its namespaces. */
export const NET = '192.168.100';
export const VIP = `${NET}.11`;
export const VIP6 = 'fd00:100::11';
/** Last octets. */
export const REAL_SERVERS = [74, 75, 76, 77, 78] as const;
export const CLIENT = 200;
export const DIRECTORS = { 'lvs-1': 3, 'lvs-2': 4 } as const;

export type DirectorName = keyof typeof DIRECTORS;
export const DIRECTOR_NAMES = ['lvs-1', 'lvs-2'] as const satisfies readonly DirectorName[];

/** Programs the lab needs, by Debian package. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  'linux.uml': 'user-mode-linux',
  insmod: 'kmod',
  ip: 'iproute2',
  sysctl: 'procps',
  ipvsadm: 'ipvsadm',
  keepalived: 'keepalived',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  sudo: 'sudo',
  curl: 'curl',
  haproxy: 'haproxy',
  killall: 'psmisc',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
};
