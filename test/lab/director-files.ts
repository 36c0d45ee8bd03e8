import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HELPER } from '../../src/adapters/lvs/script.ts';
import { prepare } from '../../src/keepalived/prepare.ts';
import { makeKey } from './keys.ts';
import { DIRECTORS, type DirectorName, NET, REAL_SERVERS, VIP } from './places.ts';

export interface DirectorOptions {
  /** Seconds a client stays with its member; 0: none. */
  readonly persistSeconds?: number;
  /** Who fills the table: a rules file, or keepalived by its `virtual_server` blocks. */
  readonly table?: 'rules' | 'keepalived';
  /** Its `real_server` blocks include the files by which a weight of ours lasts. */
  readonly isPrepared?: boolean;
}

/** Where a director has it. */
export const KEEPALIVED_CONF = '/etc/keepalived/keepalived.conf';

const PRIORITY: Readonly<Record<DirectorName, number>> = { 'lvs-1': 100, 'lvs-2': 90 };

/** What a director finds of its own when it starts or is reset; the folder `name` in `directory`. */
export function writeDirectorFiles(
  directory: string,
  name: DirectorName,
  authorizedKeys: string,
  options: DirectorOptions,
): void {
  const own = join(directory, name);
  mkdirSync(own, { recursive: true });
  makeKey(join(own, 'ssh_host_ed25519_key'));
  copyFileSync(authorizedKeys, join(own, 'authorized_keys'));
  const isKeepalived = options.table === 'keepalived';
  const blocks = [vrrpBlock(name), ...(isKeepalived ? [virtualServer(options)] : [])];
  const text = blocks.join('\n');
  const prepared = options.isPrepared === true ? prepare(text, KEEPALIVED_CONF)?.text : text;
  writeFileSync(join(own, 'keepalived.conf'), prepared ?? text);
  if (isKeepalived) rmSync(join(own, 'ipvs.rules'), { force: true });
  else writeFileSync(join(own, 'ipvs.rules'), rules(options));
  writeFileSync(join(own, 'lb-lvs'), HELPER);
}

function vrrpBlock(name: DirectorName): string {
  return `global_defs {
   router_id ${name}
   vrrp_garp_master_refresh 0
}

vrrp_instance VI_1 {
   state ${name === 'lvs-1' ? 'MASTER' : 'BACKUP'}
   interface eth0
   virtual_router_id 51
   priority ${PRIORITY[name]}
   advert_int 1
   authentication {
      auth_type PASS
      auth_pass tianya11
   }
   virtual_ipaddress {
      ${VIP}/24
   }
}
`;
}

function virtualServer({ persistSeconds = 60 }: DirectorOptions): string {
  const servers = REAL_SERVERS.map(
    (last) => `   real_server ${NET}.${last} 80 {
      weight 3
      HTTP_GET {
         url {
            path /health
            status_code 200
         }
         connect_timeout 2
         retry 1
         delay_before_retry 1
      }
   }`,
  );
  return `virtual_server ${VIP} 80 {
   delay_loop 2
   lb_algo rr
   lb_kind DR
   protocol TCP
${persistSeconds === 0 ? '' : `   persistence_timeout ${persistSeconds}\n`}${servers.join('\n')}
}
`;
}

/** As `ipvsadm -Sn` prints it: the article's service, and the same members on another port. */
function rules({ persistSeconds = 60 }: DirectorOptions): string {
  const persist = persistSeconds === 0 ? '' : ` -p ${persistSeconds}`;
  const lines = [80, 7000].flatMap((port) => [
    `-A -t ${VIP}:${port} -s rr${persist}`,
    ...REAL_SERVERS.map((last) => `-a -t ${VIP}:${port} -r ${NET}.${last}:${port} -g -w 3`),
  ]);
  return `${lines.join('\n')}\n`;
}

export function addressOf(name: DirectorName): string {
  return `${NET}.${DIRECTORS[name]}`;
}
