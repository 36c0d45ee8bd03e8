import { checkLines } from './checks.ts';
import { APPROVER, CHANNEL, type REQUESTER } from './site.ts';
import type { DemoSite } from './start.ts';
import { hasButton, indented, plainMessage, type ShownMessage } from './transcript.ts';

const APPROVE = 'change.approve';
/** Long, because a machine may be busy: what does not come about does not come at all. */
const STEP_MS_MAX = 45_000;
const POLL_MS = 25;
/** The last line of a card; what the bot says of its own accord has none. */
const CARD = /^change [a-z0-9]{8} · /m;

type Person = typeof REQUESTER;

export interface Announced {
  readonly ts: string;
  readonly text: string;
}

/** Something did not come about; the message says what was expected and what was there instead. */
export class StoryStopped extends Error {}

/** What people do on the local Slack, and what they get to see, each written down. */
export function actors(site: DemoSite, say: (text: string) => void) {
  const { human, state } = site.slack;
  /** Ephemeral messages of the past, which answer nothing that is asked now. */
  const read = new Set<string>();
  const shown = new Set<string>();

  const spoken = () =>
    state
      .channel(CHANNEL.id)
      .filter(({ bot_id, thread_ts }) => bot_id !== undefined && thread_ts === undefined);
  const cards = () => spoken().filter((message) => CARD.test(plainMessage(message)));
  /** What the bot said of its own accord, as it stands now. */
  const announced = (words: string): readonly Announced[] =>
    spoken()
      .map((message) => ({ ts: message.ts, text: plainMessage(message) }))
      .filter(({ text }) => text.includes(words) && !CARD.test(text));
  const whispers = (person: Person) =>
    state.ephemerals(person.id).filter(({ ts, bot_id }) => bot_id !== undefined && !read.has(ts));

  return {
    cards,
    announced,
    /** Waits until a message says this that nobody asked for. */
    async hears(words: string): Promise<Announced> {
      const found = await until(
        `a message in #${CHANNEL.name} with: ${words}`,
        () => announced(words)[0],
        () => spoken().map(plainMessage).join('\n') || 'no message',
      );
      say(`lb, in #${CHANNEL.name}${shown.has(found.ts) ? ', the same message' : ''}:`);
      shown.add(found.ts);
      say(`${indented(found.text)}\n`);
      return found;
    },
    async command(person: Person, text: string) {
      for (const { ts } of whispers(person)) read.add(ts);
      say(`${person.name}> /lb ${text}`);
      const { ok, error } = await human.command({
        user: person.id,
        channel: CHANNEL.id,
        command: '/lb',
        text,
      });
      if (!ok) throw stopped('an acknowledged command', String(error));
    },
    async click(person: Person) {
      for (const { ts } of whispers(person)) read.add(ts);
      const card = cards().at(-1);
      say(`${person.name} clicks [ Approve ]`);
      const { ok, error } = await human.click({
        user: person.id,
        channel: CHANNEL.id,
        ts: card?.ts ?? '',
        action_id: APPROVE,
      });
      if (!ok) throw stopped('an acknowledged click', String(error));
    },
    /** Waits until the newest card asks, and clicks Approve on it as the approver. */
    async approve(number: number) {
      await this.card(number, 'a card that asks for approval', (card) => hasButton(card, APPROVE));
      await this.click(APPROVER);
    },
    async toldAlone(person: Person, fits: (text: string) => boolean): Promise<string> {
      const told = () => whispers(person).map(plainMessage);
      const text = await until(
        `an answer that only ${person.name} sees`,
        () => told().find(fits),
        () => told().join('\n') || 'nothing',
      );
      say(`lb, to ${person.name} alone:\n${indented(text)}\n`);
      return text;
    },
    async card(number: number, expected: string, fits: (card: ShownMessage) => boolean) {
      const card = await until(
        expected,
        () => {
          const found = cards()[number - 1];
          return found !== undefined && fits(found) ? found : undefined;
        },
        () => cards().map(plainMessage).join('\n') || 'no card',
      );
      say(`lb, in #${CHANNEL.name}${shown.has(card.ts) ? ', the same card' : ''}:`);
      shown.add(card.ts);
      say(`${indented(plainMessage(card))}\n`);
    },
  };
}

export async function until<T>(
  expected: string,
  look: () => T | undefined,
  seen: () => string,
): Promise<T> {
  const giveUpMs = performance.now() + STEP_MS_MAX;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > giveUpMs) throw stopped(expected, seen());
    await pause(POLL_MS);
  }
}

export function stopped(expected: string, seen: string): StoryStopped {
  return new StoryStopped(
    checkLines([{ expected: `${expected} within ${STEP_MS_MAX / 1000} s`, holds: false, seen }]),
  );
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
