import { fullMember, fullPool, nodeAndPort } from './names.ts';

const PATCH = /^PATCH \/mgmt\/tm\/ltm\/pool\/(?<pool>[^/]+)\/members\/(?<member>\S+) (?<body>.+)$/;
const CALL = /^LocalLB\.PoolMember\.(?<operation>\w+) (?<pool>\S+) (?<member>\S+) (?<value>\S+)$/;

const KEY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  set_session_enabled_state: {
    STATE_ENABLED: 'session user-enabled',
    STATE_DISABLED: 'session user-disabled',
  },
  set_monitor_state: { STATE_ENABLED: 'state user-up', STATE_DISABLED: 'state user-down' },
};

const fromUrl = (text: string) => decodeURIComponent(text).replaceAll('~', '/');

/**
 * The line that somebody types in a shell of the active unit when nothing else is there to do it. For reading and
 * copying: the product itself runs no such line.
 */
export function byHand(command: string): string {
  const patch = PATCH.exec(command)?.groups;
  if (patch !== undefined) {
    const words = Object.entries(JSON.parse(patch.body ?? '{}') as Record<string, unknown>);
    const settings = words.map(([key, value]) => `${key} ${String(value)}`).join(' ');
    return modify(fromUrl(patch.pool ?? ''), fromUrl(patch.member ?? ''), settings);
  }
  const { operation = '', pool = '', member = '', value = '' } = CALL.exec(command)?.groups ?? {};
  const settings = KEY[operation]?.[value] ?? `ratio ${value}`;
  return modify(fullPool(pool), fullMember(pool, tmshName(member)), settings);
}

const modify = (pool: string, member: string, settings: string) =>
  `tmsh modify ltm pool ${pool} members modify { ${member} { ${settings} } }`;

/** SOAP names a member by address and port; tmsh puts a dot between them behind IPv6. */
function tmshName(member: string): string {
  const { node, port } = nodeAndPort(member);
  return node.includes(':') ? `${node}.${port}` : member;
}
