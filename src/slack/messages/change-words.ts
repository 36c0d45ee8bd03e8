import type { ChangeRecord } from '../../domain/change.ts';
import {
  type ChangeCommand,
  isSwitch,
  type SwitchVerb,
  type UntilIdle,
  type WantedWeight,
  type WriteVerb,
} from '../../domain/command.ts';
import { durationWords } from '../../domain/duration.ts';
import type { WriteStage } from '../../domain/stage.ts';
import { listed } from './words.ts';

/** What the change is called, as plain text: not escaped, for headers and for `escaped`. */
export interface ChangeWords {
  /** `Disable 192.168.100.78 in test.tianya.cn for 30 min` */
  readonly todo: string;
  /** What the writes so far have led to: `192.168.100.78 is disabled in test.tianya.cn` */
  readonly done: string;
  /** The same when it was so before: `192.168.100.78 was disabled in test.tianya.cn already` */
  readonly already: string;
  /** The same for who took them out and where sticky clients still come: `192.168.100.78 is out for new clients in …` */
  readonly out: string;
  readonly does: 'does' | 'do';
}

const DO: Record<WriteVerb, string> = {
  disable: 'Disable',
  enable: 'Enable',
  drain: 'Drain',
  offline: 'Force offline',
  weight: 'Set weight',
  failover: 'Fail over',
  failback: 'Fail back',
};

const DONE = {
  disable: 'disabled',
  enable: 'enabled',
  drain: 'drained',
  offline: 'forced offline',
} as const;

const THEN: Record<UntilIdle['afterwards'], string> = {
  disable: 'disabled',
  remove: 'removed',
  keep: 'drained',
  'go back': 'back as before',
};

/** `50%` or `128`. */
export function weightWords(weight: WantedWeight | undefined): string {
  if (weight === undefined) return 'as asked';
  return weight.unit === 'percent' ? `${weight.value}%` : String(weight.value);
}

/** The members are named as they were typed: those are the words people will look for. */
export function changeWords(record: ChangeRecord): ChangeWords {
  const { command } = record.request;
  const service = record.plan?.service ?? command.service;
  if (isSwitch(command.verb)) return switchWords(command.verb, service);
  const members = listed(command.members);
  const isOne = command.members.length === 1;
  const end = endOf(record);
  const how = (has: string, is: string) =>
    end === undefined ? `${has} weight ${weightWords(command.weight)}` : `${is} ${end}`;
  return {
    todo: todoWords(command, members, service),
    done: `${members} ${how(isOne ? 'has' : 'have', isOne ? 'is' : 'are')} in ${service}`,
    already: `${members} ${how('had', isOne ? 'was' : 'were')} in ${service} already`,
    out: `${members} ${isOne ? 'is' : 'are'} out for new clients in ${service}`,
    does: isOne ? 'does' : 'do',
  };
}

function switchWords(verb: SwitchVerb, pair: string): ChangeWords {
  const done = verb === 'failover' ? 'was failed over' : 'was failed back';
  return {
    todo: `${DO[verb]} pair ${pair}`,
    done: `pair ${pair} ${done}`,
    already: `pair ${pair} ${done} already`,
    out: `pair ${pair} ${done}`,
    does: 'does',
  };
}

function todoWords(command: ChangeCommand, members: string, service: string): string {
  const what =
    command.verb === 'weight'
      ? `${DO.weight} ${weightWords(command.weight)} of ${members} in ${service}`
      : `${DO[command.verb]} ${members} in ${service}`;
  const { until, now, forMs } = command;
  const parts = [
    now === true ? `${what} now` : what,
    ...(until === undefined ? [] : [`until idle${follows(until.afterwards)}`]),
    ...(forMs === undefined ? [] : [`for ${durationWords(forMs)}`]),
  ];
  return parts.join(' ');
}

function follows(end: UntilIdle['afterwards']): string {
  return end === 'keep' ? '' : `, then ${end}`;
}

/** The write stage that was taken last, or comes next when none was. */
export function stageWritten(record: ChangeRecord): WriteStage | undefined {
  const stages = record.plan?.stages.slice(0, record.stage + 1) ?? [];
  return stages.findLast((stage): stage is WriteStage => stage.kind === 'write');
}

/** What the members are after the last write; undefined for a weight. */
function endOf(record: ChangeRecord): string | undefined {
  const { command } = record.request;
  const isNothing = record.plan?.steps.length === 0;
  switch (isNothing ? 'change' : stageWritten(record)?.purpose) {
    case 'drain':
      return 'drained';
    case 'then':
      return THEN[command.until?.afterwards ?? 'go back'];
    case 'return':
      return 'back as before';
    case 'change':
    case undefined:
      return command.verb === 'weight' || isSwitch(command.verb) ? undefined : DONE[command.verb];
  }
}
