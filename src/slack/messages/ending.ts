import { type ChangeState, isOpen } from '../../domain/change.ts';
import type { CardContext } from '../../ports/announcer.ts';
import { messageTextCharsMax } from '../limits.ts';
import { cut, escapedCut, mention } from '../mrkdwn.ts';
import { isUnacknowledged } from './break-glass-part.ts';
import { faultWords } from './fault.ts';
import { headline } from './headline.ts';

/** Kind of metadata of the closing word, so that a second one can be avoided. */
export const endingEventType = 'lb_change_ending';

export interface EndingMessage {
  readonly text: string;
  /** True when the whole channel should see it: the balancers are not as they should be. */
  readonly broadcast: boolean;
  readonly metadata: {
    readonly event_type: typeof endingEventType;
    readonly event_payload: { readonly id: string };
  };
}

const LOUD: readonly ChangeState[] = ['failed', 'half-done', 'unknown'];

/** The closing word in the card's thread; it mentions who asked and who decided, each once. mrkdwn. */
export function ending({ record }: CardContext): EndingMessage {
  const { approval } = record;
  const people = [
    record.request.actor.id,
    ...(approval?.votes ?? []),
    approval?.by,
    record.decidedBy,
  ].filter((id): id is string => id !== undefined && /^[UW][A-Z0-9]+$/.test(id));
  const mentions = [...new Set(people)].map(mention).join(' ');
  const fault = record.outcome?.fault ?? record.fault;
  const lines = [
    `${mentions} ${escapedCut(headline(record), 600)}`.trim(),
    ...(fault === undefined || isOpen(record.state) ? [] : [faultWords(fault)]),
    ...(record.outcome?.remarks.slice(0, 3).map((text) => escapedCut(text, 300)) ?? []),
  ];
  return {
    text: cut(lines.join('\n'), messageTextCharsMax),
    broadcast: LOUD.includes(record.state) || isUnacknowledged(record),
    metadata: { event_type: endingEventType, event_payload: { id: record.id } },
  };
}
