import type { ChangeState } from '../../domain/change.ts';
import type { ChangeCommand, DecisionCommand, QuestionCommand } from '../../domain/command.ts';
import type { DecisionReply, FreezeReply, Receipt } from '../../operations/operations.ts';
import { packCode } from '../blocks.ts';
import { messageTextCharsMax } from '../limits.ts';
import { channelLink, codeSpan, escapedCut, escapedLinesCut } from '../mrkdwn.ts';
import { faultWords } from './fault.ts';
import { listed } from './words.ts';

/** What is said at once to somebody who typed a change. mrkdwn. */
export function changeReceipt(receipt: Receipt, command: ChangeCommand): string {
  switch (receipt.kind) {
    case 'accepted': {
      const what = `${command.verb} ${listed(command.members)} in ${command.service}`;
      const where =
        receipt.channel === undefined
          ? 'the card comes as a direct message'
          : `the card appears in ${channelLink(receipt.channel)}`;
      const again = receipt.again ? ' This command was taken before; it is one change.' : '';
      return `◷ Planning: ${escapedCut(what, 1000)}. Change ${codeSpan(receipt.id)}; ${where}.${again}`;
    }
    case 'refused':
      return `⊘ Nothing was changed. ${faultWords(receipt.fault)}`;
    case 'unknown':
      return `⚠ It is not known yet whether this was taken. Change ${codeSpan(receipt.id)}; you will be told. Typing it again makes another change.`;
  }
}

/** The same for a question. */
export function questionReceipt(receipt: Receipt, question: QuestionCommand): string {
  switch (receipt.kind) {
    case 'accepted':
      return question.verb === 'status'
        ? '◷ Reading the balancers …'
        : `◷ Looking up ${codeSpan(question.verb)} …`;
    case 'refused':
      return `⊘ ${faultWords(receipt.fault)}`;
    case 'unknown':
      return '⚠ It is not known yet whether the question was taken. If no answer comes within a minute, ask again.';
  }
}

/** The answer to a decision, clicked or typed. */
export function decisionWords(reply: DecisionReply, verb: DecisionCommand['verb']): string {
  if (reply.kind === 'refused') return `⊘ Your decision was not taken. ${faultWords(reply.fault)}`;
  return `${takenWords(reply.state, verb)}: change ${codeSpan(reply.changeId)}. The card shows how it goes on.`;
}

function takenWords(state: ChangeState, verb: DecisionCommand['verb']): string {
  switch (verb) {
    case 'approve':
      return state === 'waiting' ? '✓ Your approval counts, more are needed' : '✓ Approved';
    case 'deny':
      return '⊘ Denied';
    case 'cancel':
      // What was at rest is over with what it had done.
      return state === 'cancelled' ? '○ Cancelled' : '○ Ended as it is';
    case 'extend':
      return '✓ Extended';
    case 'acknowledge':
      return '✓ Acknowledged';
  }
}

/** The answer to freeze and unfreeze. */
export function freezeReceipt(reply: FreezeReply): string {
  if (reply.kind === 'refused') return `⊘ Not taken. ${faultWords(reply.fault)}`;
  return `✓ ${escapedCut(reply.text, 1500)}`;
}

/** Usage and help come as plain text of several lines; columns stay columns in code. */
export function plainLines(text: string): string {
  const packed = packCode(text.split('\n'), 1, messageTextCharsMax - 100);
  const more = packed.left > 0 ? `\n… and ${packed.left} more lines` : '';
  return `${packed.texts.join('\n')}${more}`;
}

/** A usage fault: what is wrong as a sentence, the usage and examples below it in code. */
export function usageWords(text: string): string {
  const [problem = '', ...rest] = text.split('\n');
  const sentence = `⊘ Nothing was changed. ${escapedCut(problem, 1000)}`;
  return rest.length === 0 ? sentence : `${sentence}\n${plainLines(rest.join('\n'))}`;
}

export function plainWords(text: string): string {
  return escapedLinesCut(text, messageTextCharsMax);
}

/** Said when the acknowledgement could not wait any longer. */
export const lateWords =
  '⚠ It is not known yet whether this was taken: the answer takes longer than usual. You will be told here.';
