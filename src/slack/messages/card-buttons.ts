import type { Button, KnownBlock } from '@slack/types';
import type { ChangeRecord } from '../../domain/change.ts';
import { durationWords } from '../../domain/duration.ts';
import type { Plan } from '../../domain/plan.ts';
import { actions, button } from '../blocks.ts';
import {
  type DecisionVerb,
  decisionAction,
  decisionBlockId,
  decisionValue,
  extendByMs,
} from '../decision-id.ts';
import { cut } from '../mrkdwn.ts';
import { isUnacknowledged } from './break-glass-part.ts';
import { changeWords } from './change-words.ts';
import { capacityLines } from './plan-part.ts';
import { balancersOf, listed } from './words.ts';

/**
 * The buttons for what can be decided about the change as it stands now, of `verbs` when they are named. A click is
 * checked the same way wherever they stand.
 */
export function decisionButtons(
  record: ChangeRecord,
  verbs?: readonly DecisionVerb[],
): readonly KnownBlock[] {
  const { plan } = record;
  if (plan === undefined) return [];
  const acknowledge = button('Acknowledge', click(record, 'acknowledge'), { primary: true });
  const shown = [
    ...stateButtons(record, plan),
    ...(isUnacknowledged(record) ? [acknowledge] : []),
  ].filter(
    ({ action_id: id }) => verbs === undefined || verbs.some((verb) => decisionAction(verb) === id),
  );
  if (shown.length === 0) return [];
  return [actions(decisionBlockId(record.id, plan.digest, record.revision), shown)];
}

function stateButtons(record: ChangeRecord, plan: Plan): readonly Button[] {
  switch (record.state) {
    case 'waiting':
      return [
        yesButton(record, plan),
        button('Deny', click(record, 'deny')),
        button('Cancel', click(record, 'cancel')),
      ];
    case 'draining':
      return [cancelAtRest(record, plan, 'End the wait?', 'stays drained')];
    case 'holding':
      return [
        button(`Extend ${durationWords(extendByMs)}`, click(record, 'extend')),
        cancelAtRest(record, plan, 'End the time box?', 'stays as it is'),
      ];
    default:
      return [];
  }
}

function click(record: ChangeRecord, verb: DecisionVerb) {
  return { actionId: decisionAction(verb), value: decisionValue(verb, record.id) };
}

function yesButton(record: ChangeRecord, plan: Plan): Button {
  const yes = record.asks === 'operator' ? 'Confirm' : 'Approve';
  const capacity = capacityLines(plan.guard.pools)[0];
  const { todo } = changeWords(record);
  return button(yes, click(record, 'approve'), {
    primary: true,
    confirm: {
      title: `${yes} this change?`,
      text: `${cut(todo, 120)} on ${cut(listed(balancersOf(plan)), 60)}.${capacity === undefined ? '' : ` ${cut(capacity, 110)}.`}`,
      yes,
      no: 'Not yet',
    },
  });
}

/** Cancelling what is at rest takes nothing back: whoever clicks must know what stays. */
function cancelAtRest(record: ChangeRecord, plan: Plan, title: string, stays: string): Button {
  return button('Cancel', click(record, 'cancel'), {
    confirm: {
      title,
      text: `${cut(listed(plan.members), 150)} ${stays} until somebody changes it.`,
      yes: 'End it',
      no: 'Go on',
    },
  });
}
