export type Role = 'admin' | 'operator' | 'guest';

export interface Account {
  readonly username: string;
  readonly password: string;
  readonly role: Role;
}

/** `undefined` for an unknown user or a wrong password. */
export const accountOf = (
  accounts: readonly Account[],
  username: string,
  password: string,
): Account | undefined =>
  accounts.find((account) => account.username === username && account.password === password);

/** User and password of an `Authorization: Basic` header. */
export function basicCredentials(
  header: string | undefined,
): { username: string; password: string } | undefined {
  const encoded = /^basic\s+([\w+/=-]+)\s*$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const cut = text.indexOf(':');
  return cut < 0 ? undefined : { username: text.slice(0, cut), password: text.slice(cut + 1) };
}

/** Keys that the role Operator may write on members and nodes. */
const OPERATOR_KEYS = new Set(['session', 'state']);

export const mayWriteKeys = (role: Role, keys: readonly string[]): boolean =>
  role === 'admin' || (role === 'operator' && keys.every((key) => OPERATOR_KEYS.has(key)));
