import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../src/sandbox/f5/certificate.ts';
import { type HttpsUnit, httpsUnit } from '../../src/transports/https.ts';
import type { CertificateProof } from '../../src/transports/https-certificate.ts';

const certificate = selfSigned();
const limits = { exchangeMsMax: 1_500, replyBytesMax: 1000, connectionsMax: 2 };

let server: Server;
type Handler = (request: IncomingMessage, response: ServerResponse) => void;
let handler: Handler;
const seen: string[] = [];
let connections = 0;
const units: HttpsUnit[] = [];

beforeEach(async () => {
  handler = (_request, response) => response.end('{}');
  server = createServer(
    { key: certificate.key, cert: certificate.certificate },
    (request, answer) => {
      seen.push(`${request.method} ${request.url} ${request.headers['x-secret'] ?? ''}`.trim());
      handler(request, answer);
    },
  );
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const unit of units.splice(0)) unit.close();
  seen.length = 0;
  connections = 0;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function unitWith(proof?: CertificateProof): HttpsUnit {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const unit = httpsUnit({ host: '127.0.0.1', port, ...(proof ? { proof } : {}) }, limits);
  units.push(unit);
  return unit;
}

const pinned = () => unitWith({ fingerprint: certificate.fingerprint256 });

const asked = () =>
  ({
    method: 'GET',
    path: '/x',
    headers: { 'x-secret': 'word' },
    doing: 'Asking',
    signal: new AbortController().signal,
  }) as const;

const permit = async () => ({ validUntilMs: performance.now() + 100 });

describe('the certificate of the other side', () => {
  it('that is the pinned one lets the request through', async () => {
    expect(await pinned().exchange(asked())).toMatchObject({ status: 200, body: '{}' });
    expect(seen).toEqual(['GET /x word']);
  });

  it('that is another one ends in HOST_KEY before anything of the request left', async () => {
    const other = selfSigned().fingerprint256;
    await expect(unitWith({ fingerprint: other }).exchange(asked())).rejects.toMatchObject({
      code: 'HOST_KEY',
      message: expect.stringContaining(certificate.fingerprint256),
    });
    expect(seen).toEqual([]);
  });

  it('that stands in the file of authorities needs no fitting name', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'lb-ca-'));
    const caFile = join(directory, 'ca.pem');
    try {
      writeFileSync(caFile, certificate.certificate);
      expect(await unitWith({ caFile }).exchange(asked())).toMatchObject({ status: 200 });
      writeFileSync(caFile, selfSigned().certificate);
      await expect(unitWith({ caFile }).exchange(asked())).rejects.toMatchObject({
        code: 'HOST_KEY',
      });
      writeFileSync(caFile, 'nothing');
      await expect(unitWith({ caFile }).exchange(asked())).rejects.toMatchObject({
        code: 'HOST_KEY',
        message: expect.stringContaining('no certificate'),
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
    expect(seen).toHaveLength(1);
  });

  it('that nobody vouches for is refused', async () => {
    await expect(unitWith().exchange(asked())).rejects.toMatchObject({ code: 'HOST_KEY' });
    expect(seen).toEqual([]);
  });
});

describe('an exchange', () => {
  it('keeps its connection for the next one', async () => {
    const unit = pinned();
    for (let count = 0; count < 5; count += 1) await unit.exchange(asked());
    expect(connections).toBe(1);
  });

  it('waits for its turn where all connections are taken', async () => {
    const unit = pinned();
    await Promise.all(Array.from({ length: 20 }, () => unit.exchange(asked())));
    expect(connections).toBeLessThanOrEqual(limits.connectionsMax);
    expect(seen).toHaveLength(20);
  });

  it('on connections that the other side closed meanwhile is made on a new one', async () => {
    const unit = pinned();
    await Promise.all([unit.exchange(asked()), unit.exchange(asked())]);
    server.closeAllConnections();
    expect(await unit.exchange(asked())).toMatchObject({ status: 200 });
  });

  it.each<[string, Handler]>([
    ['TIMEOUT', () => {}],
    ['CUT_REPLY', (_, response) => void response.destroy()],
    [
      'CUT_REPLY',
      (_, response) => {
        response.writeHead(200, { 'content-length': '50' });
        response.write('{', () => response.destroy());
      },
    ],
    ['TOO_LARGE', (_, response) => void response.end('x'.repeat(2000))],
  ])('that goes wrong is %s, and OUTCOME_UNKNOWN for a write', async (code, wrong) => {
    handler = wrong;
    const unit = pinned();
    await expect(unit.exchange(asked())).rejects.toMatchObject({ code });
    const write = { ...asked(), method: 'PATCH', body: '{}', gate: permit } as const;
    await expect(unit.exchange(write)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(seen.filter((line) => line.startsWith('PATCH'))).toHaveLength(1);
  });

  it('asks for leave when the connection stands, and sends nothing without', async () => {
    const unit = pinned();
    const write = { ...asked(), method: 'PATCH', body: '{}' } as const;
    const refusal = new Error('no');
    const gate = async (): Promise<never> => {
      expect(connections).toBe(1);
      throw refusal;
    };
    await expect(unit.exchange({ ...write, gate })).rejects.toBe(refusal);
    const late = async () => ({ validUntilMs: performance.now() - 1 });
    await expect(unit.exchange({ ...write, gate: late })).rejects.toMatchObject({ code: 'FENCED' });
    expect(seen).toEqual([]);
  });

  it('after closing is refused, and closing ends those under way', async () => {
    handler = () => {};
    const unit = pinned();
    const waiting = unit.exchange(asked());
    await expect.poll(() => seen).toHaveLength(1);
    unit.close();
    await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(unit.exchange(asked())).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});
