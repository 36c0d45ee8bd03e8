import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { SHELL_ENTRIES } from '../../src/commands/shell-table.ts';
import { ENVIRONMENT } from '../../src/config/environment-table.ts';
import { loadConfigFile } from '../../src/config/file.ts';
import { inRepository, isThere, pinnedImage, textOf } from './repository.ts';

const service = z.strictObject({
  image: z.string().regex(pinnedImage),
  build: z.literal('.').optional(),
  command: z.array(z.string()).optional(),
  user: z
    .string()
    .regex(/^\d+:\d+$/)
    .optional(),
  hostname: z.string().optional(),
  restart: z.literal('unless-stopped'),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.literal('ALL')).optional(),
  security_opt: z.array(z.literal('no-new-privileges:true')).optional(),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .optional(),
  environment: z.record(z.string(), z.string()).optional(),
  volumes: z.array(z.string().regex(/^[^:]+:\/[^:]+(:ro)?$/)).optional(),
  // Published to this machine only.
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)).optional(),
  healthcheck: z
    .strictObject({ test: z.array(z.string()), interval: z.string(), timeout: z.string() })
    .optional(),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.literal('service_healthy') }))
    .optional(),
  networks: z.union([
    z.array(z.string()),
    z.record(z.string(), z.strictObject({ ipv4_address: z.ipv4() })),
  ]),
});

const composeFile = z.strictObject({
  'x-member': z.unknown(),
  'x-lb': z.unknown(),
  services: z.record(z.string(), service),
  networks: z.record(
    z.string(),
    z.strictObject({
      ipam: z.strictObject({ config: z.array(z.strictObject({ subnet: z.cidrv4() })) }),
    }),
  ),
  volumes: z.record(
    z.string(),
    z.strictObject({ driver_opts: z.record(z.string(), z.string()).optional() }),
  ),
});

const compose = composeFile.parse(parse(textOf('docker-compose.yml'), { merge: true }));
const services = Object.entries(compose.services);
const ofProduct = services.filter(([, { image }]) => image.startsWith('lb-chatops:'));
const known = new Map<string, { required: boolean; secret: boolean }>(
  ENVIRONMENT.map((entry) => [entry.name, entry]),
);

describe('docker-compose.yml', () => {
  it('runs the product in both roles, from this repository and at its version', () => {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(textOf('package.json')));
    expect(ofProduct.map(([name]) => name)).toEqual(['bot', 'worker']);
    for (const [, { image, build }] of ofProduct) {
      expect({ image, build }).toEqual({ image: `lb-chatops:${version}`, build: '.' });
    }
  });

  it('mounts only files that exist and volumes that are declared', () => {
    const sources = services.flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => volume.split(':')[0] ?? ''),
    );
    const files = sources.filter((source) => source.startsWith('./'));
    const named = sources.filter((source) => !source.startsWith('./'));
    expect(files.filter((file) => !isThere(file))).toEqual([]);
    expect([...new Set(named)].sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  it('waits only for services with a health check, on networks that are declared', () => {
    for (const [, { depends_on = {}, networks }] of services) {
      for (const other of Object.keys(depends_on)) {
        expect(compose.services[other]?.healthcheck, other).toBeDefined();
      }
      const names = Array.isArray(networks) ? networks : Object.keys(networks);
      expect(names.filter((name) => !(name in compose.networks))).toEqual([]);
    }
  });

  it('sets all that the product needs and nothing that it does not know', () => {
    const required = [...known].filter(([, entry]) => entry.required).map(([name]) => name);
    for (const [name, { environment = {} }] of ofProduct) {
      const given = Object.keys(environment);
      expect(
        given.filter((each) => !known.has(each)),
        name,
      ).toEqual([]);
      expect(
        required.filter((each) => !given.includes(each)),
        name,
      ).toEqual([]);
    }
  });

  it('holds no secret itself: each comes from outside, and its absence stops the start', () => {
    for (const [, { environment = {} }] of ofProduct) {
      for (const [name, value] of Object.entries(environment)) {
        // The address of Redis carries no password here: only this network reaches it.
        if (!known.get(name)?.secret || name === 'REDIS_URL') continue;
        expect(value).toMatch(new RegExp(`^\\$\\{${name}:\\?`));
      }
    }
  });

  it('names every variable that it takes from outside in deploy/env.example, if it must be set', () => {
    const example = [...textOf('deploy/env.example').matchAll(/^(\w+)=(.*)$/gm)];
    const taken = [...textOf('docker-compose.yml').matchAll(/\$\{(\w+):\?/g)].map(
      ([, name]) => name,
    );
    expect(example.map(([, name]) => name).sort()).toEqual([...new Set(taken)].sort());
    expect(example.filter(([, , value]) => value !== '')).toEqual([]);
  });

  it('starts the product with words that it knows', () => {
    const verbs = SHELL_ENTRIES.map((entry) => entry.words);
    const serve = SHELL_ENTRIES.find((entry) => entry.words === 'serve');
    for (const [, { command = [] }] of ofProduct) {
      const [verb = '', option = '', role = ''] = command;
      expect(verbs).toContain(verb);
      expect(serve?.options).toContain(option);
      expect(serve?.options).toMatch(new RegExp(`\\b${role}\\b`));
    }
  });

  it('keeps every acknowledged write of Redis and publishes it to nobody', () => {
    const redis = compose.services.redis;
    expect(redis?.command?.join(' ')).toBe(
      'redis-server --appendonly yes --appendfsync always --maxmemory-policy noeviction',
    );
    expect(redis?.ports).toBeUndefined();
    expect(redis?.volumes).toEqual(['redis-data:/data']);
  });

  it('gives the product no right that it does not need', () => {
    for (const [, each] of ofProduct) {
      expect(each).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      expect(each.ports).toBeUndefined();
    }
  });
});

describe('the pair of docker-compose.yml', () => {
  const loaded = loadConfigFile(inRepository('examples/compose-inventory.yml'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  const { inventory } = loaded;
  const site = inventory.services.get('test.tianya.cn');

  /** Volume by the folder it is mounted at. */
  const volumesOf = (name: string) =>
    new Map(
      (compose.services[name]?.volumes ?? []).map((volume) => {
        const [source = '', folder = ''] = volume.split(':');
        return [folder, source];
      }),
    );

  it('is the one of its inventory, and its sockets reach the worker', () => {
    const socketInNode = /stats socket (\S+)\/admin\.sock mode 600 level admin/.exec(
      textOf('deploy/haproxy.cfg'),
    );
    for (const balancer of inventory.balancers.values()) {
      if (balancer.kind !== 'haproxy') continue;
      const { name, socket } = balancer;
      const shared = volumesOf(name).get(socketInNode?.[1] ?? '');
      expect(shared, name).toBe(`${name}-socket`);
      expect(volumesOf('worker').get(socket.replace('/admin.sock', ''))).toBe(shared);
      expect(volumesOf('bot').get(socket.replace('/admin.sock', ''))).toBeUndefined();
    }
  });

  it('runs as the user of the worker, whose sockets nobody else may open', () => {
    expect(textOf('Dockerfile')).toMatch(/^USER node$/m);
    for (const name of inventory.balancers.keys()) {
      expect(compose.services[name]?.user).toBe('1000:1000');
      expect(compose.volumes[`${name}-socket`]?.driver_opts?.o).toBe('uid=1000,gid=1000,mode=0700');
    }
  });

  it('has the members of its inventory, at the addresses at which they run', () => {
    const lines = [...textOf('deploy/haproxy.cfg').matchAll(/^ +server (\S+) ([\d.]+):8080/gm)];
    expect(lines.map(([, name]) => name)).toEqual(site?.members);
    for (const [, name = '', address] of lines) {
      expect(compose.services[name]?.hostname).toBe(name);
      expect(compose.services[name]?.networks).toEqual({ site: { ipv4_address: address } });
    }
  });

  it('reads its inventory from the file that the environment names', () => {
    for (const [name, { environment }] of ofProduct) {
      const path = environment?.LB_INVENTORY ?? '';
      expect(volumesOf(name).get(path)).toBe('./examples/compose-inventory.yml');
    }
  });
});
