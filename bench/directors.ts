import { join } from 'node:path';
import { systemClock } from '../src/bin/system-clock.ts';
import { isOpen } from '../src/domain/change.ts';
import { Secret } from '../src/domain/secret.ts';
import { redisStores } from '../src/store/stores.ts';
import { type BareDirector, bareDirector } from './director-floor.ts';
import { type DirectorLab, directorLab } from './director-lab.ts';
import type { Section } from './report.ts';
import { changeIdIn, openSite, SIGNING_KEY, type Site, type } from './site.ts';
import { median, spread } from './statistics.ts';

const SERVICE = 'test.example';
const VIP = '192.168.100.11:80';
const MEMBER = '192.168.100.78:80';
const WITHIN_MS = 120_000;

/** The lines of one change of one member on one director. */
const LINES = {
  read: `read -t ${VIP}`,
  roles: 'roles',
  write: `ipvsadm -e -t ${VIP} -r ${MEMBER} -g -w 3`,
} as const;
type Kind = keyof typeof LINES;

/**
 * The round trips that no careful product could do without, one after another; those that may run side by side count
 * once, at the price of the dearer. For the plan and again in the lane both directors are read and asked for their
 * roles; then each is written and read back, and before the second, roles and table are asked once more.
 */
const FLOOR: readonly (readonly Kind[])[] = [
  ['read', 'roles'],
  ['read', 'roles'],
  ['write'],
  ['read'],
  ['read', 'roles'],
  ['write'],
  ['read'],
];

export interface DirectorOptions {
  readonly directory: string;
  readonly changes: number;
}

async function oneWeight(site: Site, weight: number): Promise<number> {
  const { answer } = await type(site, `weight ${SERVICE} ${MEMBER} ${weight}`);
  const id = changeIdIn(answer);
  const { changes } = redisStores(site.client, systemClock, new Secret(SIGNING_KEY));
  const end = Date.now() + WITHIN_MS;
  for (;;) {
    const record = await changes.get(id);
    if (record !== undefined && !isOpen(record.state)) {
      if (record.state === 'done' && record.outcome !== undefined) {
        return record.outcome.at - record.request.acceptedAt;
      }
      throw new Error(`Change ${id} ended as ${record.state}: ${record.fault?.message}`);
    }
    if (Date.now() > end) throw new Error(`Change ${id} is still ${record?.state}.`);
    await systemClock.sleep(5);
  }
}

async function openPair(directory: string, lab: DirectorLab): Promise<Site> {
  return openSite({
    directory: join(directory, 'site'),
    store: 'off',
    inventory: {
      balancers: lab.directors.map(({ name, port, keyFile, fingerprint }) => ({
        name,
        keys: `kind: lvs, ssh: "root@127.0.0.1:${port}", ssh_key: ${keyFile}, host_key: "${fingerprint}"`,
      })),
      pairs: [{ name: 'edge', nodes: lab.directors.map(({ name }) => name), vrrp: 'VI_1' }],
      services: [{ name: SERVICE, on: 'edge', vip: VIP }],
      cards: true,
    },
  });
}

async function floorMs(bare: BareDirector, prices: Record<Kind, number[]>): Promise<number> {
  const price = {} as Record<Kind, number>;
  for (const kind of Object.keys(LINES) as Kind[]) {
    price[kind] = await bare.lineMs(LINES[kind]);
    prices[kind].push(price[kind]);
  }
  return FLOOR.reduce((sum, kinds) => sum + Math.max(...kinds.map((kind) => price[kind])), 0);
}

/** One change at a time on two real directors, each followed by its floor on the director that is MASTER. */
export async function directors({ directory, changes }: DirectorOptions): Promise<Section> {
  const lab = await directorLab(directory);
  let site: Site | undefined;
  let bare: BareDirector | undefined;
  try {
    const [first] = lab.directors;
    if (first === undefined || lab.directors.length !== 2) throw new Error('The lab is not whole.');
    site = await openPair(directory, lab);
    bare = await bareDirector(first);
    const samples: number[] = [];
    const floors: number[] = [];
    const prices: Record<Kind, number[]> = { read: [], roles: [], write: [] };
    // The first two log in, start programs and load code.
    for (const weight of [2, 3]) await oneWeight(site, weight);
    for (let index = 0; index < changes; index += 1) {
      samples.push(await oneWeight(site, index % 2 === 0 ? 2 : 3));
      floors.push(await floorMs(bare, prices));
    }
    const { p50, p99 } = spread(samples);
    return {
      title: 'One change at a time on a pair of real LVS directors',
      rows: [
        {
          name: 'accepted -> verified on both p50',
          value: p50,
          unit: 'ms',
          floor: median(floors),
          target: { kind: 'times floor', value: 1.5 },
          note: `${changes} changes; floor: ${FLOOR.length} round trips`,
        },
        { name: 'accepted -> verified on both p99', value: p99, unit: 'ms' },
        ...(Object.keys(LINES) as Kind[]).map((kind) => ({
          name: `bare pooled exec: ${kind}`,
          value: median(prices[kind]),
          unit: 'ms' as const,
        })),
      ],
    };
  } finally {
    bare?.close();
    await site?.stop();
    await lab.down();
  }
}
