import { get } from 'node:http';
import { get as getSafely } from 'node:https';
import { F5_POOL } from './f5-names.ts';
import type { DemoF5 } from './start-f5.ts';

/*
 * Reads the simulated units as any client could, and what the simulator wrote down of the requests it got. It shares
 * no code with the adapter on purpose: the script must not believe what it checks.
 */

const ANSWER_MS_MAX = 3_000;

/** The word for `session` that a unit gives for each member, `user-disabled` for one that is out. */
export async function sessionsAt(f5: DemoF5, url: string): Promise<ReadonlyMap<string, string>> {
  const { username, password, certificate } = f5.sim;
  const answer: unknown = JSON.parse(
    await textOf(getSafely, `${url}/mgmt/tm/ltm/pool/${F5_POOL.replaceAll('/', '~')}/members`, {
      auth: `${username}:${password}`,
      ca: certificate,
      // The certificate is the very one; it names no address.
      checkServerIdentity: () => undefined,
    }),
  );
  const items = Reflect.get(Object(answer), 'items');
  if (!Array.isArray(items)) throw new Error(`${url} answered without members.`);
  return new Map(items.map(({ name, session }) => [String(name), String(session)]));
}

export interface F5Request {
  readonly unit: string;
  readonly method: string;
  readonly url: string;
}

/** Requests that wanted to change something of the pool, in the order in which they came. */
export async function writesTo(f5: DemoF5): Promise<readonly F5Request[]> {
  const log = await textOf(get, `${f5.sim.controlUrl}/log`, {});
  const lines = log.split('\n').filter((line) => line !== '');
  const requests = lines.map((line) => JSON.parse(line) as F5Request);
  return requests.filter(({ method, url }) => method !== 'GET' && url.includes('/ltm/'));
}

function textOf(
  ask: typeof get | typeof getSafely,
  url: string,
  options: Parameters<typeof getSafely>[1],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = ask(url, { ...options, agent: false, timeout: ANSWER_MS_MAX }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${url} answered HTTP ${response.statusCode}`));
      });
    });
    asked.on('timeout', () =>
      asked.destroy(new Error(`${url} did not answer within ${ANSWER_MS_MAX / 1000} s`)),
    );
    asked.on('error', reject);
  });
}
