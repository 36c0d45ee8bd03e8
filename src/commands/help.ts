import type { Verb } from '../domain/command.ts';
import { ALL_VERBS, findVerb, type Risk, usageLine, type VerbEntry } from './table.ts';

const hintLengthMax = 1000;

const RISK_WORDS: Record<Risk, string> = {
  read: 'changes nothing',
  write: 'changes a balancer',
  decide: 'decides about a change',
  stop: 'stops or allows changes',
};

/** Guests, and people of another workspace. */
const NOTHING =
  'There is nothing here that you may run: it is for full members of this workspace. Ask one of them.';

/**
 * Help as plain text: the verbs this person may run, or one of them in full. A verb they may not run is
 * shown as such and not explained.
 */
export function helpText(verbs: ReadonlySet<Verb>, about?: string, prefix = '/lb'): string {
  if (about !== undefined) return oneVerb(verbs, about, prefix);
  const shown = ALL_VERBS.filter((entry) => verbs.has(entry.verb));
  if (shown.length === 0) return NOTHING;
  const lines = shown.flatMap((entry) => [usageLine(entry, prefix), `    ${entry.meaning}`]);
  return ['What you may run:', ...lines, `More about one: ${prefix} help <verb>`].join('\n');
}

function oneVerb(verbs: ReadonlySet<Verb>, about: string, prefix: string): string {
  const entry = findVerb(about);
  if (entry === undefined)
    return `There is no verb of that name. ${helpText(verbs, undefined, prefix)}`;
  if (!verbs.has(entry.verb)) {
    return `You may not run ${entry.verb}: it needs the role ${entry.role}. Your roles: ${prefix} whoami`;
  }
  return [
    `${entry.verb}: ${entry.meaning}`,
    `Usage: ${usageLine(entry, prefix)}`,
    ...entry.examples.map((example) => `Example: ${prefix} ${example}`),
    `Risk: ${RISK_WORDS[entry.risk]}. Role: ${entry.role}.`,
    ...extras(entry),
  ].join('\n');
}

const BREAK_GLASS =
  '"break glass" waits for no approval; it needs its own role and a reason, and everybody is told.';

/** Flags of every command that changes a balancer. */
const ALWAYS = ['--break-glass', '--because <text> (or --reason)'];

function extras(entry: VerbEntry): readonly string[] {
  if (entry.risk !== 'write') return [];
  if (entry.arguments.startsWith('<pair>')) {
    return [
      'Of a pair with vrrp. Refused unless the other node is healthy and its table is the same; nothing is stopped or restarted.',
      BREAK_GLASS,
      `Flags do the same: ${ALWAYS.join(', ')}.`,
    ];
  }
  return [
    'A member is a name, an address or address:port. The reason goes last: all after "because" belongs to it, up to the next flag.',
    'On a pair, if the second node fails, the first is put back; "keep half" leaves it changed.',
    ...(entry.arguments.includes('[for ')
      ? [
          'With "for" it comes back by itself, once a check of its own reaches the member. A time is 10s to 7d.',
        ]
      : []),
    ...(entry.verb === 'drain'
      ? [
          'Idle is no open session and nothing new for quiet_for of the service. Not idle in time: it stays drained and says so.',
        ]
      : []),
    BREAK_GLASS,
    `Flags do the same: ${flagsOf(entry).join(', ')}.`,
  ];
}

function flagsOf({ verb }: VerbEntry): readonly string[] {
  return [
    '--on <balancer>',
    ...(verb === 'disable' ? ['--now'] : []),
    ...(verb === 'drain' ? ['--until-idle', '--within <time>', '--then <what>'] : []),
    ...(verb === 'weight' ? ['--weight <weight>'] : []),
    ...(verb === 'enable' ? [] : ['--for <time>']),
    '--keep-half',
    ...ALWAYS,
  ];
}

/** The hint that Slack shows while typing; for the app manifest, at most 1000 characters. */
export function usageHint(): string {
  const hint = ALL_VERBS.map((entry) => entry.verb).join(' | ');
  const full = `${hint} … e.g. disable test.tianya.cn 192.168.100.78 because kernel update`;
  return full.length <= hintLengthMax ? full : hint;
}

/** The table of verbs for the README, in Markdown. */
export function readmeTable(prefix = '/lb'): string {
  const rows = ALL_VERBS.map((entry) => {
    const [example = entry.verb] = entry.examples;
    const cells = [
      `\`${usageLine(entry, prefix)}\``,
      entry.meaning,
      entry.role,
      RISK_WORDS[entry.risk],
      `\`${prefix} ${example}\``,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '| Command | What it does | Role | Risk | Example |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
