import type { FaultInput } from './faults.ts';
import type { Site } from './site.ts';

export interface PresetSettings {
  readonly times?: number;
  /** Name of a unit; all when absent. */
  readonly unit?: string;
  /** Narrows the requests that are hit. */
  readonly match?: string;
}

const WRITE = { match: '^/mgmt/tm/|#set_', method: ['POST', 'PATCH', 'PUT', 'DELETE'] };
const MEMBER_WRITE = { match: '/members/', method: ['PATCH', 'PUT'] };

const restartingPage = `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html><head><title>BIG-IP&reg; - Configuration Utility restarting...</title></head>
<body><p>Configuration Utility restarting...</p></body></html>
`;

const entityBomb = `<?xml version="1.0"?>
<!DOCTYPE bomb [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY file SYSTEM "file:///etc/hostname">]>
<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><return>&c;&file;</return></E:Body></E:Envelope>
`;

/** Presets that are rules; what stands here can be narrowed or repeated by the settings. */
const RULES: Readonly<Record<string, FaultInput>> = {
  restarting: { times: -1, status: 503, html: restartingPage },
  busy: {
    ...WRITE,
    match: '^/mgmt/tm/',
    status: 503,
    body: {
      code: 503,
      message: 'There is an active asynchronous task executing.',
      errorStack: [],
      apiError: 32_964_609,
    },
  },
  'drop-before': { ...WRITE, drop: true },
  'drop-after': { ...WRITE, phase: 'after', drop: true },
  'flap-failover': {
    match: '^/mgmt/tm/cm/failover-status|#get_failover_state',
    times: -1,
    phase: 'after',
    effect: 'fail-over',
  },
  'member-vanishes': {
    ...MEMBER_WRITE,
    match: '/members/|#set_',
    method: ['PATCH', 'PUT', 'POST'],
    effect: 'remove-member',
  },
  'ignored-write': { ...WRITE, phase: 'after', effect: 'undo' },
  html: { match: '^/mgmt/', status: 200, html: '<html><body>Maintenance</body></html>' },
  huge: { match: '^/mgmt/|^/iControl/', phase: 'after', padBytes: 20 * 1024 * 1024 },
  truncated: { match: '^/mgmt/|^/iControl/', phase: 'after', truncate: 20 },
  'xml-entities': { match: '^/iControl/.*#', method: 'POST', status: 200, xml: entityBomb },
};

/** Presets that change something once; they last until `reset`. */
const ACTIONS: Readonly<Record<string, (site: Site, unit: string | undefined) => void>> = {
  'token-expired': (site, unit) => {
    for (const one of site.unitsNamed(unit)) one.tokens.expireAll();
  },
  'token-revoked': (site, unit) => {
    for (const one of site.unitsNamed(unit)) one.tokens.removeAll();
  },
  'token-limit': (site) => {
    site.loginFaults.tokenLimitReached = true;
  },
  'bad-password': (site) => {
    site.loginFaults.refusesPasswords = true;
  },
  'sync-pending': (site, unit) => {
    const [first] = unit === undefined ? site.units : site.unitsNamed(unit);
    if (first !== undefined) site.group.changed(first);
  },
  'sync-disconnected': (site) => {
    site.group.disconnected = true;
  },
  'cert-changed': (site, unit) => site.changeCertificate(unit),
};

export const PRESETS: readonly string[] = [
  ...Object.keys(RULES),
  ...Object.keys(ACTIONS),
  'slow:<ms>',
];

/** Sets a preset by name. False for a name that is none. */
export function applyPreset(site: Site, name: string, settings: PresetSettings = {}): boolean {
  const slow = /^slow:(\d{1,6})$/.exec(name);
  const rule = slow === null ? RULES[name] : { times: -1, delayMs: Number(slow[1]) };
  if (rule !== undefined) {
    site.faults.add({ ...rule, ...settings });
    return true;
  }
  const action = ACTIONS[name];
  action?.(site, settings.unit);
  return action !== undefined;
}
