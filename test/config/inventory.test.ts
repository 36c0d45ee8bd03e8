import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfigFile } from '../../src/config/file.ts';
import { loadInventory } from '../../src/config/inventory.ts';
import type { Inventory } from '../../src/domain/inventory.ts';

const fixtures = join(import.meta.dirname, '../fixtures/inventory');
const examples = join(import.meta.dirname, '../../examples');

const fixture = (name: string) => readFileSync(join(fixtures, `${name}.yml`), 'utf8');

function inventoryOf(text: string): Inventory {
  const result = loadInventory(text, 'inventory.yml');
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.inventory;
}

function faultsOf(text: string): readonly string[] {
  const result = loadInventory(text, 'inventory.yml');
  if (result.ok) return [];
  return result.faults.map(
    ({ path, expected, got, line }) => `${line ?? '-'} ${path}: expected ${expected}, got ${got}`,
  );
}

/** What each fixture, named after its fault, must report; each has exactly the faults listed. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  'a-list': [/^- inventory\.yml: expected a block with environments.*, got a list of 2$/],
  'alias-of-a-service': [/aliases\[0\].*belongs to shop.*"SHOP"/],
  'alias-twice': [/^17 services\.shop\.aliases\[0\].*belongs to store/],
  'approvers-missing': [/roles\.approvers: expected at least one approver.*got nobody/],
  'channel-by-name': [/services\.shop\.channel.*config check --live.*"#ops"/],
  'count-not-whole': [/min_available: expected a whole number.*got 1\.5/],
  'count-over-members': [/min_available: expected at most 2, the number of its members, got 3/],
  'duplicate-key': [/^7 ha-1: expected each key once/, /nodes\[1\].*got "ha-2"/],
  'duration-too-long': [/expires: expected a duration from 1s to 24h.*got "25h"/],
  'duration-without-unit': [/expires: expected a duration.*got 900/],
  empty: [/inventory\.yml.*got nothing/],
  'host-key-and-known-hosts': [/ha-2\.known_hosts: expected nothing: the fingerprints.*got "\/k"/],
  'host-key-not-sha256': [/ha-2\.host_key: expected the fingerprint.*SHA256: and 43.*"MD5:aa:bb"/],
  'jump-key-without-jump': [/ha-2\.jump_host_key: expected nothing, as long as jump names no host/],
  'master-is-the-socket': [
    /ha-2\.master_socket: expected a socket of its own \(ha-2 has this one\)/,
  ],
  'member-is-a-number': [/members\[0\]: expected text \(put quotes round it\), got 74/],
  'member-twice': [/members\[1\]: expected each member once/],
  'no-pools': [/services\.shop\.pools: expected at least one .*got an empty list/],
  'node-in-two-pairs': [/web\.nodes\[0\].*it is in old/, /web\.nodes\[1\].*it is in old/],
  'not-yaml': [/^14 line 14: expected valid YAML/],
  'pair-named-like-balancer': [
    /^9 pairs\.ha-1: expected another name/,
    /one pair only/,
    /one pair only/,
  ],
  'pair-of-one': [/pairs\.web\.nodes: expected two balancers.*got a list of 1/],
  'pool-in-two-services': [/services\.shop\.pools\[0\].*service store has it.*shop on web/],
  'pool-listed-twice': [/services\.shop\.pools\[1\].*service shop has it/],
  'pools-missing': [/services\.shop\.pools: expected a list.*got nothing/],
  'proto-service': [/services\.__proto__: expected a name/],
  'quiet-for-a-day': [/shop\.quiet_for: expected a duration from 100ms to 10m.*got "1d"/],
  'role-by-name': [/operators\[0\].*Slack user id.*config check --live.*"@anna"/],
  'role-not-a-list': [/operators: expected a list of Slack ids, or the word workspace/],
  'service-is-text': [/services\.store: expected a block with environment.*got "yes"/],
  'serving-within-too-short': [/serving_within: expected a duration from 100ms to 10m/],
  'share-over-100': [/min_available.*got "101%"/],
  'share-without-percent': [/min_available.*got "50"/],
  'six-approvers': [/required: expected how many people must approve, 0 to 5, got 6/],
  'shell-user-by-name': [/shell\.ops: expected a Slack user id.*got "anna"/],
  'socket-not-absolute': [/ha-1\.socket: expected an absolute path.*got "run\/ha-1\.sock"/],
  'socket-twice-on-a-host': [/ha-2\.socket: expected a socket of its own \(ha-1 has this one\)/],
  'socket-twice': [/ha-2\.socket: expected a socket of its own \(ha-1 has this one\)/],
  'ssh-key-relative': [/ha-2\.ssh_key: expected an absolute path of a private key, got "key"/],
  'ssh-keys-without-host': [
    /ha-2\.ssh_key: expected nothing, as long as ssh names no host, got "\/etc\/lb\/key"/,
    /ha-2\.via: expected nothing, as long as ssh names no host, got "socat"/,
  ],
  'ssh-to-tcp': [/ha-2\.socket: expected a path on that host.*because ssh is given, got "tcp:/],
  'ssh-two-logins': [/ha-2\.ssh_agent: expected either ssh_key or ssh_agent, got "\/a"/],
  'ssh-unknown-way': [/ha-2\.via: expected forward or socat, got "netcat"/],
  'ssh-unsafe-path': [/ha-2\.socket: expected a path on that host, of letters.*\$\(id\)/],
  'ssh-without-user': [/ha-2\.ssh: expected the host of the socket, as user@host.*"10\.0\.0\.4"/],
  'state-file-twice': [/ha-2\.server_state_file: expected a file of its own \(ha-1 has this one\)/],
  'state-file-unsafe': [
    /server_state_file: expected an absolute path of the server-state-file, of/,
  ],
  'tcp-accepted-in-vain': [/ha-2\.insecure_socket: expected nothing: only a tcp:\/\/ socket/],
  'tcp-half-accepted': [/ha-2\.insecure_socket: expected the word accepted, got true/],
  'tcp-not-accepted': [
    /ha-2\.insecure_socket: expected the word accepted, because.*no password.*got nothing/,
  ],
  'tcp-with-state-file': [
    /ha-2\.master_socket: expected nothing with a tcp:\/\/ socket: it needs a socket with a path/,
    /ha-2\.server_state_file: expected nothing with a tcp:\/\/ socket/,
  ],
  'tcp-without-port': [/ha-2\.socket: expected an absolute path.*or tcp:\/\/host:port/],
  'ten-mistakes': [
    /^3 .*approvers/,
    /^4 .*operators\[0\].*"ops-team"/,
    /^5 .*expires.*"soon"/,
    /^6 .*min_available.*"150%"/,
    /^8 .*ha-1\.socket/,
    /^9 .*ha-1b\.kind.*haproxy.*"nginx"/,
    /^11 .*pairs\.web\.nodes/,
    /^14 .*environment.*nearest: production/,
    /^15 .*chanel.*nearest: channel/,
    /^17 .*pools\[0\]\.on.*nearest: web/,
  ],
  'too-few-approvers': [
    /^3 .*roles\.approvers: expected at least 3 approvers or a group, because approval\.required is 3, got 2 people$/,
  ],
  'unknown-balancer': [/pools\[0\]\.on: expected a balancer or pair.*nearest: ha-1/],
  'unknown-environment': [/environment: expected an environment.*nearest: production/],
  'unknown-key': [/services\.shop\.chanel: expected one of.*nearest: channel.*the key "chanel"/],
  'unknown-kind-nginx': [/ha-2\.kind: expected haproxy, f5 or lvs, got "nginx"/],
  'unknown-node': [/web\.nodes\[1\]: expected a balancer.*nearest: ha-2/],
  'unknown-top-key': [/^10 servcies: expected one of.*nearest: services/],
  'unsafe-backend': [/backend: expected a name.*got "shop; disable server shop\/a"/],
  'unsafe-member': [/members\[0\]: expected a name.*got "web 1"/],
  'unsafe-service': [/services\.shop front: expected a name/],
};

describe('an inventory with mistakes', () => {
  it.each(Object.entries(EXPECTED))('reports %s, and nothing else', (name, expected) => {
    const faults = faultsOf(fixture(name));
    expect(faults).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(faults[index]).toMatch(pattern);
  });

  it('has an expectation for every fixture', () => {
    const files = readdirSync(fixtures).filter((name) => name !== 'good.yml');
    expect(files.map((name) => name.replace('.yml', '')).sort()).toEqual(
      Object.keys(EXPECTED).sort(),
    );
  });

  it('reports ten different mistakes in one run', () => {
    expect(faultsOf(fixture('ten-mistakes'))).toHaveLength(10);
  });

  it('never shows the value of a key it does not know, which may be a password', () => {
    const text = fixture('good').replace(
      '/run/ha-1.sock }',
      '/run/ha-1.sock, password: correct-horse }',
    );
    const faults = faultsOf(text).join('\n');
    expect(faults).toContain('the key "password"');
    expect(faults).not.toContain('correct-horse');
  });

  it('is not blown up by aliases', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'])
      bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(', ')}]`);
    expect(faultsOf(bomb.join('\n'))).toEqual([
      expect.stringMatching(/^- the file: expected valid YAML, got Excessive alias count/),
    ]);
  });

  it('answers any text with an inventory or with faults', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const result = loadInventory(text, 'x.yml');
        expect(result.ok || result.faults.length > 0).toBe(true);
      }),
    );
  });

  it('answers any value in any place with faults, not with an exception', () => {
    const good = fixture('good').split('\n');
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.jsonValue(), (at, value) => {
        const lines = [...good];
        lines[at] = (lines[at] ?? '').replace(/:.*/, () => `: ${JSON.stringify(value)}`);
        loadInventory(lines.join('\n'), 'x.yml');
      }),
    );
  });
});

describe('an inventory without mistakes', () => {
  const inventory = inventoryOf(fixture('good'));

  it('fills in what the file leaves out: nobody, 15 minutes, half, 10, 30 and 60 seconds', () => {
    const environment = inventory.environments.get('production');
    expect(environment).toEqual({
      name: 'production',
      roles: { viewers: [], operators: ['S0OPS'], approvers: ['S0LEAD'], breakGlass: [] },
      approval: { required: 1, expiresMs: 900_000 },
      minAvailable: { unit: 'percent', value: 50 },
    });
    expect(inventory.services.get('shop')).toMatchObject({
      servingWithinMs: 10_000,
      quietForMs: 30_000,
      drainForMs: 60_000,
    });
  });

  it('asks nobody where the file asks for no approval', () => {
    const text = fixture('good').replace('    approval: { required: 1 }\n', '');
    expect(inventoryOf(text).environments.get('production')?.approval.required).toBe(0);
  });

  it('takes several approvers, who may break glass, and how long members are let go', () => {
    const text = fixture('good')
      .replace('required: 1', 'required: 3')
      .replace('approvers: [S0LEAD]', 'approvers: [S0LEAD], break_glass: [U0LEAD, S0LEAD]')
      .replace('    pools:', '    quiet_for: 5s\n    drain_for: 2m\n    pools:');
    const loaded = inventoryOf(text);
    expect(loaded.environments.get('production')).toMatchObject({
      approval: { required: 3 },
      roles: { breakGlass: ['U0LEAD', 'S0LEAD'] },
    });
    const service = loaded.services.get('shop');
    expect([service?.quietForMs, service?.drainForMs]).toEqual([5_000, 120_000]);
  });

  it('is content with as many approvers as must agree', () => {
    const text = fixture('good')
      .replace('required: 1', 'required: 2')
      .replace('[S0LEAD]', '[U0LEAD, U0OTHER]');
    expect(inventoryOf(text).environments.get('production')?.approval.required).toBe(2);
    const anybody = text.replace('[U0LEAD, U0OTHER]', 'workspace');
    expect(inventoryOf(anybody).environments.get('production')?.approval.required).toBe(2);
  });

  it('spreads a pair over its nodes, in one lane', () => {
    expect(inventory.services.get('shop')?.pools).toEqual([
      { on: 'web', balancers: ['ha-1', 'ha-2'], lane: 'web', pool: 'shop' },
    ]);
  });

  it('puts a pool on one node of a pair into the lane of the pair', () => {
    const text = fixture('good').replace('on: web', 'on: ha-2');
    expect(inventoryOf(text).services.get('shop')?.pools).toEqual([
      { on: 'ha-2', balancers: ['ha-2'], lane: 'web', pool: 'shop' },
    ]);
  });

  it('gives a balancer that stands alone a lane of its own', () => {
    const text = fixture('good')
      .replace(/pairs:\n.*\n/, '')
      .replace('on: web', 'on: ha-2');
    expect(inventoryOf(text).services.get('shop')?.pools[0]?.lane).toBe('ha-2');
  });

  it('lets a service tighten the guard of its environment', () => {
    const text = fixture('good').replace(
      '    pools:',
      '    guard: { min_available: 3 }\n    pools:',
    );
    expect(inventoryOf(text).services.get('shop')?.minAvailable).toEqual({
      unit: 'members',
      value: 3,
    });
  });

  it('is frozen, the maps too', () => {
    const services = inventory.services as Map<string, unknown>;
    expect(() => services.set('x', {})).toThrow('frozen');
    expect(() => services.clear()).toThrow('frozen');
    expect(Object.isFrozen(inventory.services.get('shop')?.environment.roles.operators)).toBe(true);
  });
});

describe('the way to a balancer', () => {
  const balancer = (keys: string) => {
    const text = fixture('good').replace('kind: haproxy, socket: /run/ha-2.sock', keys);
    return inventoryOf(text).balancers.get('ha-2');
  };

  it('is a path, and nothing else is there', () => {
    expect(balancer('kind: haproxy, socket: /run/x')).toEqual({
      name: 'ha-2',
      kind: 'haproxy',
      socket: '/run/x',
    });
  });

  it.each([
    'socket: tcp://127.0.0.1:9999',
    'socket: "tcp://[::1]:9999"',
    'socket: tcp://localhost:9999',
    'socket: tcp://10.0.0.4:9999, insecure_socket: accepted',
  ])('is TCP: %s', (keys) => {
    expect(balancer(`kind: haproxy, ${keys}`)).toMatchObject({
      socket: expect.stringMatching(/^tcp:/),
    });
  });

  it('is ssh with as little as a host: key and known_hosts are then those of ssh', () => {
    expect(balancer('kind: haproxy, ssh: ops@10.0.0.4, socket: /run/x')).toEqual({
      name: 'ha-2',
      kind: 'haproxy',
      socket: '/run/x',
      ssh: { user: 'ops', host: '10.0.0.4', port: 22 },
    });
  });

  it('is ssh with everything said; key and known_hosts serve the host in front too', () => {
    const fingerprint = `SHA256:${'a'.repeat(43)}`;
    const keys = `kind: haproxy, ssh: "ops@[fd00::4]:2222", socket: /run/x, ssh_key: /k, host_key: "${fingerprint}", jump: ops@gate, known_hosts: /h, via: socat`;
    const login = { keyFile: '/k' };
    expect(balancer(keys)).toMatchObject({
      via: 'socat',
      ssh: {
        user: 'ops',
        host: 'fd00::4',
        port: 2222,
        login,
        proof: { fingerprint },
        jump: { user: 'ops', host: 'gate', port: 22, login, proof: { knownHostsFile: '/h' } },
      },
    });
  });

  it('may lead to the master and the state file too', () => {
    const keys = 'master_socket: /run/master.sock, server_state_file: /var/lib/haproxy/state';
    for (const host of ['', 'ssh: ops@10.0.0.4, ']) {
      expect(balancer(`kind: haproxy, ${host}socket: /run/x, ${keys}`)).toMatchObject({
        masterSocket: '/run/master.sock',
        stateFile: '/var/lib/haproxy/state',
      });
    }
  });

  it('may be the same path on two hosts', () => {
    const text = fixture('good')
      .replace('socket: /run/ha-1.sock', 'ssh: ops@10.0.0.4, socket: /run/x')
      .replace('socket: /run/ha-2.sock', 'ssh: ops@10.0.0.5, socket: /run/x');
    expect(inventoryOf(text).balancers.size).toBe(2);
  });

  it.each([
    'ops@',
    '@host',
    'ops@host:0',
    'ops@a b',
    'ops@-oProxyCommand=x',
    '-l@host',
    'o;ps@host',
  ])('is no host: %s', (ssh) => {
    const keys = `ssh: ${JSON.stringify(ssh)}, socket: /run/x`;
    const text = fixture('good').replace('socket: /run/ha-2.sock', keys);
    expect(faultsOf(text)).toEqual([expect.stringContaining('as user@host')]);
  });
});

describe('loadConfigFile', () => {
  it('loads every example', () => {
    const names = readdirSync(examples).filter((name) => /\.ya?ml$/.test(name));
    expect(names).toContain('inventory.yml');
    for (const name of names)
      expect(loadConfigFile(join(examples, name))).toMatchObject({ ok: true });
  });

  it('loads the ways that the example names in its remarks', () => {
    const text = readFileSync(join(examples, 'inventory.yml'), 'utf8');
    const ways = text
      .replaceAll(/\n {2}#\s+/g, ' ')
      .matchAll(/ha-2: (?<block>\{ kind: haproxy, [^}]*(?:ssh|tcp)[^}]*\})/g);
    const blocks = [...ways].map((match) => match.groups?.block ?? '');
    expect(blocks).toHaveLength(2);
    for (const block of blocks) {
      const changed = text.replace(/^ {2}ha-2: \{.*\}$/m, `  ha-2: ${block}`);
      expect(changed).not.toBe(text);
      inventoryOf(changed);
    }
  });

  it('reports a file that is not there, or is a directory, or is no text', () => {
    const gotOf = (path: string) => {
      const result = loadConfigFile(path);
      return result.ok ? '' : result.faults[0]?.got;
    };
    expect(gotOf('/nonexistent/inventory.yml')).toBe('no such file');
    expect(gotOf(fixtures)).toBe('a directory');
    expect(gotOf('/dev/zero')).toBe('a device');
    expect(gotOf(process.execPath)).toMatch(/bytes$/);
  });
});
