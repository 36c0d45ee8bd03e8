import { z } from 'zod';
import type { Balancer } from '../../domain/inventory.ts';
import { settingsOf } from '../settings.ts';

const FINGERPRINT = /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/;

const unit = z.strictObject({
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535),
  proof: z
    .union([
      z.strictObject({
        fingerprint: z.string().regex(FINGERPRINT, 'must be 32 pairs of hex digits with colons'),
      }),
      z.strictObject({ caFile: z.string().startsWith('/', 'must be an absolute path') }),
    ])
    .exactOptional(),
});

const settings = z
  .strictObject({
    name: z.string().min(1),
    kind: z.literal('f5'),
    units: z.array(unit).min(1).max(2),
    username: z.string().min(1),
    password: z.union([
      z.strictObject({ env: z.string().min(1) }),
      z.strictObject({ file: z.string().min(1) }),
    ]),
    trafficGroup: z.string().startsWith('/', 'must be a full path').exactOptional(),
    sync: z.enum(['warn', 'auto']),
    api: z.enum(['rest', 'soap']),
  })
  .refine(({ api, sync }) => api === 'rest' || sync === 'warn', {
    path: ['sync'],
    error: 'must be warn where api is soap, which has no words for more',
  })
  .refine(({ api, trafficGroup }) => api === 'rest' || trafficGroup === undefined, {
    path: ['trafficGroup'],
    error: 'must not be there where api is soap, which does not name traffic groups',
  });

export type F5Settings = Readonly<z.infer<typeof settings>>;

/** The settings of one BIG-IP or pair from the inventory; throws UNSUPPORTED with every fault in one line. */
export function f5Settings(balancer: Balancer): F5Settings {
  return settingsOf(settings, balancer);
}
