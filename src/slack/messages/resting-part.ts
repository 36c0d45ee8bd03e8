import type { KnownBlock } from '@slack/types';
import type { ChangeRecord, IdleWait } from '../../domain/change.ts';
import { durationWords } from '../../domain/duration.ts';
import type { IdleStage } from '../../domain/stage.ts';
import { section } from '../blocks.ts';
import { remarkCharsMax } from '../limits.ts';
import { escapedCut, slackDate } from '../mrkdwn.ts';
import { comesNext } from './stage-words.ts';
import { counted } from './words.ts';

/** How a change at rest stands: what it waits for, how far that is, what comes next. */
export function restingBlocks(record: ChangeRecord): readonly KnownBlock[] {
  const obstacle = record.idleWait?.obstacle ?? record.hold?.obstacle;
  const lines = [
    ...(record.state === 'draining' ? drainingLines(record) : holdingLines(record)),
    ...(obstacle === undefined
      ? []
      : [`⚠ Held up, tried again and again: ${escapedCut(obstacle, remarkCharsMax)}`]),
  ];
  return [section(lines.join('\n'))];
}

function drainingLines(record: ChangeRecord): readonly string[] {
  const { idleWait: wait, plan } = record;
  const stage = plan?.stages[record.stage];
  const next = plan === undefined ? undefined : comesNext(plan, record.stage);
  if (wait === undefined || stage?.kind !== 'wait for idle') {
    return ['*Waiting until nobody uses it.*'];
  }
  const open = `${counted(wait.sessions, 'session')} open`;
  const sticky =
    wait.sticky === undefined ? '' : `, ${counted(wait.sticky, 'client')} may come again (sticky)`;
  const arrived = `${wait.arrived} arrived since (clients that stick to it)${sticky}`;
  return [
    `*Waiting until nobody uses it:* ${open}, ${arrived}; ${quietWords(wait, stage, record.updatedAt)}.`,
    `Since ${slackDate(wait.since)}, at the latest until ${slackDate(wait.until)}: ${
      stage.ifNotIdle === 'go on'
        ? 'then it goes on all the same.'
        : 'if somebody is there then, it stays drained and that is said here.'
    }`,
    next === undefined ? 'Afterwards it stays drained.' : `*Next:* ${next}.`,
  ];
}

/** A wait that was taken up again after a freeze knows only that it was quiet long enough. */
function quietWords({ quietSince }: IdleWait, { quietMs }: IdleStage, now: number): string {
  if (quietSince === undefined) return 'not quiet yet';
  const quiet = Math.min(quietMs, Math.max(0, now - quietSince));
  return `quiet for ${durationWords(quiet)} of ${durationWords(quietMs)}`;
}

function holdingLines({ hold }: ChangeRecord): readonly string[] {
  if (hold === undefined) return ['*Comes back by itself.*'];
  return [
    `*Comes back by itself* ${slackDate(hold.until)}, once our own check reaches it; else it stays as it is, and that is said loudly.`,
    'Earlier: `enable` it. Later: `extend`. What somebody else changed meanwhile is left alone.',
  ];
}
