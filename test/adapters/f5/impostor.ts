import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { F5UnitPlace } from '../../../src/domain/inventory.ts';
import { selfSigned } from '../../../src/sandbox/f5/certificate.ts';
import type { Misbehaviour } from '../contract-device.ts';

/** Lets everybody log in and says it is active; whatever it is asked about pools, it answers wrongly. */
export interface Impostor {
  readonly place: F5UnitPlace;
  manner: Misbehaviour;
  /** Requests about pools. */
  received: number;
  close(): Promise<void>;
}

const REPLY_BYTES = 6 * 1024 * 1024;

const envelope = (operation: string, returned: string) =>
  `<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><m:${operation}Response xmlns:m="urn:iControl:X"><return>${returned}</return></m:${operation}Response></E:Body></E:Envelope>`;

const json = (value: unknown) => JSON.stringify(value);

/** What it answers as a unit would; undefined where it misbehaves. */
function civil(url: string, body: string): string | undefined {
  if (url === '/mgmt/shared/authn/login') {
    return json({ token: { token: 'A'.repeat(26), timeout: 1200 } });
  }
  if (url.startsWith('/mgmt/shared/authz/tokens/')) return json({});
  if (url === '/mgmt/tm/cm/failover-status') {
    const entries = { status: { description: 'ACTIVE' } };
    return json({ entries: { 'https://localhost/x/0': { nestedStats: { entries } } } });
  }
  if (body.includes('get_failover_state')) {
    return envelope('get_failover_state', 'FAILOVER_STATE_ACTIVE');
  }
  if (body.includes('get_version')) return envelope('get_version', 'BIG-IP_v11.6.0');
  return undefined;
}

export async function startImpostor(manner: Misbehaviour): Promise<Impostor> {
  const { key, certificate, fingerprint256 } = selfSigned();
  const server = createServer({ key, cert: certificate }, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      const text = civil(request.url ?? '', body);
      if (text !== undefined) response.end(text);
      else {
        impostor.received += 1;
        misbehave(response, impostor.manner);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const impostor: Impostor = {
    place: {
      host: '127.0.0.1',
      port: address.port,
      proof: { fingerprint: fingerprint256 },
    },
    manner,
    received: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return impostor;
}

function misbehave(response: ServerResponse, manner: Misbehaviour): void {
  switch (manner) {
    case 'silent':
      return;
    case 'garbage':
      response.setHeader('content-type', 'text/html');
      response.end('<html><body>It works!</body></html>');
      return;
    case 'cut':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"kind":"tm:ltm', () => response.destroy());
      return;
    case 'huge':
      response.end(' '.repeat(REPLY_BYTES));
      return;
  }
}
