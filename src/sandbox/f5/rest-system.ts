import { ORIGIN, objectOf, ok, type RestHandler, selfLink } from './rest-call.ts';
import { badRequest, notAllowed } from './rest-errors.ts';
import { statistics } from './rest-facts.ts';
import { runBash } from './shell.ts';

/** As far as they are there. */
const PARTS = [
  ...['clock', 'cpu', 'db', 'dns', 'failover', 'folder', 'global-settings', 'hardware', 'license'],
  ...['memory', 'ntp', 'provision', 'version'],
];

/** Clients read the version from `?ver=` of this. */
const system: RestHandler = (call) =>
  ok({
    kind: 'tm:sys:syscollectionstate',
    selfLink: selfLink(call.unit, '/mgmt/tm/sys'),
    items: PARTS.map((name) => ({
      reference: { link: selfLink(call.unit, `/mgmt/tm/sys/${name}`) },
    })),
  });

const version: RestHandler = (call) => {
  const texts = {
    Build: '0.0.0',
    Date: 'Thu Jan  1 00:00:00 UTC 1970',
    Edition: 'Simulated',
    Product: 'BIG-IP',
    Title: 'Main Package',
    Version: call.unit.world.version,
  };
  const entries = Object.fromEntries(
    Object.entries(texts).map(([key, description]) => [key, { description }]),
  );
  return statistics(call, 'tm:sys:version:versionstats', {
    [`${ORIGIN}/mgmt/tm/sys/version/0`]: { nestedStats: { entries } },
  });
};

const globalSettings: RestHandler = (call) =>
  ok({
    kind: 'tm:sys:global-settings:global-settingsstate',
    selfLink: selfLink(call.unit, '/mgmt/tm/sys/global-settings'),
    guiSetup: 'disabled',
    hostname: call.unit.hostname,
    mgmtDhcp: 'disabled',
  });

const config: RestHandler = (call) => {
  if (call.account.role !== 'admin') throw notAllowed('sys config');
  const { command, ...rest } = objectOf(call);
  if (command === 'save') call.unit.save();
  else if (command === 'load') {
    call.unit.load();
    call.group.changed(call.unit);
  } else throw badRequest(`invalid command "${String(command)}"`);
  return ok({ kind: `tm:sys:config:${command}state`, command, ...rest });
};

const bash: RestHandler = (call) => {
  if (call.account.role !== 'admin') throw notAllowed('util bash');
  const { command, utilCmdArgs } = objectOf(call);
  if (command !== 'run' || typeof utilCmdArgs !== 'string') {
    throw badRequest(`invalid command "${String(command)}"`);
  }
  const result = runBash(call.group, call.unit, utilCmdArgs);
  return ok({
    kind: 'tm:util:bash:runstate',
    command,
    utilCmdArgs,
    // A command that prints nothing leaves the key out.
    ...(result === '' ? {} : { commandResult: result }),
  });
};

export const systemRoutes: Readonly<Record<string, RestHandler>> = {
  'GET /mgmt/tm/sys': system,
  'GET /mgmt/tm/sys/version': version,
  'GET /mgmt/tm/sys/version/stats': version,
  'GET /mgmt/tm/sys/global-settings': globalSettings,
  'POST /mgmt/tm/sys/config': config,
  'POST /mgmt/tm/util/bash': bash,
  'GET /mgmt/tm/auth/source': (call) =>
    ok({
      kind: 'tm:auth:source:sourcestate',
      selfLink: selfLink(call.unit, '/mgmt/tm/auth/source'),
      fallback: 'false',
      type: 'local',
    }),
};
