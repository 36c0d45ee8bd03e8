import type { KnownBlock } from '@slack/types';
import type {
  Answer,
  EventLine,
  FreezeLine,
  HistoryLine,
  Provenance,
  ServiceStatus,
} from '../../domain/answer.ts';
import { type MemberState, type PoolState, takesClients } from '../../domain/member.ts';
import { context, header, pack, packCode, section } from '../blocks.ts';
import { answerRowsMax, blocksPerMessageMax, messageCharsMax } from '../limits.ts';
import { fitting } from '../message-size.ts';
import { codeSpan, cut, escapedCut, person, slackDate } from '../mrkdwn.ts';
import { comparison } from './comparison.ts';
import { faultWords } from './fault.ts';
import { memberTable, monospaced } from './member-table.ts';
import { gapBlocks } from './pair-gap.ts';
import { counted, listed } from './words.ts';

export interface AnswerMessage {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

/** The answer to a question, for the asker alone. */
export function answer(answer: Answer): AnswerMessage {
  const { text, blocks } = rendered(answer);
  const { kept, left } = fitting(blocks, messageCharsMax, blocksPerMessageMax - 1);
  if (left === 0) return { text, blocks };
  const note = context(
    `… and ${counted(left, 'more part')} of this answer, too long for one message. Ask about one service.`,
  );
  return { text, blocks: [...kept, note] };
}

function rendered(answer: Answer): AnswerMessage {
  switch (answer.kind) {
    case 'status':
      return status(answer);
    case 'pools':
      return pools(answer.pools);
    case 'comparison':
      return comparison(answer);
    case 'history':
      return history(answer);
    case 'whoami':
      return whoami(answer);
    case 'fault':
      return {
        text: faultWords(answer.fault),
        blocks: [section(`⊘ ${faultWords(answer.fault)}`)],
      };
  }
}

function status(answer: Extract<Answer, { kind: 'status' }>): AnswerMessage {
  const { services, freezes = [], gaps = [], at } = answer;
  const blocks = services.flatMap(serviceBlocks);
  const text = services.length === 1 ? summary(services) : `Status of ${services.length} services`;
  const body = blocks.length === 0 ? [section('There is no service you may look at.')] : blocks;
  const first = [...freezeBlocks(freezes), ...gapBlocks(gaps)];
  return { text, blocks: [...first, ...body, context(`read ${slackDate(at)}`)] };
}

/** Freezes come first: they are why nothing can be changed. */
function freezeBlocks(freezes: readonly FreezeLine[]): readonly KnownBlock[] {
  const packed = pack(freezes.map(freezeLine), 1);
  const more = packed.left > 0 ? [context(`… and ${counted(packed.left, 'more freeze')}`)] : [];
  return [...packed.texts.map((text) => section(text)), ...more];
}

function freezeLine({ scope, by, at, until, reason }: FreezeLine): string {
  const what = scope === '*' ? 'Everything' : escapedCut(scope, 200);
  const end = until === undefined ? 'until somebody lifts it' : `until ${slackDate(until)}`;
  return `⊘ *${what} is frozen* by ${person(by)} since ${slackDate(at)}, ${end}: ${escapedCut(reason, 300)}`;
}

function summary(services: readonly ServiceStatus[]): string {
  return services
    .map((service) => {
      const pools = service.pools.map((pool) => `${pool.device.balancer}: ${availability(pool)}`);
      return escapedCut(`${service.service}: ${pools.join(', ') || 'no balancer answered'}`, 500);
    })
    .join('\n');
}

function availability(pool: PoolState): string {
  const available = pool.members.filter((member) => takesClients(member) && !member.backup).length;
  return `${available} of ${pool.members.filter((member) => !member.backup).length} available`;
}

function serviceBlocks(service: ServiceStatus): readonly KnownBlock[] {
  const out = new Set(service.out.map((one) => keyOf(one.balancer, one.pool, one.member)));
  const tables = service.pools.flatMap((pool) => {
    const targets = new Set(
      pool.members
        .map((member) => member.name)
        .filter((name) => out.has(keyOf(pool.device.balancer, pool.pool, name))),
    );
    const sticky =
      pool.persistence === undefined
        ? ''
        : ` · clients stick by ${codeSpan(cut(pool.persistence, 60))}`;
    return [
      ...memberTable(pool, { targets, rowsMax: answerRowsMax }),
      context(`${availability(pool)}${sticky}`),
    ];
  });
  const faults = service.faults.map((one) =>
    section(`⚠ *${escapedCut(one.balancer, 100)}* could not be read. ${faultWords(one.fault)}`),
  );
  return [
    header(`${service.service} · ${service.environment}`),
    ...faults,
    ...outBlocks(service),
    ...tables,
  ];
}

function keyOf(balancer: string, pool: string, member: string): string {
  return JSON.stringify([balancer, pool, member]);
}

function outBlocks({ out, pools }: ServiceStatus): readonly KnownBlock[] {
  const lines = out.map(
    (one) =>
      `» ${codeSpan(cut(one.member, 100))} on *${escapedCut(one.balancer, 100)}* is out: ${provenance(one, memberOf(one, pools))}`,
  );
  const packed = pack(lines, 2);
  const more = packed.left > 0 ? [context(`… and ${counted(packed.left, 'more member')} out`)] : [];
  return [...packed.texts.map((text) => section(text)), ...more];
}

function memberOf(one: Provenance, pools: readonly PoolState[]): MemberState | undefined {
  return pools
    .find((pool) => pool.device.balancer === one.balancer && pool.pool === one.pool)
    ?.members.find((member) => member.name === one.member);
}

/** What was done to it: of one that is enabled, the weight is what keeps clients away. */
function doneTo(member: MemberState | undefined): string {
  return member?.admin === 'enabled' ? `weight ${member.weight}` : (member?.admin ?? 'disabled');
}

function provenance(one: Provenance, member: MemberState | undefined): string {
  switch (one.by) {
    case 'bot': {
      const who = one.actor === undefined ? 'through lb-chatops' : `by ${person(one.actor)}`;
      const approver =
        one.approver === undefined || !/^[UW]/.test(one.approver)
          ? ''
          : `, approved by ${person(one.approver)}`;
      const change = one.changeId === undefined ? '' : `, change ${codeSpan(one.changeId)}`;
      const until = one.until === undefined ? '' : `, comes back by itself ${slackDate(one.until)}`;
      return `${doneTo(member)} ${who}${approver}${change}${until}`;
    }
    case 'hand':
      return 'by hand on the device';
    case 'health check':
      return 'its health check fails';
    case 'configuration':
      return 'by the configuration of the device';
    case 'tracking':
      return 'it follows another server, or its node, that is out';
    case 'unknown':
      return 'nobody knows why; the device does not say';
  }
}

type Pools = Extract<Answer, { kind: 'pools' }>['pools'];

function pools(found: Pools): AnswerMessage {
  const rows = found.map((one) => [
    one.service,
    one.environment,
    one.pool,
    one.on,
    listed(one.balancers),
  ]);
  const titles = ['service', 'environment', 'pool', 'on', 'balancers'];
  return table('Services and their pools', titles, rows, 'No service is known.');
}

function table(
  text: string,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  none: string,
): AnswerMessage {
  if (rows.length === 0) return { text: none, blocks: [section(none)] };
  const lines = monospaced(
    titles.map((title) => ({ title })),
    rows,
  );
  const packed = packCode(lines, 8);
  const more = packed.left > 0 ? [context(`… and ${counted(packed.left, 'more line')}`)] : [];
  return {
    text,
    blocks: [section(`*${text}*`), ...packed.texts.map((part) => section(part)), ...more],
  };
}

function history({
  lines,
  events = [],
  service,
}: Extract<Answer, { kind: 'history' }>): AnswerMessage {
  const of = service === undefined ? '' : ` of ${escapedCut(service, 200)}`;
  const text = `Latest changes${of}`;
  const packed = pack(lines.map(historyLine), 8);
  const more = packed.left > 0 ? [context(`… and ${counted(packed.left, 'older change')}`)] : [];
  const nothing = `No change${of} is recorded.`;
  if (lines.length === 0 && events.length === 0) {
    return { text: nothing, blocks: [section(nothing)] };
  }
  const none = lines.length === 0 ? [section(nothing)] : [];
  return {
    text,
    blocks: [
      section(`*${text}*`),
      ...none,
      ...packed.texts.map((part) => section(part)),
      ...more,
      ...happened(events),
    ],
  };
}

/** What nobody asked for. */
function happened(events: readonly EventLine[]): readonly KnownBlock[] {
  if (events.length === 0) return [];
  const packed = pack(
    events.map(({ at, text }) => `• ${slackDate(at)} ${escapedCut(text, 400)}`),
    4,
  );
  const more = packed.left > 0 ? [context(`… and ${counted(packed.left, 'older event')}`)] : [];
  return [
    section('*What happened by itself*'),
    ...packed.texts.map((part) => section(part)),
    ...more,
  ];
}

function historyLine(line: HistoryLine): string {
  const approver =
    line.approver === undefined || !/^[UW]/.test(line.approver)
      ? ''
      : `, approved by ${person(line.approver)}`;
  const reason = line.reason === undefined ? '' : ` — ${escapedCut(line.reason, 200)}`;
  const what = `${line.verb} ${listed(line.members)} in ${line.service}`;
  return `• ${slackDate(line.at)} *${line.state}*: ${escapedCut(what, 300)} by ${person(line.actor)}${approver} ${codeSpan(line.changeId)}${reason}`;
}

function whoami(me: Extract<Answer, { kind: 'whoami' }>): AnswerMessage {
  const text = `You are ${person(me.id)} (${codeSpan(me.id)}), asking from ${me.via === 'slack' ? 'Slack' : 'a shell'}.`;
  const rows = me.may.map((one) => [one.environment, one.roles.join(', ') || 'nothing']);
  const { blocks } = table('You may', ['environment', 'roles'], rows, 'You hold no role anywhere.');
  return { text, blocks: [section(text), ...blocks] };
}
