import { describe, expect, it } from 'vitest';
import { lintFile } from '../../src/keepalived/lint.ts';
import { lintPair } from '../../src/keepalived/lint-pair.ts';
import { modelOf } from '../../src/keepalived/model.ts';
import { parseSource } from '../../src/keepalived/source.ts';

const conf = (change: (text: string) => string = (text) => text, node = 1) =>
  change(`! Configuration File for keepalived
global_defs {
   router_id lvs-${node}   # one each
   vrrp_version 2
}

vrrp_instance VI_1
{
   state ${node === 1 ? 'MASTER' : 'BACKUP'}
   interface eth0
   virtual_router_id 51
   priority ${node === 1 ? 100 : 90}
   advert_int 1
   authentication {
      auth_type PASS
      auth_pass "tianya 1"
   }
   virtual_ipaddress {
      192.168.100.11/24 dev eth0
   }
}
virtual_server 192.168.100.11 80 {
   lb_algo rr
   lb_kind DR
   protocol TCP
   persistence_timeout 60
   real_server 192.168.100.74 80 {
      weight 3
      TCP_CHECK { 
         connect_timeout 2
      }
   }
   real_server 192.168.100.78 80 {
      weight 3
   }
}
`);

function parsed(text: string) {
  const source = parseSource(text);
  if (!source.ok) throw new Error(JSON.stringify(source.faults));
  return modelOf(source.statements);
}

const faultsOf = (text: string) => {
  const source = parseSource(text);
  return source.ok ? [] : source.faults.map(({ line, problem }) => `${line} ${problem}`);
};

const pair = (from: string | RegExp, to: string) => {
  const changed = conf((text) => text.replace(from, to), 2);
  expect(changed).not.toBe(conf(undefined, 2));
  return lintPair(
    { name: 'lvs-1', config: parsed(conf()) },
    { name: 'lvs-2', config: parsed(changed) },
  ).map(({ level, text }) => `${level} ${text}`);
};

describe('keepalived.conf', () => {
  it('is read with comments, quotes and braces on a line of their own', () => {
    expect(parsed(conf())).toMatchObject({
      routerId: 'lvs-1',
      instances: [
        {
          name: 'VI_1',
          vrid: '51',
          priority: '100',
          vips: ['192.168.100.11/24'],
          auth: '["PASS","tianya 1"]',
        },
      ],
      servers: [
        {
          name: '192.168.100.11 80',
          settings: new Map([
            ['lb_algo', 'rr'],
            ['lb_kind', 'DR'],
            ['protocol', 'TCP'],
            ['persistence_timeout', '60'],
          ]),
        },
      ],
    });
    const [server] = parsed(conf()).servers;
    const weights = [...(server?.realServers ?? [])].map(([name, { weight }]) => [name, weight]);
    expect(weights).toEqual([
      ['192.168.100.74 80', '3'],
      ['192.168.100.78 80', '3'],
    ]);
    expect(lintFile('lvs-1', parsed(conf()))).toEqual([]);
  });

  it('has lines for one host only', () => {
    const text = conf((given) =>
      given.replace('   priority 100', '   @a priority 100\n   @^a priority 90'),
    );
    const source = parseSource(text);
    if (!source.ok) throw new Error('faults');
    expect(modelOf(source.statements, 'a').instances[0]?.priority).toBe('100');
    expect(modelOf(source.statements, 'b').instances[0]?.priority).toBe('90');
  });

  it.each([
    [
      'a missing last brace',
      (text: string) => text.replace(/\}\n$/, ''),
      /^22 opens "virtual_server/,
    ],
    [
      'a missing inner brace',
      (text: string) => text.replace('"tianya 1"\n   }', '"tianya 1"'),
      /nothing closes it/,
    ],
    ['a brace too many', (text: string) => `${text}}\n`, /closes a brace that none opened/],
    ['CR LF', (text: string) => text.replaceAll('\n', '\r\n'), /^1 has lines that end in CR LF/],
    ['a byte order mark', (text: string) => `\uFEFF${text}`, /^1 begins with a byte order mark/],
    [
      'an open quotation',
      (text: string) => text.replace('tianya 1"', 'tianya 1'),
      /quotation mark/,
    ],
    [
      'a definition for some hosts',
      (text: string) => `@a $P=1\n${text}`,
      /^1 defines \$P for some hosts only/,
    ],
    [
      'a definition of itself',
      (text: string) => `$P=100$P\n${text.replace('priority 100', 'priority $P')}`,
      /names itself/,
    ],
    [
      'a line that goes on',
      (text: string) => `include x \\\n${text}`,
      /^1 goes on in the next line/,
    ],
  ])('with %s is refused, with the line', (_what, change, words) => {
    expect(faultsOf(conf(change)).join('\n')).toMatch(words);
  });

  it.each([
    ['a VRID out of range', 'virtual_router_id 51', 'virtual_router_id 256', /256, not 1 to 255/],
    ['no VRID', '   virtual_router_id 51\n', '', /nowhere/],
    ['no priority', '   priority 100\n', '', /has no priority/],
    ['a priority in words', 'priority 100', 'priority high', /has priority high/],
    [
      'a virtual server nobody holds',
      '192.168.100.11/24',
      '192.168.100.12/24',
      /no instance holds 192.168.100.11/,
    ],
    [
      'a FIFO nobody may write',
      'vrrp_version 2',
      'enable_script_security\n   vrrp_notify_fifo /run/x',
      /silently not used/,
    ],
    ['an include', 'vrrp_version 2', 'include conf.d/*.conf', /includes conf.d\/\*\.conf/],
  ])('with %s gets a finding', (_what, from, to, words) => {
    const findings = lintFile('lvs-1', parsed(conf((text) => text.replace(from, to))));
    expect(findings.map(({ text }) => text).join('\n')).toMatch(words);
    expect(findings).toHaveLength(1);
  });
});

describe('the files of a pair', () => {
  it('that fit have no finding', () => {
    const [one, two] = [parsed(conf()), parsed(conf(undefined, 2))];
    expect(lintPair({ name: 'lvs-1', config: one }, { name: 'lvs-2', config: two })).toEqual([]);
  });

  it.each([
    ['virtual_router_id 51', 'virtual_router_id 52', /error .*virtual_router_id.*two masters/],
    ['"tianya 1"', 'other', /error .*authentication differs/],
    ['192.168.100.11/24 dev', '192.168.100.12/24 dev', /error .*virtual_ipaddress.*two masters/],
    ['advert_int 1', 'advert_int 3', /error .*advert_int is 1 on lvs-1 and 3 on lvs-2/],
    ['vrrp_version 2', 'vrrp_version 3', /error .*VRRP version/],
    ['priority 90', 'priority 100', /error .*both have priority 100/],
    ['router_id lvs-2', 'router_id lvs-1', /warning .*same router_id/],
    ['lb_algo rr', 'lb_algo wlc', /error .*lb_algo is rr on lvs-1 and wlc on lvs-2/],
    ['persistence_timeout 60', 'persistence_timeout 50', /error .*persistence_timeout/],
    [
      '192.168.100.78 80',
      '192.168.100.79 80',
      /192.168.100.78 80's weight is 3 on lvs-1 and absent/,
    ],
    [/weight 3\n/, 'weight 0\n', /192.168.100.74 80's weight is 3 on lvs-1 and 0 on lvs-2/],
    [
      'virtual_server 192.168.100.11 80',
      'virtual_server 192.168.100.11 81',
      /is on lvs-1 and not on lvs-2/,
    ],
  ])('that differ in %s are told apart', (from, to, words) => {
    expect(pair(from, to).join('\n')).toMatch(words);
  });

  it('never show the password', () => {
    expect(pair('"tianya 1"', 'other').join('\n')).not.toMatch(/tianya 1|other/);
  });
});
