import type { DeviceGroup } from './device-group.ts';
import { RestError } from './rest-errors.ts';
import type { Unit } from './unit.ts';

/**
 * What `bash -c …` prints on the device, for the few commands clients send; anything else gets the shell's
 * or tmsh's own complaint. Nothing is executed on this machine.
 */
export function runBash(group: DeviceGroup, unit: Unit, utilCmdArgs: string): string {
  const given = optionC(utilCmdArgs);
  if (given === undefined) return '';
  const command = unwrapTmsh(given.trim());
  if (command !== undefined) return tmsh(group, unit, command);
  return program(unit, given.trim()) ?? `bash: ${given.trim().split(/\s/)[0]}: command not found\n`;
}

/** Programs by which clients see what and how well a unit is; nothing of the kind is installed or rebooting. */
function program(unit: Unit, command: string): string | undefined {
  const { clock, version } = unit.world;
  const upSeconds = ((clock.now() - unit.startedMs) / 1000).toFixed(2);
  const known: Readonly<Record<string, string>> = {
    'cat /VERSION': `Product: BIG-IP\nVersion: ${version}\nBuild: 0.0.0\nSequence: ${version}-0.0.0.0\nEdition: Simulated\n`,
    'cat /proc/uptime': `${upSeconds} ${upSeconds}\n`,
    date: `${new Date(clock.now()).toUTCString()}\n`,
    hostname: `${unit.hostname}\n`,
    runlevel: 'N 5\n',
    whoami: 'root\n',
  };
  if (/^ps aux \| grep /.test(command)) return '';
  const said = /^echo (?:'([^']*)'|"([^"$`\\]*)"|([\w.:/ -]*))$/.exec(command);
  return known[command] ?? (said === null ? undefined : `${said[1] ?? said[2] ?? said[3] ?? ''}\n`);
}

/** The command of `-c '…'` or `-c "…"`, with the quoting of the outer shell taken off. */
function optionC(text: string): string | undefined {
  const match = /^\s*-c\s+(['"])([\s\S]*)\1\s*$/.exec(text) ?? /^\s*-c\s+()(\S+)\s*$/.exec(text);
  if (match === null) return undefined;
  return match[1] === '"' ? (match[2] ?? '').replace(/\\(["\\$`])/g, '$1') : match[2];
}

/** `tmsh -c "show …"` and `tmsh show …` to `show …`; `undefined` for another program. */
function unwrapTmsh(command: string): string | undefined {
  if (!/^tmsh(\s|$)/.test(command)) return undefined;
  const rest = command.slice('tmsh'.length).trim();
  return (optionC(rest) ?? rest).trim().replace(/\s+/g, ' ');
}

function tmsh(group: DeviceGroup, unit: Unit, command: string): string {
  const sync = /^run \/?(?:cm )?config-sync (to|from)-group (\S+)$/.exec(command);
  if (sync !== null) {
    try {
      group.sync(unit, sync[2] ?? '', sync[1] === 'from' ? 'from-group' : 'to-group');
      return '';
    } catch (thrown) {
      if (thrown instanceof RestError) return `${thrown.message}\n`;
      throw thrown;
    }
  }
  switch (command) {
    case 'save sys config':
    case 'save /sys config':
      unit.save();
      return 'Saving running configuration...\n  /config/bigip.conf\n  /config/bigip_base.conf\n  /config/bigip_user.conf\n';
    case 'show sys version':
    case 'show /sys version':
      return `\nSys::Version\nMain Package\n  Product     BIG-IP\n  Version     ${unit.world.version}\n  Build       0.0.0\n  Edition     Simulated\n  Date        Thu Jan  1 00:00:00 UTC 1970\n\n`;
    case 'show cm failover-status':
    case 'show /cm failover-status':
      return `${failover(group, unit)}\n`;
    case 'show cm sync-status':
    case 'show /cm sync-status':
      return `${syncing(group, unit)}\n`;
    default: {
      const [first = ''] = command.split(' ');
      return `Syntax Error: unexpected argument "${first}"\n`;
    }
  }
}

function failover(group: DeviceGroup, unit: Unit): string {
  const role = group.roleOf(unit);
  const held = group.groupsOf(unit).map((name) => `active for /Common/${name}`);
  return [
    '',
    '-------------------------',
    'CentMgmt::Failover Status',
    '-------------------------',
    `Status   ${role.toUpperCase().replace('-', ' ')}`,
    ...(held.length === 0 ? [] : [`Details  ${held.join('\n         ')}`]),
    '',
  ].join('\n');
}

function syncing(group: DeviceGroup, unit: Unit): string {
  const { color, status, mode, summary, details } = group.syncStatus(unit);
  return [
    '',
    '---------------------',
    'CentMgmt::Sync Status',
    '---------------------',
    `Color    ${color}`,
    `Status   ${status}`,
    `Mode     ${mode}`,
    `Summary  ${summary}`,
    ...(details.length === 0 ? [] : [`Details  ${details.join('\n         ')}`]),
    '',
  ].join('\n');
}
