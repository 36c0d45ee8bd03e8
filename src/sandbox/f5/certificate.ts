import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';

export interface Certificate {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  /** SHA-256, as `AA:BB:…`. */
  readonly fingerprint256: string;
}

const DAY_MS = 86_400_000;
const YEARS = 10;

type KeyPair = ReturnType<typeof newKeys>;

const newKeys = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Made once per process, since that takes long; every certificate has a serial number of its own. */
let keys: KeyPair | undefined;

/** Makes a self-signed certificate, like the one a device makes for its management interface. */
export function selfSigned(commonName = 'localhost.localdomain'): Certificate {
  keys ??= newKeys();
  const { privateKey, publicKey } = keys;
  const name = sequence(set(sequence(oid(2, 5, 4, 3), utf8(commonName))));
  const algorithm = sequence(oid(1, 2, 840, 113549, 1, 1, 11), element(0x05));
  const now = Date.now();
  const toBeSigned = sequence(
    element(0xa0, integer(Buffer.from([2]))),
    integer(randomBytes(12)),
    algorithm,
    name,
    sequence(time(now - DAY_MS), time(now + YEARS * 365 * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const whole = sequence(toBeSigned, algorithm, element(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  const certificate = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate,
    fingerprint256: new X509Certificate(certificate).fingerprint256,
  };
}

/** One DER element: tag, length, content (X.690). */
function element(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const bytes: number[] = [];
  for (let rest = body.length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length, ...bytes]), body]);
}

const sequence = (...content: readonly Buffer[]) => element(0x30, ...content);
const set = (...content: readonly Buffer[]) => element(0x31, ...content);
const utf8 = (text: string) => element(0x0c, Buffer.from(text, 'utf8'));

/** A positive number: a leading zero where the first bit would make it negative. */
function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const shortest = first < 0 ? Buffer.from([0]) : bytes.subarray(first);
  const isNegative = ((shortest[0] ?? 0) & 0x80) !== 0;
  return element(0x02, isNegative ? Buffer.from([0]) : Buffer.alloc(0), shortest);
}

function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
  const bytes = rest.flatMap((part) => {
    const digits = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) digits.unshift(0x80 | (left & 0x7f));
    return digits;
  });
  return element(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

/** UTCTime, which is right until 2049. */
const time = (ms: number) =>
  element(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));
