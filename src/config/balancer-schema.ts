import { z } from 'zod';
import { isPlainSocketPath, parseSshTarget, parseTcpSocket } from '../domain/endpoint.ts';
import { block } from './block.ts';
import { f5 } from './f5-schema.ts';
import { secretPlace } from './secret-place.ts';

/*
 * The shape of one balancer. Which keys go together is looked at in balancer-ways.ts, so that it is reported in
 * the same run as everything else.
 */

function plainPath(what: string) {
  const expected = `an absolute path of ${what}, of letters, digits and / . _ + @ -, at most 107 long`;
  return z.string({ error: expected }).refine(isPlainSocketPath, { error: expected });
}

const socketExpected =
  'an absolute path of the stats socket, at most 107 characters, or tcp://host:port';

function absolutePath(what: string) {
  const expected = `an absolute path of ${what}`;
  return z.string({ error: expected }).regex(/^\/[^\p{Cc}]{1,1000}$/u, { error: expected });
}

function sshTarget(what: string) {
  const expected = `${what}, as user@host or user@host:port`;
  return z.string({ error: expected }).transform((text, context) => {
    const target = parseSshTarget(text);
    if (target !== undefined) return target;
    context.addIssue(expected);
    return z.NEVER;
  });
}

const fingerprintExpected =
  'the fingerprint that "ssh-keygen -lf" prints: SHA256: and 43 characters';
const fingerprint = z
  .string({ error: fingerprintExpected })
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, { error: fingerprintExpected });

/** What keepalived on that host tells us, by the reader that `lb keepalived notify-script` prints. */
const notify = block({ token: secretPlace('the token') }).optional();

const haproxy = block({
  kind: z.literal('haproxy'),
  socket: z.string({ error: 'the path of the stats socket, or tcp://host:port' }).refine(
    // sun_path of a unix socket holds 107 bytes.
    (text) => /^\/[^\p{Cc}]{1,106}$/u.test(text) || parseTcpSocket(text) !== undefined,
    { error: socketExpected },
  ),
  insecure_socket: z.literal('accepted', { error: 'the word accepted' }).optional(),
  ssh: sshTarget('the host of the socket').optional(),
  ssh_key: absolutePath('a private key').optional(),
  ssh_agent: absolutePath("an ssh agent's socket").optional(),
  host_key: fingerprint.optional(),
  known_hosts: absolutePath('a known_hosts file').optional(),
  jump: sshTarget('the host to go through').optional(),
  jump_host_key: fingerprint.optional(),
  via: z.literal(['forward', 'socat'], { error: 'forward or socat' }).optional(),
  master_socket: plainPath("the master's socket").optional(),
  server_state_file: plainPath('the server-state-file').optional(),
  notify,
});

const lvs = block({
  kind: z.literal('lvs'),
  ssh: sshTarget('the director'),
  ssh_key: absolutePath('a private key').optional(),
  ssh_agent: absolutePath("an ssh agent's socket").optional(),
  host_key: fingerprint.optional(),
  known_hosts: absolutePath('a known_hosts file').optional(),
  jump: sshTarget('the host to go through').optional(),
  jump_host_key: fingerprint.optional(),
  helper: plainPath('the helper on the director').optional(),
  disable_by: z.literal(['weight', 'delete'], { error: 'weight or delete' }).optional(),
  check_from: z.literal(['director', 'worker'], { error: 'director or worker' }).optional(),
  when_undone: z.literal(['restore', 'refuse'], { error: 'restore or refuse' }).optional(),
  notify,
});

export const balancer = z.discriminatedUnion('kind', [haproxy, f5, lvs], {
  error: (issue) => (issue.code === 'invalid_union' ? 'haproxy, f5 or lvs' : 'a block with kind'),
});

export type BalancerInFile = z.output<typeof balancer>;
export type HaproxyInFile = z.output<typeof haproxy>;
export type LvsInFile = z.output<typeof lvs>;
