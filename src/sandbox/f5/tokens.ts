import { randomBytes, randomInt } from 'node:crypto';
import type { Account } from './accounts.ts';
import type { SimClock } from './clock.ts';

export const TOKEN_LIFE_S = 1200;
export const TOKEN_LIFE_S_MAX = 36_000;
/** Live tokens of one user; `admin` has no limit. */
export const TOKENS_MAX = 100;

/** An expired token is remembered this long, so that its user hears "expired" and not "does not exist". */
const REMEMBERED_MS = 3_600_000;

export interface Token {
  readonly value: string;
  readonly account: Account;
  readonly address: string;
  readonly startMs: number;
  lifeS: number;
  updatedMs: number;
}

export const expiryMs = (token: Token): number => token.startMs + token.lifeS * 1000;

export interface Tokens {
  /** `undefined` at the limit. */
  issue(account: Account, address: string): Token | undefined;
  find(value: string): Token | undefined;
  isLive(token: Token): boolean;
  remove(value: string): void;
  /** Live ones. */
  list(): Token[];
  expireAll(): void;
  removeAll(): void;
}

export function createTokens(clock: SimClock): Tokens {
  const tokens = new Map<string, Token>();
  const isLive = (token: Token) => clock.now() < expiryMs(token);
  return {
    issue(account, address) {
      for (const [value, token] of tokens) {
        if (clock.now() > expiryMs(token) + REMEMBERED_MS) tokens.delete(value);
      }
      const own = [...tokens.values()].filter(
        (token) => token.account.username === account.username && isLive(token),
      );
      if (account.username !== 'admin' && own.length >= TOKENS_MAX) return undefined;
      const now = clock.now();
      const value = newValue();
      const token: Token = {
        value,
        account,
        address,
        startMs: now,
        lifeS: TOKEN_LIFE_S,
        updatedMs: now,
      };
      tokens.set(value, token);
      return token;
    },
    find: (value) => tokens.get(value),
    isLive,
    remove: (value) => void tokens.delete(value),
    list: () => [...tokens.values()].filter(isLive),
    expireAll() {
      for (const token of tokens.values()) {
        token.lifeS = Math.min(token.lifeS, Math.floor((clock.now() - token.startMs) / 1000));
      }
    },
    removeAll: () => tokens.clear(),
  };
}

/** 26 characters of A-Z and 2-7, as the device makes them. */
function newValue(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from({ length: 26 }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** For numbers that only have to differ. */
export const anyNumber = (): number => randomBytes(4).readUInt32BE() >>> 1;
