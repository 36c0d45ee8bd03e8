import { describe, expect, it } from 'vitest';
import { blockProblems } from '../../../src/sandbox/slack/block-limits.ts';
import { charsOf } from '../../../src/slack/message-size.ts';
import { card } from '../../../src/slack/messages/card.ts';
import { restMessages, restMetadata } from '../../../src/slack/messages/rest.ts';
import { mrkdwnOf, shown } from '../reading.ts';
import { cardContext, member, outcome, plan, record } from '../sample.ts';

const many = Array.from({ length: 100 }, (_, index) => member(`web${index}`));
const names = many.map((each) => each.name);

function waiting(of: ReturnType<typeof plan>) {
  return cardContext(record('waiting', { over: { plan: of } }));
}

/** Every member that stands in a table, on the card or in its thread, by balancer. */
function membersShown(context: ReturnType<typeof cardContext>): string[] {
  const texts = [shown(card(context)), ...restMessages(context).map(shown)];
  return texts.flatMap((text) =>
    [...text.matchAll(/^. {2}(web\d+) /gm)].map(([, name]) => name ?? ''),
  );
}

describe('what a card has no room for', () => {
  it('is nothing for a short pool, in whatever state', () => {
    expect(restMessages(cardContext(record('waiting')))).toEqual([]);
    const over = { outcome: outcome(plan(), 'verified') };
    expect(restMessages(cardContext(record('done', { over })))).toEqual([]);
  });

  it('is the rest of a hundred members, each once for each balancer, in few messages', () => {
    const context = waiting(plan({ pool: many, members: ['web70'] }));
    expect(shown(card(context))).toContain('more members, all enabled');
    const rest = restMessages(context);
    expect(rest.length).toBeLessThanOrEqual(3);
    const all = membersShown(context);
    expect(all).toHaveLength(200);
    expect(new Set(all).size).toBe(100);
  });

  it('has a heading for each table and its columns, and says which part it is', () => {
    const [first, ...others] = restMessages(waiting(plan({ pool: many, members: ['web70'] })));
    expect(first?.text).toBe(
      `What the card of change \`q7k2m9xt\` has no room for (1 of ${others.length + 1})`,
    );
    expect(shown(first ?? { blocks: [] })).toMatch(
      /^\*ha-2\* · pool `test\.tianya\.cn` · port 80/m,
    );
    expect(shown(first ?? { blocks: [] })).toMatch(/member +address +state/);
  });

  it('are all the commands an approval covers', () => {
    const context = waiting(plan({ pool: many, members: names }));
    const texts = [shown(card(context)), ...restMessages(context).map(shown)].join('\n');
    for (const balancer of ['ha-1', 'ha-2']) {
      for (const name of names) {
        expect(texts).toContain(`${balancer} · ${name} · `);
      }
    }
    expect(
      texts.match(/set server test\.tianya\.cn\/web\d+ state maint/g)?.length,
    ).toBeGreaterThanOrEqual(200);
  });

  it('is also said of how it ended, with before and after', () => {
    const of = plan({ pool: many, members: names });
    const over = { plan: of, outcome: outcome(of, 'verified') };
    const context = cardContext(record('done', { over }));
    const rest = restMessages(context).map(shown).join('\n');
    expect(rest).toContain('enabled → disabled');
    const texts = `${shown(card(context))}\n${rest}`;
    expect(texts.match(/✓ \*ha-[12]\* `web\d+` verified/g)).toHaveLength(200);
    expect(new Set(membersShown(context)).size).toBe(100);
  });

  it('are whole pools where the card shows none of them', () => {
    const twenty = Array.from({ length: 20 }, (_, index) => `ha-${index}`);
    const context = waiting(
      plan({ pool: many.slice(0, 10), members: ['web1'], balancers: twenty }),
    );
    expect(shown(card(context))).toMatch(/more pools? not shown here/);
    expect(membersShown(context)).toHaveLength(200);
  });

  it('fits the limits of Slack, and ends honestly where even the thread is too small', () => {
    const eighty = Array.from({ length: 80 }, (_, index) => `ha-${index}`);
    const rest = restMessages(waiting(plan({ pool: many, members: names, balancers: eighty })));
    expect(rest).toHaveLength(10);
    for (const message of rest) {
      expect(blockProblems(message.blocks)).toEqual([]);
      expect(charsOf(message.blocks)).toBeLessThanOrEqual(9000);
    }
    expect(shown(rest.at(-1) ?? { blocks: [] })).toMatch(/… and \d+ more parts, too long even/);
  });

  it('lets no text from outside become a mention', () => {
    const evil = many.map((each) => ({ ...each, name: `<!here>${each.name}` }));
    const rest = restMessages(waiting(plan({ pool: evil, members: [] })));
    expect(rest.length).toBeGreaterThan(0);
    expect(rest.flatMap(({ blocks }) => blocks.map(mrkdwnOf)).join('\n')).not.toContain('<!here>');
  });

  it('carries the id and the part as metadata, nothing else', () => {
    expect(restMetadata('q7k2m9xt', 'plan', 1)).toEqual({
      event_type: 'lb_change_rest',
      event_payload: { id: 'q7k2m9xt', part: 'plan.2' },
    });
  });
});
