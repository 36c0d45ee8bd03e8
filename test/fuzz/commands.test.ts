import fc from 'fast-check';
import { describe, it } from 'vitest';
import { parseCommand } from '../../src/commands/parse.ts';
import { ALL_VERBS } from '../../src/commands/table.ts';
import { usageWords } from '../../src/slack/messages/receipt.ts';
import { site } from '../commands/site.ts';
import { hostile, INVISIBLE, never, seed, spoilt } from './hostile.ts';
import { mrkdwnFault } from './mrkdwn-reader.ts';

const inventory = site();
const SERVICES = [...inventory.services.keys()];
const PAIRS = [...inventory.pairs.keys()];
const BALANCERS = [...inventory.balancers.keys()];
/** What a device and a key in Redis may be told, F5's partitions and route domains included; written anew here. */
const SAFE_MEMBER = /^(?:(?:\/\w[\w.-]{0,99})+\/)?[\w.:[\]-]{1,220}(?:%\d{1,5}(?:[:.]\d{1,5})?)?$/;
const SAFE_ID = /^[A-Za-z0-9_-]{4,64}$/;

const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ALL_VERBS.map(({ verb }) => verb)) },
  { weight: 6, arbitrary: fc.constantFrom('test.tianya.cn', 'tianya', 'shop', 'api', 'SHOP') },
  {
    weight: 8,
    arbitrary: fc.constantFrom('192.168.100.74', 'web-1', 'web-3:8080', 'a,b', '[::1]:80', '::1'),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      ...['on', 'ha-1', 'now', 'until', 'idle', 'within', '10m', 'then', 'go', 'back', 'for'],
      ...['because', 'keep', 'half', 'break', 'glass', '--now', '--reason=x', '50%', '3', ','],
      ...['q7k2m9xt', '3f9a', '—now', '“web-1”', '<http://shop|shop>', '<@U0X|x>'],
    ),
  },
  { weight: 2, arbitrary: hostile },
);
const sentence = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));
const examples = ALL_VERBS.flatMap((entry) => entry.examples);

/** What is wrong with a command that was read; undefined when everything in it is harmless. */
function commandFault(command: Readonly<Record<string, unknown>>): string | undefined {
  const { verb, service, members, on, changeId, digestPrefix, about, reason } = command;
  if (!ALL_VERBS.some((entry) => entry.verb === verb)) return `verb ${String(verb)}`;
  const named = verb === 'failover' || verb === 'failback' ? PAIRS : SERVICES;
  if (service !== undefined && !named.includes(String(service))) return `service ${service}`;
  if (on !== undefined && !BALANCERS.includes(String(on))) return `balancer ${on}`;
  if (about !== undefined && !ALL_VERBS.some((entry) => entry.verb === about)) return 'about';
  if (changeId !== undefined && !SAFE_ID.test(String(changeId))) return `id ${changeId}`;
  if (digestPrefix !== undefined && !/^[0-9a-f]{4}$/.test(String(digestPrefix))) return 'digest';
  if (reason !== undefined && INVISIBLE.test(String(reason))) return `reason ${String(reason)}`;
  if (String(reason ?? '').includes('\n') || String(reason ?? '').length > 2_000) return 'reason';
  if (members === undefined) return undefined;
  if (!Array.isArray(members) || members.length === 0) return 'members';
  if (new Set(members).size !== members.length) return 'a member twice';
  const odd = members.find((member) => !SAFE_MEMBER.test(String(member)));
  return odd === undefined ? undefined : `member ${odd}`;
}

function textFault(text: string): string | undefined {
  const parsed = parseCommand(text, inventory);
  if (parsed.kind === 'command') return commandFault({ ...parsed.command });
  if (INVISIBLE.test(parsed.text)) return `usage with something invisible: ${parsed.text}`;
  return mrkdwnFault(usageWords(parsed.text));
}

describe(`commands nobody would type (LB_FUZZ_SEED=${seed})`, () => {
  it('never throw, and never become more than harmless names', () => {
    never(sentence, 12_000, textFault);
  });

  it('nor do the examples of the help, spoilt', () => {
    never(spoilt(examples), 12_000, textFault);
  });

  it('nor do members that no inventory lists', () => {
    const lines = ['disable api web-1,web-2 now', 'drain api [::1]:80', 'weight api w 3'];
    const one = fc.tuple(fc.constantFrom('disable', 'enable', 'drain'), hostile);
    const listless = fc.oneof(
      spoilt(lines),
      one.map(([verb, member]) => `${verb} api web${member}`),
    );
    never(listless, 8_000, textFault);
  });

  it('nor does plain rubbish', () => {
    never(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 60 })), 8_000, textFault);
  });
});
