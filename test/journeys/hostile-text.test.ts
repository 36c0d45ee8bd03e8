import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNEL, OUTSIDER, REQUESTER, SERVICE } from '../stage/inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import {
  asked,
  became,
  cardText,
  clickOn,
  requestsQueued,
  textsIn,
  told,
  typed,
} from './acting.ts';

const TARGET = '192.168.100.78';
const EVIL = [
  '<!channel> <!here|x> <!everyone> <!subteam^S0OPERATE>',
  `<@${OUTSIDER}> <https://evil.example|the runbook>`,
  '```; shutdown sessions``` `disable server x/y`',
  '\u202Etxet desrever\u202C \u200F\u2066x\u2069',
  'bell\u0007 null\u0000 escape\u001B[2J line\nbreak\u2028',
].join(' ');
const REASON = `${EVIL} ${'long '.repeat(600)}`.slice(0, 3_000);

let stage: Stage;
/** Everything the balancers were asked, reads too. */
const commands: string[] = [];

beforeAll(async () => {
  stage = await openStage();
  for (const proxy of stage.proxies) {
    proxy.hook = async (passing) => {
      commands.push(passing.command);
      passing.answer(await passing.forward());
    };
  }
});
afterAll(() => stage.stop());

/** Every text the bot gave to Slack: with calls, and with acknowledgements. */
function textsOfBot() {
  const { calls, messages } = stage.slack.state;
  const bot = stage.slack.state.messages.find(({ bot_id }) => bot_id !== undefined)?.user;
  const said = messages.filter(({ user }) => user === bot);
  return textsIn([
    calls.map(({ args }) => args),
    said.map(({ text, blocks }) => ({ text, blocks })),
  ]);
}

function expectInert() {
  const texts = textsOfBot();
  expect(texts.length).toBeGreaterThan(0);
  for (const { text, type } of texts) {
    // In plain_text Slack reads no mark-up; everywhere else a mention or a link would be live.
    if (type !== 'plain_text') {
      expect(text).not.toMatch(/<!(?!date\^)/);
      expect(text).not.toContain(`<@${OUTSIDER}>`);
      expect(text).not.toMatch(/<https?:/);
    }
    expect(text).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u);
  }
}

describe('a reason of 3,000 characters full of mark-up, control characters and right-to-left marks', () => {
  it('is shown as inert text in the card, the outcome, the history and the closing word', async () => {
    const { id } = await asked(stage, `disable ${SERVICE} ${TARGET} because ${REASON}`);
    expect(cardText(stage, id)).toContain('Reason: ');
    await clickOn(stage, id, 'change.approve');
    await became(stage, id, 'done');
    await expect.poll(() => cardText(stage, id)).toContain('is disabled in');
    await typed(stage, `history ${SERVICE}`);
    await expect.poll(() => told(stage, REQUESTER).join('\n')).toContain(id);
    await expect
      .poll(() => stage.slack.state.channel(CHANNEL).filter(({ thread_ts }) => thread_ts).length)
      .toBe(1);
    expectInert();
  });

  it('is kept without control characters and marks, cut, and the card says so', async () => {
    const [latest] = await stage.records.changes.recent(1);
    expect(latest?.request.command.reason?.length).toBeLessThanOrEqual(1_000);
    expect(latest?.request.command.reason).toMatch(/…$/);
    expect(latest?.request.command.reason).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(cardText(stage, latest?.id ?? '')).toContain('…');
  });

  it('never reaches a device', () => {
    const words = new Set(
      commands
        .flatMap((line) => line.split(';'))
        .map((command) => command.split(' ').slice(0, 2).join(' ')),
    );
    expect(words).toEqual(new Set(['show info', 'show servers', 'show stat', 'disable server']));
    expect(
      commands.filter((command) => /long|channel|evil|shutdown|\p{Cc}/u.test(command)),
    ).toEqual([]);
    for (const proxy of stage.proxies) {
      expect(proxy.writes).toEqual([`disable server ${SERVICE}/${TARGET}`]);
    }
  });
});

describe('a name that is no name', () => {
  const names: [what: string, text: string][] = [
    ['verb', '<!channel>'],
    ['verb in backticks', '```<!everyone>``` now'],
    ['service', `disable <!channel> ${TARGET}`],
    ['service with marks', `status \u202E${SERVICE}<!here>`],
    ['member with a second command', `disable ${SERVICE} ${TARGET};shutdown`],
    ['member with a line break', `disable ${SERVICE} ${TARGET}\ndisable server x/y`],
    ['member that is a mention', `disable ${SERVICE} <@${OUTSIDER}>`],
    ['member that is a payload', `disable ${SERVICE} <<`],
    ['balancer', `disable ${SERVICE} ${TARGET} on <!here>`],
    ['verb of help', 'help <!channel>'],
    ['id', 'approve <!channel> 0000'],
    ['digest', 'approve abcdefgh `<!h`'],
  ];

  it.each(names)(
    'as a %s is refused in inert words, and nothing is queued or sent',
    async (_what, text) => {
      const queued = await requestsQueued(stage);
      const sent = commands.length;
      expect(await typed(stage, text)).toContain('Nothing was changed');
      expectInert();
      expect(await requestsQueued(stage)).toBe(queued);
      // Looks at the members go on all the time; nothing else may have been sent.
      expect(commands.slice(sent).filter((command) => !command.startsWith('show '))).toEqual([]);
    },
  );
});
