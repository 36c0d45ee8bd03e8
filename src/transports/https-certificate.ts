import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { openDeadline } from './deadline.ts';
import { WayFault } from './stream-socket.ts';
import { wordsOf } from './system-error.ts';

/**
 * How the device proves that it is the right one: by the SHA-256 fingerprint of its certificate (pairs of hex
 * digits with colons, as openssl prints it), or by a file of authorities (PEM). Without either, the authorities
 * of this installation of Node count.
 */
export type CertificateProof = { readonly fingerprint: string } | { readonly caFile: string };

export interface HttpsPlace {
  /** Canonical address or name. */
  readonly host: string;
  readonly port: number;
  readonly proof?: CertificateProof;
}

/**
 * A TLS connection whose other end has proved itself: nothing of ours was written before. Rejects with WayFault:
 * UNREACHABLE, or HOST_KEY with the fingerprint that was seen.
 */
export async function connectVerified(place: HttpsPlace, connectMsMax: number): Promise<TLSSocket> {
  const { host, port, proof } = place;
  const authorities =
    proof !== undefined && 'caFile' in proof ? await authoritiesIn(proof.caFile) : undefined;
  const deadline = openDeadline(connectMsMax, []);
  const socket = connect({
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(authorities === undefined ? {} : { ca: authorities.pem }),
    ALPNProtocols: ['http/1.1'],
    // Judged below, before the first byte: only so can the message say which certificate was shown.
    rejectUnauthorized: false,
    checkServerIdentity: (name, certificate) =>
      authorities?.has(certificate) === true ? undefined : checkServerIdentity(name, certificate),
  });
  try {
    await established(socket, deadline.signal, deadline.reason);
    const fault = distrustOf(socket, proof);
    if (fault !== undefined) throw fault;
    socket.setNoDelay(true);
    return socket;
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  } finally {
    deadline.release();
  }
}

function established(socket: TLSSocket, signal: AbortSignal, reason: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (work: () => void) => {
      signal.removeEventListener('abort', onLate);
      work();
    };
    const onLate = () =>
      settle(() => reject(new WayFault('UNREACHABLE', `no encrypted connection: ${reason()}`)));
    signal.addEventListener('abort', onLate, { once: true });
    socket.once('secureConnect', () => settle(resolve));
    // For the socket's life: an error that nobody waits for must not end the process.
    socket.on('error', (error) =>
      settle(() => reject(new WayFault('UNREACHABLE', wordsOf(error).words, { cause: error }))),
    );
    socket.once('close', () =>
      settle(() =>
        reject(new WayFault('UNREACHABLE', 'the connection was closed at the greeting')),
      ),
    );
  });
}

function distrustOf(socket: TLSSocket, proof: CertificateProof | undefined): WayFault | undefined {
  const seen = socket.getPeerCertificate().fingerprint256;
  if (proof !== undefined && 'fingerprint' in proof) {
    if (seen === proof.fingerprint) return undefined;
    return new WayFault(
      'HOST_KEY',
      `its certificate is not the one of the inventory, ${proof.fingerprint}; it showed ${seen}. It was replaced, or somebody stands in between. No password was sent`,
    );
  }
  if (socket.authorized) return undefined;
  const why: unknown = socket.authorizationError;
  const code = why instanceof Error && 'code' in why ? String(why.code) : String(why);
  return new WayFault(
    'HOST_KEY',
    `its certificate (fingerprint ${seen}) is not vouched for: ${code}. No password was sent`,
  );
}

interface Authorities {
  readonly pem: string;
  /** True for a certificate that stands in the file itself: it needs no fitting name. */
  readonly has: (certificate: PeerCertificate) => boolean;
}

/** Read at every connection, so that a replaced file counts without a restart. */
async function authoritiesIn(file: string): Promise<Authorities> {
  try {
    const pem = await readFile(file, 'utf8');
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    if (blocks.length === 0) throw new Error('it holds no certificate (PEM)');
    const known = new Set(blocks.map((block) => new X509Certificate(block).fingerprint256));
    return { pem, has: ({ fingerprint256 }) => known.has(fingerprint256) };
  } catch (error) {
    const { words } = wordsOf(error, 'file');
    throw new WayFault('HOST_KEY', `the certificates in ${file} cannot be read: ${words}`, {
      cause: error,
    });
  }
}
