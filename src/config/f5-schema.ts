import { z } from 'zod';
import { canonicalAddress } from '../domain/address.ts';
import type { F5UnitPlace } from '../domain/inventory.ts';
import { block } from './block.ts';
import { secretPlace } from './secret-place.ts';

/*
 * The shape of one BIG-IP or pair of them. Which keys go together is looked at in f5-ways.ts, so that it is reported
 * in the same run as everything else.
 */

const HTTPS_PORT = 443;
const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

/** `https://host` or `https://host:port`, and nothing behind it; undefined for anything else. */
export function parseUnitUrl(text: string): Pick<F5UnitPlace, 'host' | 'port'> | undefined {
  if (!/^https:\/\/[^/?#@]+\/?$/.test(text) || !URL.canParse(text)) return undefined;
  const { hostname, port } = new URL(text);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const isHost = canonicalAddress(host) !== undefined || HOST_NAME.test(host);
  return isHost ? { host, port: port === '' ? HTTPS_PORT : Number(port) } : undefined;
}

function unitUrl(what: string) {
  const expected = `${what}, as https://host or https://host:port`;
  return z.string({ error: expected }).transform((text, context) => {
    const place = parseUnitUrl(text);
    if (place !== undefined) return place;
    context.addIssue(expected);
    return z.NEVER;
  });
}

const fingerprintExpected =
  'the SHA-256 fingerprint of its certificate, as "openssl x509 -noout -fingerprint -sha256" prints it: 32 pairs of hex digits';

/** As Node writes it, whatever the case and with or without colons. */
const fingerprint = z.string({ error: fingerprintExpected }).transform((text, context) => {
  const digits = text.replaceAll(':', '').toUpperCase();
  if (/^[0-9A-F]{64}$/.test(digits)) return digits.replaceAll(/(..)(?!$)/g, '$1:');
  context.addIssue(fingerprintExpected);
  return z.NEVER;
});

const path = /^\/[^\p{Cc}]{1,1000}$/u;
const usernameExpected = 'the name of a user of the unit; the role Operator is enough';
const caExpected = 'an absolute path of a file of certificates (PEM)';
const groupExpected = 'the full path of a traffic group, for instance /Common/traffic-group-1';

export const f5 = block({
  kind: z.literal('f5'),
  url: unitUrl('the management address of the unit'),
  peer: unitUrl('the management address of the other unit').optional(),
  username: z
    .string({ error: usernameExpected })
    .regex(/^[^\s:\p{Cc}]{1,100}$/u, { error: usernameExpected }),
  password: secretPlace('the password'),
  fingerprint: fingerprint.optional(),
  peer_fingerprint: fingerprint.optional(),
  ca: z.string({ error: caExpected }).regex(path, { error: caExpected }).optional(),
  traffic_group: z
    .string({ error: groupExpected })
    .regex(/^\/[\w.-]{1,100}(?:\/[\w.-]{1,100}){1,4}$/, { error: groupExpected })
    .optional(),
  sync: z.literal(['warn', 'auto'], { error: 'warn or auto' }).optional(),
  api: z.literal(['rest', 'soap'], { error: 'rest or soap' }).optional(),
});

export type F5InFile = z.output<typeof f5>;

const poolExpected =
  "the pool's name, or its full path with the partition: /Tenant_A/app_pool (letters, digits and . _ -)";

/** Under the key `pool` of a service. */
export const f5Pool = z
  .string({ error: poolExpected })
  .regex(/^(?:\/[\w.-]{1,100}){2,6}$|^\w[\w.-]{0,99}$/, { error: poolExpected });

/** The one path of a pool, however it is written. */
export function f5PoolPath(pool: string): string {
  return pool.startsWith('/') ? pool : `/Common/${pool}`;
}
