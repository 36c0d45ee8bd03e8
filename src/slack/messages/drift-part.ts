import type { KnownBlock } from '@slack/types';
import type { DriftChoice, DriftVerb, Incident } from '../../domain/incident.ts';
import type { DriftReply } from '../../operations/operations.ts';
import { actions, button, section } from '../blocks.ts';
import { driftAction, driftBlockId } from '../drift-id.ts';
import { codeSpan, cut, mention } from '../mrkdwn.ts';
import { faultWords } from './fault.ts';

function choiceWords({ verb, by, changeId }: DriftChoice): string {
  if (verb === 'accept') return `${mention(by)} accepted it as it is`;
  return `${mention(by)} asked for it to be restored: change ${codeSpan(changeId ?? 'unknown')}`;
}

/** The buttons of a member that was changed by hand, or who chose what; nothing for other incidents. */
export function driftBlocks({ id, state, revision, drift }: Incident): readonly KnownBlock[] {
  if (drift === undefined) return [];
  if (drift.choice !== undefined) return [section(`${choiceWords(drift.choice)}.`)];
  if (state === 'over') return [];
  const member = cut(drift.member, 100);
  const click = (verb: DriftVerb) => ({ actionId: driftAction(verb), value: id });
  return [
    actions(driftBlockId(id, revision), [
      button('Restore', click('restore'), { primary: true }),
      button('Accept', click('accept'), {
        confirm: {
          title: 'Leave it as it is?',
          text: `${member} stays as it shows now, and no change keeps it otherwise any more.`,
          yes: 'Accept',
          no: 'Not yet',
        },
      }),
    ]),
  ];
}

/** What whoever clicked is told; undefined when the message itself says it. mrkdwn. */
export function driftReplyWords(reply: DriftReply): string | undefined {
  switch (reply.kind) {
    case 'late':
      return `⊘ Your click was not taken: ${choiceWords(reply.choice)}, before you.`;
    case 'refused':
      return `⊘ Your click was not taken. ${faultWords(reply.fault)}`;
    case 'taken':
      if (reply.isKnown) return undefined;
      return `⚠ It is not known yet whether change ${codeSpan(reply.changeId ?? '')} was taken; the message will show it.`;
  }
}
