import type {
  Answer,
  EventLine,
  FreezeLine,
  HistoryLine,
  ServiceStatus,
} from '../domain/answer.ts';
import { ERRORS, type Fault } from '../domain/errors.ts';
import type { DeviceSighting } from '../domain/home.ts';
import { jsonText } from './json.ts';
import { memberTable } from './member-table.ts';
import { comparisonText, gapText } from './print-comparison.ts';
import { clean, type PrintOptions, paint, timeText } from './print-options.ts';
import { textTable } from './text-table.ts';

/** Title, what exactly happened, and what to do next. */
export function faultText(fault: Fault, options: PrintOptions): string {
  const { title, next } = ERRORS[fault.code];
  return [paint(`${title}.`, 'red', options), clean(fault.message), next].join(' ');
}

/** The answer to a question, as text or JSON. */
export function printAnswer(answer: Answer, options: PrintOptions): string {
  if (options.json) return jsonText(answer);
  switch (answer.kind) {
    case 'status':
      return [
        ...(answer.freezes ?? []).map((freeze) => freezeText(freeze, options)),
        ...(answer.gaps ?? []).map((gap) => gapText(gap, options)),
        answer.services.length === 0
          ? 'No service you may look at.'
          : answer.services.map((service) => statusText(service, options)).join('\n\n'),
        ...devicesText(answer.devices ?? [], answer.at, options),
      ].join('\n');
    case 'pools':
      return poolsText(answer.pools, options);
    case 'comparison':
      return comparisonText(answer, options, faultText);
    case 'history':
      return [historyText(answer.lines, options), ...eventsText(answer.events ?? [], options)].join(
        '\n\n',
      );
    case 'whoami':
      return whoamiText(answer, options);
    case 'fault':
      return faultText(answer.fault, options);
  }
}

function freezeText(freeze: FreezeLine, options: PrintOptions): string {
  const { scope, by, at, until, reason } = freeze;
  const what = scope === '*' ? 'Everything' : scope;
  const end = until === undefined ? 'until somebody lifts it' : `until ${timeText(until)}`;
  const words = clean(`${what} is frozen by ${by} since ${timeText(at)}, ${end}: ${reason}`);
  return paint(words, 'yellow', options);
}

function statusText(status: ServiceStatus, options: PrintOptions): string {
  const headline = clean(`${status.service} (${status.environment})`);
  return [
    paint(headline, 'bold', options),
    ...status.pools.map((pool) => memberTable(pool, status.out, options)),
    ...status.faults.map(
      ({ balancer, fault }) => `${clean(balancer)}: not read. ${faultText(fault, options)}`,
    ),
  ].join('\n');
}

type PoolLine = Extract<Answer, { kind: 'pools' }>['pools'][number];

function poolsText(pools: readonly PoolLine[], options: PrintOptions): string {
  if (pools.length === 0) return 'No pool you may look at.';
  const rows = pools.map(({ service, environment, on, pool, balancers }) => [
    service,
    environment,
    on,
    pool,
    balancers.join(', '),
  ]);
  return textTable(['SERVICE', 'ENVIRONMENT', 'ON', 'POOL', 'BALANCERS'], rows, options);
}

function historyText(lines: readonly HistoryLine[], options: PrintOptions): string {
  if (lines.length === 0) return 'No change yet.';
  const header = ['WHEN', 'ID', 'STATE', 'WHAT', 'BY', 'APPROVED BY', 'REASON'];
  const rows = lines.map((line) => [
    timeText(line.at),
    line.changeId,
    line.state,
    `${line.verb} ${line.service} ${line.members.join(',')}`,
    line.actor,
    line.approver ?? '',
    line.reason ?? '',
  ]);
  return textTable(header, rows, options);
}

/** What nobody asked for. */
function eventsText(events: readonly EventLine[], options: PrintOptions): readonly string[] {
  if (events.length === 0) return [];
  const rows = events.map(({ at, lane, text }) => [timeText(at), lane, text]);
  return [textTable(['WHEN', 'WHERE', 'WHAT HAPPENED'], rows, options)];
}

/** Silence means that all is well only while somebody looks. */
function devicesText(
  devices: readonly DeviceSighting[],
  at: number,
  options: PrintOptions,
): readonly string[] {
  return devices.map(({ balancer, answeredAt, fault }) => {
    const seen =
      answeredAt === undefined
        ? 'never answered yet'
        : `last answered ${Math.max(0, Math.round((at - answeredAt) / 1_000))} s ago`;
    const why = fault === undefined ? '' : `, and does not answer: ${fault.message}`;
    return paint(clean(`${balancer} ${seen}${why}`), fault === undefined ? 'dim' : 'red', options);
  });
}

function whoamiText(answer: Extract<Answer, { kind: 'whoami' }>, options: PrintOptions): string {
  const who = clean(`You are ${answer.id}, by ${answer.via === 'slack' ? 'Slack' : 'the shell'}.`);
  if (answer.may.length === 0) return `${who} You hold no role in any environment.`;
  const rows = answer.may.map(({ environment, roles }) => [
    environment,
    roles.join(', ') || 'none',
  ]);
  return `${who}\n${textTable(['ENVIRONMENT', 'ROLES'], rows, options)}`;
}
