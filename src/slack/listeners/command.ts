import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { helpText } from '../../commands/help.ts';
import { parseCommand } from '../../commands/parse.ts';
import { ALL_VERBS } from '../../commands/table.ts';
import {
  type HelpCommand,
  isChange,
  isDecision,
  isFreeze,
  type Verb,
} from '../../domain/command.ts';
import type { Inventory } from '../../domain/inventory.ts';
import type { Asker, Operations } from '../../operations/operations.ts';
import type { Clock } from '../../ports/clock.ts';
import { askerOf, deliveryOf } from '../delivery.ts';
import { ackDeadlineMs, lookupTimeoutMs } from '../limits.ts';
import {
  changeReceipt,
  decisionWords,
  freezeReceipt,
  lateWords,
  plainLines,
  questionReceipt,
  usageWords,
} from '../messages/receipt.ts';
import type { Tell } from '../tell.ts';

export interface ListenerOptions {
  readonly operations: Operations;
  readonly inventory: Inventory;
  readonly clock: Clock;
  readonly tell: Tell;
}

type Arguments = SlackCommandMiddlewareArgs & AllMiddlewareArgs;

/**
 * Parses, hands over, acknowledges once with what is known by then. What comes later than `ackDeadlineMs` is
 * told afterwards.
 */
export function commandListener(options: ListenerOptions): (args: Arguments) => Promise<void> {
  return async ({ command, ack }) => {
    const delivery = deliveryOf(command);
    const asker = askerOf(delivery);
    if (asker === undefined) throw new Error('The door let a command without a person in.');
    const reply = (text: string) =>
      ack({ response_type: 'ephemeral', text }).catch(() => options.tell(delivery, text));
    const words = answerTo(command.text, command.command, asker, options);
    const early = await within(options.clock, ackDeadlineMs, words);
    await reply(early ?? lateWords);
    if (early === undefined) await options.tell(delivery, await words);
  };
}

async function answerTo(
  text: string,
  prefix: string,
  asker: Asker,
  options: ListenerOptions,
): Promise<string> {
  const parsed = parseCommand(text, options.inventory, prefix);
  if (parsed.kind === 'usage') return usageWords(parsed.text);
  const { operations } = options;
  const { command } = parsed;
  if (isChange(command)) return changeReceipt(await operations.change(command, asker), command);
  if (isDecision(command)) {
    return decisionWords(await operations.decide(command, asker), command.verb);
  }
  if (isFreeze(command)) return freezeReceipt(await operations.freeze(command, asker));
  if (command.verb === 'help') return help(command, prefix, asker, options);
  return questionReceipt(await operations.ask(command, asker), command);
}

async function help(
  command: HelpCommand,
  prefix: string,
  asker: Asker,
  { operations, clock }: ListenerOptions,
): Promise<string> {
  const asked = operations.verbsFor(asker).catch(() => undefined);
  const verbs = await within(clock, lookupTimeoutMs, asked);
  if (verbs !== undefined) return plainLines(helpText(verbs, command.about, prefix));
  const all: ReadonlySet<Verb> = new Set(ALL_VERBS.map((entry) => entry.verb));
  const note = 'Slack did not say who you are, so this shows every verb; not all may be yours.';
  return `${note}\n${plainLines(helpText(all, command.about, prefix))}`;
}

/** The result, or undefined when it takes longer than `ms`. */
async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([work, clock.sleep(ms, done.signal).then(() => undefined)]);
  } finally {
    done.abort();
  }
}
