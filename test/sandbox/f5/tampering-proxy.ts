import { createServer, request as httpsRequest } from 'node:https';
import { selfSigned } from '../../../src/sandbox/f5/certificate.ts';

/** What is done to requests and answers on their way. */
export interface Tampering {
  /** Address of a request, before it is passed on. */
  readonly url?: (url: string) => string;
  /** Body of an answer, for the address it belongs to. */
  readonly body?: (body: string, url: string, method: string) => string;
  /** Names of headers that an answer loses. */
  readonly without?: readonly string[];
}

export interface TamperingProxy {
  readonly port: number;
  /** Addresses of all requests so far. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

/** Stands between a client and the simulator and makes it a wrong one: so that a judge can be seen to judge. */
export async function tamperingProxy(target: string, how: Tampering): Promise<TamperingProxy> {
  const { key, certificate } = selfSigned();
  const seen: string[] = [];
  const server = createServer({ key, cert: certificate }, (incoming, outgoing) => {
    const url = incoming.url ?? '/';
    const method = incoming.method ?? 'GET';
    seen.push(url);
    const onward = httpsRequest(
      `${target}${how.url?.(url) ?? url}`,
      { method, headers: incoming.headers, rejectUnauthorized: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const body = Buffer.from(how.body?.(text, url, method) ?? text);
          const headers = { ...answer.headers, 'content-length': String(body.length) };
          for (const name of how.without ?? []) Reflect.deleteProperty(headers, name);
          outgoing.writeHead(answer.statusCode ?? 502, headers);
          outgoing.end(body);
        });
      },
    );
    onward.once('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
