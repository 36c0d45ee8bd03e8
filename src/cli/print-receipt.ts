import type { DecisionCommand } from '../domain/command.ts';
import type { DecisionReply, FreezeReply, Receipt } from '../operations/operations.ts';
import { jsonText } from './json.ts';
import { faultText } from './print-answer.ts';
import { clean, type PrintOptions } from './print-options.ts';

/** What became of a command, before any device was looked at. */
export function printReceipt(receipt: Receipt, options: PrintOptions): string {
  if (options.json) return jsonText(receipt);
  switch (receipt.kind) {
    case 'accepted': {
      const start = receipt.again ? 'Was accepted before as' : 'Accepted as';
      const where = receipt.channel === undefined ? '' : ` The card appears in ${receipt.channel}.`;
      return clean(`${start} ${receipt.id}.${where}`);
    }
    case 'refused':
      return `Nothing was changed. ${faultText(receipt.fault, options)}`;
    case 'unknown':
      return clean(
        `Redis did not answer in time: it is not known yet whether ${receipt.id} was accepted. Look with \`history\` before you ask again.`,
      );
  }
}

/** What became of a decision. */
export function printReply(
  reply: DecisionReply,
  verb: DecisionCommand['verb'],
  options: PrintOptions,
): string {
  if (options.json) return jsonText(reply);
  if (reply.kind === 'refused') return `Not taken. ${faultText(reply.fault, options)}`;
  switch (verb) {
    case 'extend':
      return clean(`Change ${reply.changeId} comes back later.`);
    case 'acknowledge':
      return clean(`Change ${reply.changeId} is acknowledged.`);
    case 'approve':
    case 'deny':
    case 'cancel':
      return clean(`Change ${reply.changeId} is ${reply.state} now.`);
  }
}

/** What became of freeze or unfreeze. */
export function printFreeze(reply: FreezeReply, options: PrintOptions): string {
  if (options.json) return jsonText(reply);
  if (reply.kind === 'refused') return `Not taken. ${faultText(reply.fault, options)}`;
  return clean(reply.text);
}
