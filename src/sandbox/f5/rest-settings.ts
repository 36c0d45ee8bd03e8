import { collection, single } from './odata.ts';
import { ok, type RestCall, type RestHandler, selfLink } from './rest-call.ts';
import { notFound } from './rest-errors.ts';

/* Settings that clients read before they begin; nobody changes them here. */

/** Modules; only LTM is provisioned. */
const LEVELS: Readonly<Record<string, string>> = {
  afm: 'none',
  apm: 'none',
  asm: 'none',
  avr: 'none',
  gtm: 'none',
  ltm: 'nominal',
};

const provisionObject = (call: RestCall, name: string) => ({
  kind: 'tm:sys:provision:provisionstate',
  name,
  fullPath: name,
  generation: 1,
  selfLink: selfLink(call.unit, `/mgmt/tm/sys/provision/${name}`),
  cpuRatio: 0,
  diskRatio: 0,
  level: LEVELS[name],
  memoryRatio: 0,
});

const DB: Readonly<Record<string, string>> = {
  'config.auditing': 'enable',
  'provision.extramb': '0',
  'setup.run': 'false',
  'systemauth.primaryadminuser': 'admin',
  'ui.advisory.enabled': 'false',
};

const dbObject = (call: RestCall, name: string) => ({
  kind: 'tm:sys:db:dbstate',
  name,
  fullPath: name,
  generation: 1,
  selfLink: selfLink(call.unit, `/mgmt/tm/sys/db/${name}`),
  defaultValue: DB[name],
  scfConfig: 'true',
  value: DB[name],
  valueRange: 'string',
});

const userObject = (call: RestCall, { username, role }: RestCall['account']) => ({
  kind: 'tm:auth:user:userstate',
  name: username,
  fullPath: username,
  generation: 1,
  selfLink: selfLink(call.unit, `/mgmt/tm/auth/user/${encodeURIComponent(username)}`),
  description: username,
  partitionAccess: [
    {
      name: 'all-partitions',
      role,
      nameReference: { link: selfLink(call.unit, '/mgmt/tm/auth/partition/all-partitions') },
    },
  ],
  shell: 'none',
});

/** One collection and its objects by name. */
const named = (
  path: string,
  kind: string,
  what: string,
  names: (call: RestCall) => readonly string[],
  make: (call: RestCall, name: string) => Readonly<Record<string, unknown>>,
): Record<string, RestHandler> => ({
  [`GET /mgmt/tm/${path}`]: (call) =>
    collection(
      call,
      `${kind}collectionstate`,
      names(call).map((name) => make(call, name)),
    ),
  [`GET /mgmt/tm/${path}/:name`]: (call) => {
    const { name = '' } = call.names;
    if (!names(call).includes(name)) throw notFound(what, name);
    return single(call, make(call, name));
  },
});

const accountNamed = (call: RestCall, name: string) =>
  call.unit.world.accounts.find(({ username }) => username === name) ?? call.account;

/** Settings of which there is one of each. */
const SETTINGS: Readonly<Record<string, object>> = {
  'sys/dns': { kind: 'tm:sys:dns:dnsstate', description: 'configured-by-dhcp' },
  'sys/httpd': { kind: 'tm:sys:httpd:httpdstate', allow: ['All'], authPamIdleTimeout: 1200 },
  'sys/ntp': { kind: 'tm:sys:ntp:ntpstate', timezone: 'UTC' },
  'sys/snmp': { kind: 'tm:sys:snmp:snmpstate', allowedAddresses: ['127.0.0.0/8'] },
  'sys/sshd': { kind: 'tm:sys:sshd:sshdstate', allow: ['ALL'], port: 22 },
  'sys/syslog': { kind: 'tm:sys:syslog:syslogstate', consoleLog: 'enabled' },
};

export const settingRoutes: Readonly<Record<string, RestHandler>> = {
  ...named(
    'sys/provision',
    'tm:sys:provision:provision',
    'provision',
    () => Object.keys(LEVELS),
    provisionObject,
  ),
  ...named('sys/db', 'tm:sys:db:db', 'db variable', () => Object.keys(DB), dbObject),
  ...named(
    'auth/user',
    'tm:auth:user:user',
    'user',
    (call) => call.unit.world.accounts.map(({ username }) => username),
    (call, name) => userObject(call, accountNamed(call, name)),
  ),
  ...Object.fromEntries(
    Object.entries(SETTINGS).map(([path, body]): [string, RestHandler] => [
      `GET /mgmt/tm/${path}`,
      (call) => ok({ ...body, selfLink: selfLink(call.unit, call.path) }),
    ]),
  ),
};
