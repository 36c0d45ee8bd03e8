import { createPrivateKey, X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../src/sandbox/f5/certificate.ts';
import { type F5Sim, startF5Sim } from '../../../src/sandbox/f5/start.ts';

describe('a self-signed certificate', () => {
  const { certificate, key, fingerprint256 } = selfSigned();
  const read = new X509Certificate(certificate);

  it('names the device as devices do, and belongs to its key', () => {
    expect(read.subject).toBe('CN=localhost.localdomain');
    expect(read.issuer).toBe(read.subject);
    expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.fingerprint256).toBe(fingerprint256);
  });

  it('is valid now and for years', () => {
    expect(new Date(read.validFrom).getTime()).toBeLessThan(Date.now());
    expect(new Date(read.validTo).getTime()).toBeGreaterThan(Date.now() + 365 * 86_400_000);
  });

  it('is another one each time, with a serial number that is positive', () => {
    const others = Array.from({ length: 30 }, () => new X509Certificate(selfSigned().certificate));
    expect(new Set(others.map((other) => other.serialNumber)).size).toBe(30);
    expect(others.some((other) => other.serialNumber.startsWith('-'))).toBe(false);
  });
});

describe('a client that checks', () => {
  let sim: F5Sim;
  beforeAll(async () => {
    sim = await startF5Sim();
  });
  afterAll(() => sim.close());

  /** `authorized`, or the code of the error. */
  const outcome = (options: object) =>
    new Promise<string>((resolve) => {
      const socket = connect(
        { port: sim.units[0]?.port ?? 0, host: '127.0.0.1', ...options },
        () => {
          resolve('authorized');
          socket.destroy();
        },
      );
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });

  it('meets what it meets on a device', async () => {
    expect(await outcome({})).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(await outcome({ ca: sim.certificate })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    const named = { ca: sim.certificate, servername: 'localhost.localdomain' };
    expect(await outcome(named)).toBe('authorized');
  });
});
