import { z } from 'zod';
import { canonicalAddress } from '../domain/address.ts';
import { SEVERITIES } from '../domain/incident.ts';
import type { Principals } from '../domain/inventory.ts';
import { isDeviceName, isMemberName } from '../domain/names.ts';
import { tcpPlace } from '../domain/probed-vip.ts';
import { parsePool, poolText } from '../domain/virtual-service.ts';
import { duration, minAvailable } from './amounts.ts';
import { balancer } from './balancer-schema.ts';
import { block } from './block.ts';
import { f5Pool } from './f5-schema.ts';

/*
 * The shape of the inventory file. Every message is the `expected` of a fault, except for unknown keys,
 * where it is the list of the known ones. Names that are keys, and names that refer to something, are
 * looked at in cross-check.ts.
 */

const LIVE =
  'not a name, which others can take (`lb config check --live` prints the id for a name)';
const principalExpected = `a Slack user id (U… or W…) or user group id (S…), ${LIVE}`;
const channelExpected = `a Slack channel id (C… or G…), ${LIVE}`;
const userExpected = `a Slack user id (U… or W…), ${LIVE}`;
const channel = z
  .string({ error: channelExpected })
  .regex(/^[CG][A-Z0-9]{2,20}$/, { error: channelExpected });
const requiredExpected = 'how many people must approve, 0 to 5';
const quoteExpected = 'text (put quotes round it)';

function named<Value extends z.ZodType>(value: Value, what: string) {
  return z.record(z.string(), value, { error: `a block of ${what}, each under its name` });
}

/** Not a union of zod's: that would report `no option fits` instead of the one id that is wrong. */
const principals = z.unknown().transform((given, context): Principals => {
  if (given === 'workspace') return given;
  if (!Array.isArray(given)) {
    context.addIssue('a list of Slack ids, or the word workspace');
    return z.NEVER;
  }
  for (const [index, id] of given.entries()) {
    if (typeof id !== 'string' || !/^[UWS][A-Z0-9]{2,20}$/.test(id)) {
      context.addIssue({ code: 'custom', message: principalExpected, path: [index] });
    }
  }
  return given;
});

const deviceName = z
  .string({ error: quoteExpected })
  .refine(isDeviceName, { error: 'a name of letters, digits and . _ : - (no space, ; or <)' });

const memberName = z
  .string({ error: quoteExpected })
  .refine(isMemberName, { error: 'a name of letters, digits and . _ : - (no space, ; or <)' });

const vipExpected =
  'a virtual service, as 192.168.100.11:80, [fd00::11]:80, udp://192.168.100.11:53, sctp://… or fwmark:7';
const virtualService = z.string({ error: vipExpected }).transform((text, context) => {
  const service = parsePool(text);
  if (service !== undefined) return poolText(service);
  context.addIssue(vipExpected);
  return z.NEVER;
});

const guard = block({ min_available: minAvailable.optional() });

const environment = block({
  roles: block({
    viewers: principals.optional(),
    operators: principals.optional(),
    approvers: principals.optional(),
    break_glass: principals.optional(),
  }).optional(),
  approval: block({
    required: z
      .int({ error: requiredExpected })
      .min(0, { error: requiredExpected })
      .max(5, { error: requiredExpected }),
    expires: duration('1s', '24h').optional(),
  }).optional(),
  guard: guard.optional(),
});

const vrrpExpected = 'the name of a vrrp_instance of keepalived.conf';
const vipsExpected = 'a list of the addresses that only the MASTER has';
const vip = z
  .string({ error: vipsExpected })
  .refine((text) => canonicalAddress(text) !== undefined, { error: vipsExpected })
  .transform((text) => canonicalAddress(text) ?? text);
const probedExpected =
  'the address and port of the VIP that take a TCP connection, as 192.168.1.1:80 or [fd00::11]:80';
const probedPlace = z.string({ error: probedExpected }).transform((text, context) => {
  const place = tcpPlace(text);
  if (place !== undefined) return place;
  context.addIssue(probedExpected);
  return z.NEVER;
});
const pair = block({
  nodes: z
    .array(z.string({ error: quoteExpected }), { error: 'a list of two balancers' })
    .length(2, { error: 'two balancers, in the order in which they are changed' }),
  vrrp: z
    .string({ error: vrrpExpected })
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, { error: vrrpExpected })
    .optional(),
  vips: z.array(vip, { error: vipsExpected }).min(1, { error: vipsExpected }).optional(),
  probe: duration('50ms', '10s').optional(),
  probe_at: probedPlace.optional(),
  channel: channel.optional(),
});

const mentionsExpected = 'a list of Slack user ids (U… or W…) and user group ids (S…)';
const mentions = z
  .array(
    z
      .string({ error: principalExpected })
      .regex(/^[UWS][A-Z0-9]{2,20}$/, { error: principalExpected }),
    { error: mentionsExpected },
  )
  .max(10, { error: 'at most 10 ids' });

const announce = block({
  channel: channel.optional(),
  from: z.enum(SEVERITIES, { error: 'info, warning or critical' }).optional(),
  mention: block({
    info: mentions.optional(),
    warning: mentions.optional(),
    critical: mentions.optional(),
  }).optional(),
});

const portExpected = 'a port, 1 to 65535';
const service = block({
  environment: z.string({ error: 'the name of an environment' }),
  channel: channel.optional(),
  aliases: z.array(z.string({ error: quoteExpected }), { error: 'a list of names' }).optional(),
  members: z
    .array(memberName, { error: "a list of the members' names on the balancer" })
    .min(1, { error: "at least one member's name (or leave the key out)" })
    .optional(),
  guard: guard.optional(),
  check_port: z
    .int({ error: portExpected })
    .min(1, { error: portExpected })
    .max(65_535, { error: portExpected })
    .optional(),
  serving_within: duration('100ms', '10m').optional(),
  quiet_for: duration('100ms', '10m').optional(),
  drain_for: duration('100ms', '1h').optional(),
  pools: z
    .array(
      block({
        on: z.string({ error: 'the name of a balancer or pair' }),
        backend: deviceName.optional(),
        pool: f5Pool.optional(),
        vip: virtualService.optional(),
      }),
      { error: 'a list of { on, backend }, { on, pool } or { on, vip }' },
    )
    .min(1, { error: 'at least one { on, backend }, { on, pool } or { on, vip }' }),
});

export const inventorySchema = block({
  environments: named(environment, 'environments'),
  balancers: named(balancer, 'balancers'),
  pairs: named(pair, 'pairs').optional(),
  services: named(service, 'services'),
  shell: named(
    z.string({ error: userExpected }).regex(/^[UW][A-Z0-9]{2,20}$/, { error: userExpected }),
    'Slack user ids',
  ).optional(),
  announce: announce.optional(),
});

export type InventoryFile = z.output<typeof inventorySchema>;
