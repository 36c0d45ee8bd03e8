import { request } from 'node:https';
import { PASSWORD } from './site.ts';

/** One request to a unit of the simulator as its administrator, by basic authentication. */
export function unitRequest(
  url: string,
  method: string,
  path: string,
  body: object,
  password: string = PASSWORD,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const asked = request(
      new URL(path, url),
      {
        method,
        auth: `admin:${password}`,
        headers: { 'content-type': 'application/json', 'content-length': text.length },
        // The simulator of this process, on the loopback interface.
        rejectUnauthorized: false,
        agent: false,
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    asked.once('error', reject);
    asked.end(text);
  });
}
