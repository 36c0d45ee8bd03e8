import { describe, expect, it } from 'vitest';
import { keepalivedOwner } from '../../src/keepalived/owner.ts';
import { prepare } from '../../src/keepalived/prepare.ts';

const ROOT = '/etc/keepalived/keepalived.conf';
const OURS = '/etc/keepalived/lb-chatops/tcp-192.168.100.11-80-192.168.100.78-80.conf';
const POOL = '192.168.100.11:80';

const real = (more = '', address = '192.168.100.78 80') => `   real_server ${address} {
      weight 3
      TCP_CHECK {
         connect_timeout 2
      }${more}
   }
`;
const server = (blocks = real(), name = '192.168.100.11 80', protocol = 'TCP') =>
  `virtual_server ${name} {\n   lb_kind DR\n   protocol ${protocol}\n${blocks}}\n`;

const owned = (text: string, pool = POOL, more: Readonly<Record<string, string>> = {}) =>
  keepalivedOwner(
    { root: ROOT, texts: new Map([[ROOT, text], ...Object.entries(more)]), missing: [] },
    pool,
  );
const line = `\n      include ${OURS}`;

describe('whether keepalived keeps a pool', () => {
  it.each([
    ['an address', server(), POOL],
    ['UDP', server(undefined, undefined, 'udp'), `udp://${POOL}`],
    ['IPv6', server(real('', 'fd00::78 80'), 'fd00:0::11 80'), '[fd00::11]:80'],
    ['a mark', server(real('', '192.168.100.78 0'), 'fwmark 7'), 'fwmark:7'],
    ['a mark of IPv6', server(real('', 'fd00::78 0'), 'fwmark 7'), 'fwmark6:7'],
    [
      'a group with a range',
      `virtual_server_group g {\n 192.168.100.9-12 80\n}\n${server(undefined, 'group g')}`,
      POOL,
    ],
    [
      'a group with a network',
      `virtual_server_group g {\n 192.168.100.8/29 80\n fwmark 9\n}\n${server(undefined, 'group g')}`,
      POOL,
    ],
  ])('is known by %s', (_what, text, pool) => {
    expect(owned(text, pool)?.members).toHaveLength(1);
    expect(owned(text, '192.168.100.11:81')).toBeUndefined();
    expect(owned(text, 'sctp://192.168.100.11:80')).toBeUndefined();
    expect(owned(text, 'fwmark:8')).toBeUndefined();
  });

  it('shows the members as the configuration has them', () => {
    expect(owned(server())?.members).toEqual([
      {
        name: '192.168.100.78:80',
        address: '192.168.100.78',
        port: 80,
        ownWeight: 3,
        weight: 3,
        forwarding: 'Route',
        isChecked: true,
        staysWhenSick: false,
        whyNotKept: `its real_server block has no line "include ${OURS}"`,
      },
    ]);
  });

  it('finds it in an included file, and our weight in ours', () => {
    const found = owned('include conf.d/*.conf\n', POOL, {
      '/etc/keepalived/conf.d/web.conf': server(real(line)),
      [OURS]: 'weight 0\n',
    });
    expect(found?.members[0]).toMatchObject({ weight: 0, ownWeight: 3 });
    expect(found?.members[0]).not.toHaveProperty('whyNotKept');
  });

  it('takes an empty file of ours for none, and a line without a file for prepared', () => {
    const text = server(real(line));
    for (const more of [{}, { [OURS]: '# The weight is the one above.\n' }]) {
      const [member] = owned(text, POOL, more)?.members ?? [];
      expect(member).toMatchObject({ weight: 3, ownWeight: 3 });
      expect(member).not.toHaveProperty('whyNotKept');
    }
  });

  it.each([
    ['a weight behind our line', server(real(`${line}\n      weight 5`)), /a weight stands behind/],
    [
      'our line with a condition',
      server(real(`\n      @a include ${OURS}`)),
      /includes .*not read/,
    ],
    [
      'a check that sets the weight',
      server(real(`\n      MISC_CHECK {\n         misc_dynamic\n      }${line}`)),
      /misc_dynamic sets its weight/,
    ],
    [
      'a group',
      `virtual_server_group g {\n 192.168.100.11 80\n}\n${server(real(line), 'group g')}`,
      /virtual_server_group/,
    ],
    ['the line of another member', server(real(line.replace('78-80', '77-80'))), /has no line/],
  ])('with %s offers no way that lasts', (_what, text, words) => {
    const why = () => owned(text)?.members[0]?.whyNotKept;
    let said: string | undefined;
    try {
      said = why();
    } catch (thrown) {
      said = (thrown as Error).message;
    }
    expect(said).toMatch(words);
  });

  it.each([
    ['a missing brace', server().slice(0, -2), /nothing closes it. It is left untouched/],
    ['CR LF', server().replaceAll('\n', '\r\n'), /CR LF/],
    ['an include that was not given out', 'include {a,b}.conf\n', /a,b.*was not read|nobody/],
  ])('is not known with %s', (_what, text, words) => {
    const files = {
      root: ROOT,
      texts: new Map([[ROOT, text]]),
      missing: ['/etc/keepalived/{a,b}.conf'],
    };
    expect(() => keepalivedOwner(files, POOL)).toThrow(words);
  });
});

describe('a prepared configuration', () => {
  const given = `! kept as it is\n${server(real() + real('', '192.168.100.77 80'))}`;

  it('has our line at the end of each real_server, and every other byte as it was', () => {
    const prepared = prepare(given, ROOT);
    if (prepared === undefined) throw new Error('faults');
    const lines = prepared.text.split('\n');
    const ours = lines.filter((each) => each.includes('lb-chatops'));
    expect(ours).toHaveLength(2);
    expect(prepared.added.map(({ line: at }) => lines[at - 1])).toEqual(ours);
    expect(lines.filter((each) => !ours.includes(each)).join('\n')).toBe(given);
    for (const member of owned(prepared.text)?.members ?? []) {
      expect(member).not.toHaveProperty('whyNotKept');
    }
    expect(prepare(prepared.text, ROOT)).toMatchObject({ text: prepared.text, added: [] });
  });

  it.each([
    ['a group', server(undefined, 'group g'), /in a virtual_server_group/],
    [
      'a repetition',
      '~SEQ(A,1,2) virtual_server 10.0.0.$A 80 { real_server 10.0.1.1 80 { } }',
      /repetition makes it/,
    ],
    [
      'braces on one line',
      'virtual_server 10.0.0.1 80 {\n real_server 10.0.1.1 80 { weight 1 }\n}\n',
      /shares a line/,
    ],
  ])('leaves %s alone, and says why', (_what, text, words) => {
    const prepared = prepare(text, ROOT);
    expect(prepared?.text).toBe(text);
    expect(prepared?.left.join('\n')).toMatch(words);
  });

  it('is none where the file is not read to one meaning', () => {
    expect(prepare(given.replaceAll('\n', '\r\n'), ROOT)).toBeUndefined();
  });
});
