import { OperationError } from '../../domain/errors.ts';

/** A partition (or folder) or the name of a pool: what neither a URL nor XML nor tmsh takes for syntax. */
const WORD = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}';
const FOLDERS = `(?:/${WORD}){1,4}/`;
const POOL = new RegExp(`^(?:${FOLDERS})?${WORD}$`);
/** `node:port`, `IPv6.port`, either with a route domain (`%1`) behind the address. */
const MEMBER = new RegExp(
  `^(?:${FOLDERS})?(?:::)?[A-Za-z0-9_][A-Za-z0-9_.:-]{0,199}(?:%\\d{1,5}[:.]\\d{1,5})?$`,
);
const DEFAULT_PARTITION = 'Common';

export function assertPoolName(pool: string): void {
  if (!POOL.test(pool)) throw unsafe('pool', pool);
}

export function assertMemberName(member: string): void {
  if (!MEMBER.test(member)) throw unsafe('member', member);
}

function unsafe(what: 'pool' | 'member', name: string): OperationError {
  return new OperationError(
    'UNSAFE_NAME',
    `Naming ${what} ${JSON.stringify(name.slice(0, 80))}: only names of letters, digits and "_ . : -", with a partition ("/Common/…") and a route domain ("%1") where there is one, may reach a BIG-IP.`,
  );
}

/** `/Common/web` of `web`: what is said without a partition is in the one that every unit has. */
export function fullPool(pool: string): string {
  return pool.startsWith('/') ? pool : `/${DEFAULT_PARTITION}/${pool}`;
}

/** `/Tenant_A` of `/Tenant_A/web`. */
function folderOf(fullPath: string): string {
  return fullPath.slice(0, fullPath.lastIndexOf('/'));
}

/** A member as people say it: without the partition when that is its pool's. */
export function shortMember(pool: string, fullPath: string): string {
  const folder = folderOf(fullPool(pool));
  const isSame = folderOf(fullPath) === folder;
  return isSame ? fullPath.slice(folder.length + 1) : fullPath;
}

/** The inverse of `shortMember`. */
export function fullMember(pool: string, member: string): string {
  return member.startsWith('/') ? member : `${folderOf(fullPool(pool))}/${member}`;
}

export interface NodeAndPort {
  readonly node: string;
  readonly port: number;
}

/** A member's name taken apart; port 0 when it has none. Behind an IPv6 address the port stands after a dot. */
export function nodeAndPort(member: string): NodeAndPort {
  const isSix = member.indexOf(':') !== member.lastIndexOf(':');
  const cut = member.lastIndexOf(isSix ? '.' : ':');
  const port = member.slice(cut + 1);
  if (cut <= 0 || !/^\d{1,5}$/.test(port)) return { node: member, port: 0 };
  return { node: member.slice(0, cut), port: Number(port) };
}

/** An object's full path as it stands in a URL: `/` is `~`, and a `%` is written so that one is left on the unit. */
export function inUrl(fullPath: string): string {
  return encodeURIComponent(fullPath.replaceAll('/', '~')).replaceAll('%3A', ':');
}

export function poolUrl(pool: string): string {
  return `/mgmt/tm/ltm/pool/${inUrl(fullPool(pool))}`;
}

export function memberUrl(pool: string, member: string): string {
  return `${poolUrl(pool)}/members/${inUrl(fullMember(pool, member))}`;
}
