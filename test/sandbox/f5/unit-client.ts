import { Agent, request as httpsRequest } from 'node:https';
import type { F5Sim } from '../../../src/sandbox/f5/start.ts';

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body read as JSON; `undefined` when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly json: any;
}

export interface Asked {
  readonly unit?: number;
  readonly body?: object | string;
  readonly token?: string;
  /** `admin` with the right password when neither this nor a token is given; `null` for nothing at all. */
  readonly basic?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

const agent = new Agent({ rejectUnauthorized: false, keepAlive: true });

/** A client that checks nothing of the certificate. */
export function ask(sim: F5Sim, method: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { unit = 0, body, token, headers } = asked;
  const basic = asked.basic === undefined ? `${sim.username}:${sim.password}` : asked.basic;
  const url = sim.units[unit]?.url ?? '';
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const sent: Record<string, string> = { 'Content-Type': 'application/json', ...headers };
  if (token !== undefined) sent['X-F5-Auth-Token'] = token;
  else if (basic !== null) {
    sent.Authorization = `Basic ${Buffer.from(basic).toString('base64')}`;
  }
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(`${url}${path}`, { method, agent, headers: sent }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        const whole = Buffer.concat(chunks).toString('utf8');
        resolve({
          status: incoming.statusCode ?? 0,
          statusText: incoming.statusMessage ?? '',
          headers: incoming.headers,
          text: whole,
          json: jsonOrNothing(whole),
        });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(text);
  });
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const LOGIN = '/mgmt/shared/authn/login';

export const logIn = (sim: F5Sim, username: string, password = sim.password, unit = 0) =>
  ask(sim, 'POST', LOGIN, {
    unit,
    basic: null,
    body: { username, password, loginProviderName: 'tmos' },
  });

export const tokenFor = async (sim: F5Sim, username: string, unit = 0): Promise<string> =>
  (await logIn(sim, username, sim.password, unit)).json.token.token;

export const POOL = '/mgmt/tm/ltm/pool/~Common~test.tianya.cn';
export const MEMBER = `${POOL}/members/~Common~192.168.100.42:80`;
export const RAW = '/mgmt/tm/ltm/pool/~Common~raw_pool/members/~Common~10.0.1.11:8080';

/** The entries of the only object in an answer of statistics, as plain values. */
export async function statsOf(
  sim: F5Sim,
  path: string,
  asked: Asked = {},
): Promise<Record<string, string | number>> {
  const { entries } = (await ask(sim, 'GET', `${path}/stats`, asked)).json;
  const [only = {}, ...others] = Object.values<object>(entries);
  if (others.length > 0) throw new Error('more than one object');
  return plainEntries(only);
}

/** `{ nestedStats: { entries: { key: { value | description } } } }` to `{ key: … }`. */
export function plainEntries(nested: object): Record<string, string | number> {
  const { nestedStats } = nested as {
    nestedStats: { entries: Record<string, { value?: number; description?: string }> };
  };
  return Object.fromEntries(
    Object.entries(nestedStats.entries).map(([key, { value, description }]) => [
      key,
      value ?? description ?? '',
    ]),
  );
}
