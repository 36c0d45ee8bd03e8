import { setTimeout as pause } from 'node:timers/promises';
import type { Acted } from '../../src/sandbox/slack/human.ts';
import { type Action, cardsOf, clickOn } from '../journeys/acting.ts';
import {
  APPROVER,
  CHANNEL,
  GUEST,
  OUTSIDER,
  REQUESTER,
  SECOND_APPROVER,
} from '../stage/inventory.ts';
import type { Stage } from '../stage/stage.ts';
import type { Answered } from './history.ts';

/** A command as it was typed, and what its asker was told at once. */
export interface Typed {
  readonly by: string;
  readonly text: string;
  readonly at: number;
  readonly told: string;
  /** `unknown` was told that it is not known whether the command was taken. */
  readonly taken: 'yes' | 'no' | 'unknown';
  /** Id of the change, where one was named. */
  readonly id?: string;
}

export interface Clicked {
  readonly by: string;
  readonly action: Action;
  readonly id: string;
  readonly at: number;
}

/** What the people of a history did. */
export interface People {
  readonly typed: readonly Typed[];
  readonly clicked: readonly Clicked[];
  type(text: string, by: string): Promise<Typed>;
  /** Clicks a button of this change's card, if it stands there. */
  click(id: string, action: Action, by: string): Promise<Acted | undefined>;
  /** Waits for the card to ask, and does with it as told; gives up after `patienceMs`. */
  answer(id: string, by: string, answered: Answered, patienceMs: number): Promise<void>;
}

export const RIGHT_PEOPLE: readonly string[] = [APPROVER, SECOND_APPROVER];
const WRONG_PEOPLE = [OUTSIDER, GUEST];

/** Who may approve what this person asked for. */
export function approverOf(requester: string): string {
  return requester === APPROVER ? SECOND_APPROVER : APPROVER;
}

function taken(told: string): Typed['taken'] {
  if (told.startsWith('◷')) return 'yes';
  return told.startsWith('⚠') ? 'unknown' : 'no';
}

export function peopleOn(stage: Stage): People {
  const typed: Typed[] = [];
  const clicked: Clicked[] = [];

  const asks = (id: string, action: Action) =>
    JSON.stringify(cardsOf(stage, id).at(-1)?.blocks ?? []).includes(`"${action}"`);

  const click = async (id: string, action: Action, by: string) => {
    if (!asks(id, action)) return undefined;
    const one = { by, action, id, at: Date.now() };
    clicked.push(one);
    // An edit may take the button away between the look and the click: then nothing was clicked.
    return clickOn(stage, id, action, by).catch(() => undefined);
  };

  return {
    typed,
    clicked,
    click,
    async type(text, by) {
      const at = Date.now();
      const acted = await stage.slack.human.command({
        user: by,
        channel: CHANNEL,
        command: '/lb',
        text,
      });
      const told = acted.ok ? String(acted.answer?.text) : `⚠ ${acted.error}`;
      const id = /Change `(?<id>[a-z0-9]{8})`/.exec(told)?.groups?.id;
      const one = { by, text, at, told, taken: taken(told), ...(id === undefined ? {} : { id }) };
      typed.push(one);
      return one;
    },
    async answer(id, by, answered, patienceMs) {
      if (answered === 'nothing') return;
      const until = Date.now() + patienceMs;
      while (!asks(id, 'change.cancel')) {
        if (Date.now() > until) return;
        await pause(25);
      }
      switch (answered) {
        case 'no':
          await click(id, 'change.deny', approverOf(by));
          return;
        case 'never mind':
          await click(id, 'change.cancel', by);
          return;
        case 'wrong people, then yes':
          await Promise.all([...WRONG_PEOPLE, by].map((who) => click(id, 'change.approve', who)));
          break;
        case 'yes from many':
          await Promise.all(
            [...RIGHT_PEOPLE, REQUESTER].map((who) => click(id, 'change.approve', who)),
          );
          return;
        case 'yes':
          break;
      }
      await click(id, 'change.approve', approverOf(by));
    },
  };
}
