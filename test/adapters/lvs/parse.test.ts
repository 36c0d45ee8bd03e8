import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseListing } from '../../../src/adapters/lvs/listing.ts';
import { parseRules } from '../../../src/adapters/lvs/parse.ts';
import { refusal } from '../../../src/adapters/lvs/refusals.ts';
import { isWholeReply, parseSections } from '../../../src/adapters/lvs/reply.ts';
import { serviceWords } from '../../../src/adapters/lvs/service-words.ts';
import { endpointWord, parsePool, poolText } from '../../../src/domain/virtual-service.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/lvs/${name}.txt`, import.meta.url), 'utf8');

describe('the table as ipvsadm saves it', () => {
  const services = parseRules(fixture('sn-all-kinds'), 'Reading');

  it('has every kind of service under its own name', () => {
    expect(services.map(({ service }) => poolText(service))).toEqual([
      '192.168.100.11:0',
      '192.168.100.11:80',
      '192.168.100.11:443',
      '192.168.100.11:7000',
      '192.168.100.11:9999',
      'udp://192.168.100.11:53',
      'udp://192.168.100.11:5300',
      'sctp://192.168.100.11:3868',
      '[fd00:100::11]:80',
      'fwmark:7',
      'fwmark6:8',
    ]);
  });

  it('says the same again when written back', () => {
    const flags = { Route: '-g', Masq: '-m', Tunnel: '-i' };
    const lines = services.flatMap(({ service, destinations }) =>
      destinations.map(({ server, forwarding, weight, tunnelType }) =>
        [
          ...['-a', ...serviceWords(service), '-r', endpointWord(server)],
          ...[flags[forwarding], '-w', String(weight)],
          ...(tunnelType === undefined ? [] : ['--tun-type', tunnelType]),
        ].join(' '),
      ),
    );
    const saved = fixture('sn-all-kinds').split('\n');
    expect(lines).toEqual(saved.filter((line) => line.startsWith('-a')));
  });

  it('knows persistence, one-packet scheduling and forwarding', () => {
    const named = new Map(services.map((each) => [poolText(each.service), each]));
    expect(named.get('192.168.100.11:80')).toMatchObject({ scheduler: 'rr', persistSeconds: 60 });
    expect(named.get('udp://192.168.100.11:5300')).toMatchObject({ onePacket: true });
    expect(named.get('fwmark:7')).toMatchObject({ persistSeconds: 300 });
    expect(named.get('192.168.100.11:443')?.destinations).toMatchObject([
      { forwarding: 'Tunnel', tunnelType: 'ipip', weight: 1 },
      { forwarding: 'Masq', server: { address: '192.168.100.75', port: 8443 }, weight: 2 },
    ]);
  });

  it.each([
    ['an unknown option', '-A -t 192.168.100.11:80 -s rr --new-thing'],
    ['a name instead of an address', '-A -t www.example.com:http -s rr'],
    ['a member of no service', '-a -t 192.168.100.11:80 -r 192.168.100.74:80 -g -w 1'],
    ['a cut line', '-A -t 192.168.100.11:80 -s rr\n-a -t 192.168.100.11:80 -r 192.168.'],
    ['a member without forwarding', '-A -t 1.1.1.1:80 -s rr\n-a -t 1.1.1.1:80 -r 1.1.1.2:80 -w 1'],
    ['a weight that is none', '-A -t 1.1.1.1:80 -s rr\n-a -t 1.1.1.1:80 -r 1.1.1.2:80 -g -w x'],
    ['another program', 'Usage: something else'],
  ])('with %s is refused, not guessed at', (_name, text) => {
    expect(() => parseRules(text, 'Reading')).toThrow(
      expect.objectContaining({ code: 'UNEXPECTED_REPLY' }),
    );
  });

  it('of ten thousand real servers is read in less than 50 ms', () => {
    const many = Array.from(
      { length: 10_000 },
      (_, n) => `-a -t 192.168.100.11:80 -r 10.${n >> 8}.${n & 255}.1:80 -g -w 3`,
    );
    const text = `-A -t 192.168.100.11:80 -s rr\n${many.join('\n')}\n`;
    parseRules(text, 'Reading');
    const best = Math.min(
      ...[1, 2, 3].map(() => {
        // Processor time: other work on the machine is not the parser's.
        const started = process.cpuUsage();
        const [service] = parseRules(text, 'Reading');
        const used = process.cpuUsage(started);
        expect(service?.destinations).toHaveLength(10_000);
        return (used.user + used.system) / 1_000;
      }),
    );
    expect(best).toBeLessThan(50);
  });
});

describe('the listings', () => {
  const thresholds = ['Uthreshold', 'Lthreshold', 'ActiveConn', 'InActConn'];

  it('give counts by the heading of their column, of each service apart', () => {
    const rows = parseListing(fixture('thresholds-all-kinds'), thresholds, 'Reading');
    expect(rows.get('-t 192.168.100.11:443')?.get('192.168.100.75:8443')).toEqual([100, 80, 0, 0]);
    expect(rows.get('-t 192.168.100.11:80')?.get('192.168.100.78:80')).toEqual([0, 0, 0, 6]);
    const sticking = parseListing(fixture('persistent-conn'), ['PersistConn'], 'Reading');
    expect(sticking.get('-t 192.168.100.11:80')?.get('192.168.100.78:80')).toEqual([2]);
    expect(sticking.get('-t 192.168.100.11:7000')?.get('192.168.100.78:7000')).toEqual([0]);
  });

  it.each([
    ['thresholds-all-kinds', thresholds],
    ['stats-exact-large', ['Conns']],
  ] as const)(
    'know each service of %s by the words that the rules have for it',
    (name, columns) => {
      const listed = parseListing(fixture(name), columns, 'Reading');
      const ruled = parseRules(fixture('sn-all-kinds'), 'Reading');
      const lines = (text: string) => text.split('\n').filter((line) => line.startsWith('  -> '));
      let found = 0;
      for (const { service, destinations } of ruled) {
        const own = listed.get(serviceWords(service).join(' '));
        for (const { server } of destinations) {
          if (own?.has(endpointWord(server)) === true) found += 1;
        }
      }
      expect(listed.size).toBe(ruled.length);
      // The first such line is the heading.
      expect(found).toBe(lines(fixture(name)).length - 1);
    },
  );

  it('give large counters exactly, and refuse abbreviated ones', () => {
    const exact = parseListing(fixture('stats-exact-large'), ['Conns', 'InBytes'], 'Reading');
    const own = exact.get('-t 192.168.100.11:80');
    expect(own?.get('192.168.100.78:80')?.[1]).toBe(150_120_828);
    expect(() => parseListing(fixture('stats-abbreviated'), ['InBytes'], 'Reading')).toThrow(
      expect.objectContaining({ code: 'UNEXPECTED_REPLY' }),
    );
  });

  it('without a column that is needed, or with a destination of no service, are refused', () => {
    const refused = expect.objectContaining({ code: 'UNEXPECTED_REPLY' });
    expect(() => parseListing(fixture('persistent-conn'), ['Conns'], 'Reading')).toThrow(refused);
    const cut = fixture('persistent-conn').replace(/^TCP .*\n/m, '');
    expect(() => parseListing(cut, ['PersistConn'], 'Reading')).toThrow(refused);
  });
});

describe('what ipvsadm, sudo and the shell print instead', () => {
  it.each(['sudo: Ein Passwort ist notwendig', 'sh: 1: ipvsadm: nicht gefunden', '\u0000\u0007?'])(
    'is not guessed at in another language, but told as it is: %j',
    (text) => {
      const error = refusal(`${text}\n`, 1, 'Reading');
      expect(error.code).toBe('UNEXPECTED_REPLY');
      expect(error.message).toContain('it ended with 1 and said');
    },
  );

  it.each([
    ['err-a-destination-already-exists', 'UNEXPECTED_REPLY'],
    ['err-d-no-such-destination', 'NO_SUCH_MEMBER'],
    ['err-e-no-such-destination', 'NO_SUCH_MEMBER'],
    ['err-d-no-such-service', 'NO_SUCH_POOL'],
    ['ipvsadm-ln-t-no-such-service', 'NO_SUCH_POOL'],
    ['err-a-unknown-scheduler', 'UNSUPPORTED'],
    ['err-a-bad-address', 'UNSAFE_NAME'],
    ['err-a-weight-negative', 'UNSUPPORTED'],
    ['err-two-commands', 'UNSUPPORTED'],
    ['err-unknown-option', 'UNSUPPORTED'],
    ['err-service-without-port', 'UNSUPPORTED'],
    ['err-d-missing-r', 'UNSUPPORTED'],
    ['err-kernel-without-ipvs-ln', 'UNSUPPORTED'],
    ['err-kernel-without-ipvs-nonroot', 'PERMISSION'],
    ['perm-nonroot-full-path-ln', 'PERMISSION'],
    ['perm-nonroot-ipvsadm-not-in-path', 'UNSUPPORTED'],
    ['perm-sudo-n-not-allowed-c', 'PERMISSION'],
    ['perm-sudo-without-n-no-tty', 'PERMISSION'],
  ])('%s is %s', (name, code) => {
    const error = refusal(fixture(name), 255, 'Reading');
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^Reading: ".+\.$/);
  });
});

describe('an answer', () => {
  const whole = '== a\nx\n== exit 0\n== b\n== exit 255\n== done\n';

  it('is whole only with its last line', () => {
    expect(isWholeReply(whole)).toBe(true);
    for (let end = 0; end < whole.length; end += 1) {
      expect(isWholeReply(whole.slice(0, end))).toBe(false);
    }
  });

  it('has sections with their exit codes', () => {
    expect([...parseSections(whole, 'Reading')]).toEqual([
      ['a', { text: 'x\n', code: 0 }],
      ['b', { text: '', code: 255 }],
    ]);
  });

  it.each([
    'x\n== done\n',
    '== a\n== done\n',
    '== a\n== exit 0\nx\n== done\n',
    '== done\n== done\n',
  ])('%j is refused', (text) => {
    expect(() => parseSections(text, 'Reading')).toThrow(
      expect.objectContaining({ code: 'UNEXPECTED_REPLY' }),
    );
  });
});

describe('the name of a virtual service', () => {
  it.each([
    '192.168.100.11:80',
    '[fd00::11]:80',
    'udp://1.2.3.4:53',
    'sctp://1.2.3.4:5',
    'fwmark:7',
    'fwmark6:8',
  ])('%s comes back as it was', (text) => {
    const service = parsePool(text);
    expect(service && poolText(service)).toBe(text);
  });

  it.each([
    ...['192.168.100.11', 'fd00::11:80', '[192.168.100.11]:80', '192.168.100.11:65536', 'fwmark:0'],
    ...['tcp:/1.2.3.4:80', 'www:80', '1.2.3.4:080', 'fwmark:4294967296', '1.2.3.4:80;id', ''],
  ])('%j is none', (text) => {
    expect(parsePool(text)).toBeUndefined();
  });
});
