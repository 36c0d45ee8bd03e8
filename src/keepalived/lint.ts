import type { KeepalivedConfig, VirtualServerConfig, VrrpConfig } from './model.ts';

/** One thing that is wrong, in a sentence. An `error` makes two masters or none, a `warning` something lesser. */
export interface LintFinding {
  readonly level: 'error' | 'warning';
  readonly text: string;
}

export const error = (text: string): LintFinding => ({ level: 'error', text });
export const warning = (text: string): LintFinding => ({ level: 'warning', text });

/** What is wrong in one file that `keepalived -t` lets pass, or says badly. `name` is for the sentences. */
export function lintFile(name: string, config: KeepalivedConfig): readonly LintFinding[] {
  const { instances, servers, fifos, scriptSecurity, scriptUser, includes } = config;
  const held = new Set(instances.flatMap(({ vips }) => vips.map((vip) => vip.split('/')[0] ?? '')));
  const vrids = new Map<string, string>();
  return [
    ...includes.map((file) =>
      warning(`${name} includes ${file}, which was not read: give the files it means as well.`),
    ),
    ...instances.flatMap((instance) => instanceFindings(name, instance)),
    ...instances.flatMap(({ name: instance, interface: nic = '', vrid = '' }) => {
      const key = `${nic} ${vrid}`;
      const other = vrids.get(key);
      vrids.set(key, instance);
      if (other === undefined || vrid === '') return [];
      return [
        error(`${name}: ${other} and ${instance} both have virtual_router_id ${vrid} on ${nic}.`),
      ];
    }),
    ...twice(instances.map((each) => each.name)).map((each) =>
      error(`${name}: vrrp_instance ${each} stands there twice.`),
    ),
    ...twice(servers.map((each) => `${each.name} ${each.protocol ?? ''}`.trim())).map((each) =>
      error(`${name}: virtual_server ${each} stands there twice.`),
    ),
    ...servers.flatMap((server) => serverFindings(name, server, held)),
    ...(fifos.length > 0 && scriptSecurity && scriptUser === undefined
      ? [
          warning(
            `${name}: enable_script_security without script_user: where there is no user keepalived_script, ${fifos.join(', ')} is silently not used.`,
          ),
        ]
      : []),
  ];
}

function instanceFindings(name: string, instance: VrrpConfig): readonly LintFinding[] {
  const { vrid, priority, state, vips, isNopreempt } = instance;
  const where = `${name}: ${instance.name}`;
  const found: LintFinding[] = [];
  if (!isWithin(vrid, 1, 255)) {
    found.push(error(`${where} has virtual_router_id ${vrid ?? 'nowhere'}, not 1 to 255.`));
  }
  if (priority === undefined) {
    found.push(warning(`${where} has no priority: keepalived takes 100 without a word.`));
  } else if (!isWithin(priority, 1, 255)) {
    found.push(error(`${where} has priority ${priority}, not 1 to 255.`));
  } else if (priority === '255' && state !== 'MASTER') {
    found.push(warning(`${where} has priority 255, which only the owner of the address may have.`));
  }
  if (isNopreempt && state === 'MASTER') {
    found.push(
      warning(`${where} has nopreempt with state MASTER: keepalived then forgets nopreempt.`),
    );
  }
  if (vips.length === 0) found.push(warning(`${where} has no virtual_ipaddress.`));
  return found;
}

function serverFindings(
  name: string,
  server: VirtualServerConfig,
  held: ReadonlySet<string>,
): readonly LintFinding[] {
  const [address = ''] = server.name.split(' ');
  const isAddress = /[.:]/.test(address);
  const found: LintFinding[] = [];
  if (isAddress && held.size > 0 && !held.has(address)) {
    found.push(warning(`${name}: no instance holds ${address}, the address of a virtual_server.`));
  }
  if (server.protocol === undefined && isAddress) {
    const words = 'has no protocol: keepalived takes UDP, and does not start';
    found.push(error(`${name}: virtual_server ${server.name} ${words}.`));
  }
  for (const real of server.realServers.values()) {
    if (/^\d{1,5}$/u.test(real.weight)) continue;
    const what = `real_server ${real.name} of ${server.name}`;
    found.push(error(`${name}: ${what} has weight ${real.weight}, not a whole number.`));
  }
  if (server.realServers.size === 0) {
    found.push(warning(`${name}: virtual_server ${server.name} has no real_server.`));
  }
  return found;
}

function twice(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((each, index) => names.indexOf(each) !== index))];
}

function isWithin(text: string | undefined, least: number, most: number): boolean {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return false;
  return Number(text) >= least && Number(text) <= most;
}
