import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/commands/parse.ts';
import { ALL_VERBS } from '../../src/commands/table.ts';
import type { Command } from '../../src/domain/command.ts';
import { site } from './site.ts';

const inventory = site();

function commandOf(text: string): Command {
  const parsed = parseCommand(text, inventory);
  if (parsed.kind === 'usage') throw new Error(parsed.text);
  return parsed.command;
}

function usageOf(text: string): string {
  const parsed = parseCommand(text, inventory);
  return parsed.kind === 'usage' ? parsed.text : `not refused: ${JSON.stringify(parsed.command)}`;
}

const disable = (members: readonly string[], more: object = {}) => ({
  verb: 'disable',
  service: 'shop',
  members,
  ifPairFails: 'put back',
  ...more,
});

describe('a change', () => {
  it('is read as in the example of the README', () => {
    expect(commandOf('disable test.tianya.cn 192.168.100.78 because kernel update')).toEqual({
      verb: 'disable',
      service: 'test.tianya.cn',
      members: ['192.168.100.78'],
      reason: 'kernel update',
      ifPairFails: 'put back',
    });
  });

  it('takes the service by alias and in any case, and says its name', () => {
    expect(commandOf('Enable TIANYA 192.168.100.78')).toMatchObject({
      verb: 'enable',
      service: 'test.tianya.cn',
    });
  });

  it.each([
    ['web-1,web-2', ['web-1', 'web-2']],
    ['web-1, web-2', ['web-1', 'web-2']],
    ['web-1 ,web-2', ['web-1', 'web-2']],
    ['web-1 , web-2', ['web-1', 'web-2']],
    ['web-1，web-2', ['web-1', 'web-2']],
    ['web-1、web-2', ['web-1', 'web-2']],
    ['web-1,web-1,web-2', ['web-1', 'web-2']],
    ['web-1:80', ['web-1:80']],
    ['web-3:8080', ['web-3:8080']],
    ['web-3', ['web-3']],
    ['`web-1`', ['web-1']],
    ['“web-1”', ['web-1']],
    ['web–1', ['web-1']],
    ['web‑1', ['web-1']],
    ['web\u200B-1', ['web-1']],
  ])('reads the members %s', (typed, members) => {
    expect(commandOf(`disable shop ${typed}`)).toEqual(disable(members));
  });

  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.1:80', '10.0.0.1:80'],
    ['2001:DB8:0::1', '2001:db8::1'],
    ['[2001:DB8::1]:443', '[2001:db8::1]:443'],
    ['anything-goes', 'anything-goes'],
  ])('leaves %s to planning where the inventory lists no members', (typed, member) => {
    expect(commandOf(`disable api ${typed}`)).toMatchObject({ members: [member] });
  });

  it('leaves an address to planning that may belong to a listed name', () => {
    expect(commandOf('disable shop 10.0.0.1')).toEqual(disable(['10.0.0.1']));
    expect(commandOf('disable tianya 127.0.0.1:8081')).toMatchObject({
      members: ['127.0.0.1:8081'],
    });
  });

  it.each([
    ['on ha-1', { on: 'ha-1' }],
    ['ON ha-1', { on: 'ha-1' }],
    ['--on ha-1', { on: 'ha-1' }],
    ['--on=ha-1', { on: 'ha-1' }],
    ['—on ha-1', { on: 'ha-1' }],
    ['–on ha-1', { on: 'ha-1' }],
    ['keep half', { ifPairFails: 'keep half' }],
    ['Keep-Half', { ifPairFails: 'keep half' }],
    ['—keep-half', { ifPairFails: 'keep half' }],
    ['because new disk', { reason: 'new disk' }],
    ['Because new disk', { reason: 'new disk' }],
    ['--because new disk', { reason: 'new disk' }],
    ['—reason “new disk”', { reason: 'new disk' }],
    ['--reason=new disk', { reason: 'new disk' }],
    ['--because "new disk" --on ha-2', { on: 'ha-2', reason: 'new disk' }],
    ['because new disk --keep-half', { reason: 'new disk', ifPairFails: 'keep half' }],
    ['on ha-1 keep half because a', { on: 'ha-1', ifPairFails: 'keep half', reason: 'a' }],
    ['because it sits on ha-2, keep half of it', { reason: 'it sits on ha-2, keep half of it' }],
  ])('reads the clause %s', (typed, expected) => {
    expect(commandOf(`disable shop web-1 ${typed}`)).toEqual(disable(['web-1'], expected));
  });

  it('reads the links that Slack makes of names', () => {
    const expected = { service: 'test.tianya.cn', members: ['192.168.100.78'] };
    for (const service of [
      '<http://test.tianya.cn|test.tianya.cn>',
      '<http://test.tianya.cn>',
      '<https://test.tianya.cn/|test.tianya.cn>',
      'http://test.tianya.cn/',
    ]) {
      expect(commandOf(`disable ${service} 192.168.100.78`)).toMatchObject(expected);
    }
    expect(
      commandOf(
        'disable tianya <tel:192.168.100.78|192.168.100.78>,<http://192.168.100.74|192.168.100.74>',
      ),
    ).toMatchObject({ members: ['192.168.100.78', '192.168.100.74'] });
    expect(commandOf('disable shop <mailto:web-1|web-1>')).toEqual(disable(['web-1']));
  });

  it('refuses a link whose label shows another host than it leads to', () => {
    expect(usageOf('disable <http://api|shop> web-1')).toContain(
      'Unknown service "<http://api|shop>"',
    );
  });

  it('keeps a reason as inert text on one line', () => {
    const typed =
      'disable shop web-1 because <!channel> `rm -rf` \u202Etxet\u202C a\u0000b\nnext — “so”\uD800';
    expect(commandOf(typed)).toEqual(
      disable(['web-1'], { reason: '<!channel> `rm -rf` txet ab next — “so”' }),
    );
  });

  it('writes links in a reason out', () => {
    const typed =
      'disable shop web-1 because see <https://wiki/a|the page> and <https://wiki/b> and <http://c.d|c.d>';
    expect(commandOf(typed)).toMatchObject({
      reason: 'see the page (https://wiki/a) and https://wiki/b and http://c.d',
    });
  });

  it('cuts a reason of 3,000 characters at 1,000 and shows that it did, never half a character', () => {
    const command = commandOf(`disable shop web-1 because ${'😀'.repeat(1500)}`);
    const reason = 'reason' in command ? command.reason : '';
    expect([...(reason ?? '')]).toHaveLength(1000);
    expect(reason).toMatch(/^(?:😀)+…$/u);
  });
});

describe('a question or a decision', () => {
  it.each<[string, Command]>([
    ['', { verb: 'help' }],
    ['  \u200B\n ', { verb: 'help' }],
    ['help', { verb: 'help' }],
    ['help Disable', { verb: 'help', about: 'disable' }],
    ['status', { verb: 'status' }],
    ['status tianya', { verb: 'status', service: 'test.tianya.cn' }],
    ['STATUS shop', { verb: 'status', service: 'shop' }],
    ['history', { verb: 'history' }],
    ['history shop', { verb: 'history', service: 'shop' }],
    ['pools', { verb: 'pools' }],
    ['whoami', { verb: 'whoami' }],
    ['compare web', { verb: 'compare', pair: 'web' }],
    ['compare tianya', { verb: 'compare', service: 'test.tianya.cn' }],
    ['approve q7k2m9xt 3F9A', { verb: 'approve', changeId: 'q7k2m9xt', digestPrefix: '3f9a' }],
    ['approve `q7k2m9xt` `3f9a`', { verb: 'approve', changeId: 'q7k2m9xt', digestPrefix: '3f9a' }],
    ['deny #q7k2m9xt', { verb: 'deny', changeId: 'q7k2m9xt' }],
    ['cancel q7k2m9xt', { verb: 'cancel', changeId: 'q7k2m9xt' }],
  ])('reads %j', (typed, command) => {
    expect(commandOf(typed)).toEqual(command);
  });
});

describe('what cannot be run', () => {
  it.each([
    ['disalbe shop web-1', 'Unknown verb "disalbe". Did you mean disable?'],
    ['dis shop web-1', 'Unknown verb "dis". Did you mean disable?'],
    ['reboot', 'Unknown verb "reboot". Verbs: status, pools,'],
    ['disable', 'The service is missing.'],
    ['compare', 'The service or pair is missing.'],
    ['compare wep', 'Unknown service or pair "wep". Did you mean web?'],
    ['compare ha-1', 'Services and pairs are listed by "pools".'],
    ['compare web shop', 'Unexpected "shop".'],
    ['disable shop', 'The member is missing.'],
    ['disable shop because x', 'The member is missing.'],
    ['disable shp web-1', 'Unknown service "shp". Did you mean shop?'],
    ['disable test.tianya.com web-1', 'Did you mean test.tianya.cn?'],
    ['disable nowhere.example web-1', 'The services are listed by "pools".'],
    ['disable shop web-9', 'shop has no member "web-9". Did you mean web-1?'],
    ['disable shop database', 'shop has no member "database". The members of shop are shown by'],
    [
      'disable tianya 192.168.100.79',
      'has no member "192.168.100.79". Did you mean 192.168.100.74?',
    ],
    ['disable shop web-1:99999', 'a port is 1 to 65535'],
    ['disable api 10.0.0.1:0', 'a port is 1 to 65535'],
    ['disable api web;1', '"web;1" is no name of a member'],
    ['disable api web；1', '"web;1" is no name of a member'],
    ['disable api <<', '"<<" is no name of a member'],
    ['disable api a/b', 'is no name of a member'],
    ['disable api <!channel>', '"<!channel>" is no name of a member'],
    ['disable shop web-1,', 'a comma with nothing beside it'],
    ['disable shop web-1,,web-2', 'a comma with nothing beside it'],
    ['disable shop web-1 web-2', 'Unexpected "web-2". Several members are separated by commas.'],
    ['disable shop web-1 becuase x', 'Unexpected "becuase". Did you mean because?'],
    ['disable shop web-1 on', 'After "on" comes the name of a balancer.'],
    ['disable shop web-1 on ha-3', 'Unknown balancer "ha-3". Did you mean ha-1?'],
    ['disable shop web-1 on solo', 'shop has no pool on balancer "solo"; it is on ha-1, ha-2.'],
    ['disable shop web-1 on web', '"web" is a pair. Name one of its balancers (ha-1, ha-2)'],
    ['disable shop web-1 on ha-1 on ha-2', '"on" is given twice.'],
    ['disable shop web-1 because a --because b', '"because" is given twice.'],
    ['disable shop web-1 keep', 'After "keep" comes "half".'],
    ['disable shop web-1 --keep-half=yes', 'takes no value'],
    ['disable shop web-1 because', 'After "because" comes the reason'],
    ['disable shop web-1 because ""', 'After "because" comes the reason'],
    ['disable shop web-1 --sudo', 'Unknown flag "--sudo". Known are --on,'],
    ['disable shop web-1 --forse', 'Unknown flag "--forse". Did you mean --for?'],
    ['disable shop web-1 --reson x', 'Unknown flag "--reson". Did you mean --reason?'],
    ['disable --on ha-1 shop web-1', 'The flag --on goes behind the members.'],
    ['status shopp', 'Unknown service "shopp". Did you mean shop?'],
    ['status shop now', 'Unexpected "now".'],
    ['pools shop', 'Unexpected "shop".'],
    ['approve', 'The id of the change is missing.'],
    ['approve q7k2m9xt', 'The four characters are missing'],
    ['approve q7k2m9xt 3f9', '"3f9" is not four characters'],
    ['approve q7k2m9xt zzzz', '"zzzz" is not four characters'],
    ['approve q7k2m9xt 3f9a now', 'Unexpected "now".'],
    ['deny a;b', '"a;b" is no id of a change'],
    ['help aprove', 'There is no verb "aprove". Did you mean approve?'],
    [`disable shop web-1 because ${'x'.repeat(4000)}`, 'at most 4000 are read.'],
    [`disable api ${Array.from({ length: 51 }, (_, n) => `m${n}`)}`, 'at most 50.'],
  ])('answers %j', (typed, expected) => {
    expect(usageOf(typed)).toContain(expected);
  });

  it('shows usage line and example of the verb, with the prefix of the place', () => {
    const parsed = parseCommand('deny', inventory, 'lb');
    expect(parsed).toEqual({
      kind: 'usage',
      text: 'The id of the change is missing.\nUsage: lb deny <id>\nExample: lb deny q7k2m9xt',
    });
  });

  it('shows what was typed without backticks and cut', () => {
    const text = usageOf(`status \`a\`b${'x'.repeat(500)}`);
    expect(text).not.toContain('`');
    expect(text.split('\n')[0]?.length).toBeLessThan(200);
  });

  it('never corrects a verb, however near', () => {
    for (const { verb } of ALL_VERBS) {
      expect(parseCommand(`${verb}x shop web-1`, inventory).kind).toBe('usage');
    }
  });
});
