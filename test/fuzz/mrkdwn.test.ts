import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { Home } from '../../src/domain/home.ts';
import { answer } from '../../src/slack/messages/answer.ts';
import { card } from '../../src/slack/messages/card.ts';
import { ending } from '../../src/slack/messages/ending.ts';
import { homeView } from '../../src/slack/messages/home.ts';
import {
  changeReceipt,
  freezeReceipt,
  plainLines,
  plainWords,
  usageWords,
} from '../../src/slack/messages/receipt.ts';
import { restMessages } from '../../src/slack/messages/rest.ts';
import {
  channelLink,
  codeLineCut,
  codeSpan,
  escaped,
  escapedCut,
  mention,
  slackDate,
} from '../../src/slack/mrkdwn.ts';
import { hostile, hostileLong, never, seed } from './hostile.ts';
import { answerTo } from './hostile-answers.ts';
import { cardContext, fault, PEOPLE, record } from './hostile-records.ts';
import { messageFault, mrkdwnFault } from './mrkdwn-reader.ts';

const room = fc.integer({ min: 1, max: 400 });

/** The first fault among several texts, with the name of the text. */
function firstFault(texts: Readonly<Record<string, string>>): string | undefined {
  for (const [name, text] of Object.entries(texts)) {
    const fault = mrkdwnFault(text);
    if (fault !== undefined) return `${name}: ${fault}`;
  }
  return undefined;
}

describe(`text from outside in mrkdwn (LB_FUZZ_SEED=${seed})`, () => {
  it('is never more than text', () => {
    never(fc.tuple(hostileLong, room, fc.integer()), 10_000, ([text, max, at]) =>
      firstFault({
        escaped: escaped(text),
        escapedCut: escapedCut(text, max),
        codeSpan: codeSpan(text),
        codeLineCut: codeLineCut(text, max),
        mention: mention(text),
        channelLink: channelLink(text),
        slackDate: slackDate(at),
        plainWords: plainWords(text),
        plainLines: plainLines(text),
        usageWords: usageWords(text),
        freezeReceipt: freezeReceipt({ kind: 'taken', text }),
      }),
    );
  });

  it('nor in what is said to whoever types', () => {
    never(fc.tuple(hostile, fault, record), 1_500, ([id, why, { request }]) =>
      firstFault({
        accepted: changeReceipt(
          { kind: 'accepted', id, again: true, channel: id },
          request.command,
        ),
        refused: changeReceipt({ kind: 'refused', fault: why }, request.command),
        unknown: changeReceipt({ kind: 'unknown', id }, request.command),
      }),
    );
  });
});

describe('messages about a change that wishes its readers no good', () => {
  it('name only people of theirs, and end all code they begin', () => {
    never(cardContext, 2_500, (context) => {
      const fault =
        messageFault(card(context), PEOPLE) ??
        messageFault({ text: ending(context).text, blocks: [] }, PEOPLE);
      if (fault !== undefined) return fault;
      return restMessages(context)
        .map((rest) => messageFault(rest, PEOPLE))
        .find((found) => found !== undefined);
    });
  });

  it('nor do answers', () => {
    never(answerTo, 2_500, (given) => messageFault(answer(given), PEOPLE));
  });

  it('nor does the Home tab', () => {
    const home = fc.record({
      kind: fc.constant('home'),
      userId: fc.constantFrom(...PEOPLE),
      at: fc.nat(2e12),
      approvals: fc.array(record, { maxLength: 2 }),
      mine: fc.array(record, { maxLength: 1 }),
      out: fc.array(
        fc.record({
          service: hostile,
          environment: hostile,
          balancer: hostile,
          pool: hostile,
          member: hostile,
          want: fc.constant({ admin: 'disabled', weight: 1 }),
          restore: fc.constant({ admin: 'enabled', weight: 1 }),
          changeId: hostile,
          actor: fc.constantFrom(...PEOPLE),
          approver: hostile,
          at: fc.nat(2e12),
        }),
        { maxLength: 2 },
      ),
      devices: fc.array(
        fc.record({ balancer: hostile, fault: fault.map((one) => ({ ...one, at: 1 })) }),
        { maxLength: 2 },
      ),
      faults: fc.array(fault, { maxLength: 1 }),
    }) as fc.Arbitrary<Home>;
    const refused = hostileLong.map((reason): Home => ({ kind: 'refused', reason }));
    never(fc.oneof({ weight: 4, arbitrary: home }, refused), 1_000, (given) =>
      messageFault(homeView(given), PEOPLE),
    );
  });
});
