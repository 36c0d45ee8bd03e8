import { SlackRefusal } from './wire.ts';

export type Condition = 'whole' | 'partly' | 'broken';

/** Something of the site that anybody may break on the page, and mend again. */
export interface Breakable {
  /** What drivers call it. */
  readonly thing: string;
  readonly name: string;
  /** A plain sentence: what will happen when it is broken. */
  readonly effect: string;
  /** On the buttons, for instance `Stop it` and `Start it again`. */
  readonly breakWords: string;
  readonly mendWords: string;
  /** As it is now, whoever did it. */
  condition(): Condition;
  /** What is broken of it, in a word or two; nothing while it is whole. */
  damage(): string;
  break(): Promise<void>;
  mend(): Promise<void>;
}

/** A thing as the page and drivers see it. */
export interface ThingSeen {
  readonly thing: string;
  readonly name: string;
  readonly effect: string;
  readonly breakWords: string;
  readonly mendWords: string;
  readonly condition: Condition;
  readonly damage: string;
  /** It is being broken or mended. */
  readonly busy: boolean;
}

/** The list of things to break: one is broken or mended at a time, and what is so already stays untouched. */
export class Breakages {
  readonly #things = new Map<string, Breakable>();
  readonly #busy = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  add(...things: readonly Breakable[]): void {
    for (const one of things) this.#things.set(one.thing, one);
    this.#changed();
  }

  list(): readonly ThingSeen[] {
    return [...this.#things.values()].map((one) => this.#seen(one));
  }

  /** Resolves when it is broken; with nothing done when it was. Throws SlackRefusal when that is not possible. */
  break(thing: string): Promise<ThingSeen> {
    return this.#do(thing, 'broken', (one) => one.break());
  }

  /** The way back; the same promises. */
  mend(thing: string): Promise<ThingSeen> {
    return this.#do(thing, 'whole', (one) => one.mend());
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Waits for what is under way; nothing is broken or mended after that. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }

  #do(
    thing: string,
    wanted: Condition,
    act: (one: Breakable) => Promise<void>,
  ): Promise<ThingSeen> {
    const one = this.#things.get(thing);
    if (one === undefined) {
      throw new SlackRefusal('unknown_thing', { thing, known: [...this.#things.keys()] });
    }
    const turn = this.#last.then(async () => {
      if (this.#isClosed) throw new SlackRefusal('stopping');
      if (one.condition() === wanted) return;
      this.#busy.add(thing);
      this.#changed();
      try {
        await act(one);
      } catch (thrown) {
        const hint = thrown instanceof Error ? thrown.message : String(thrown);
        throw new SlackRefusal('not_done', { hint });
      } finally {
        this.#busy.delete(thing);
        this.#changed();
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn.then(() => this.#seen(one));
  }

  #seen(one: Breakable): ThingSeen {
    const { thing, name, effect, breakWords, mendWords } = one;
    return {
      ...{ thing, name, effect, breakWords, mendWords },
      condition: one.condition(),
      damage: one.damage(),
      busy: this.#busy.has(thing),
    };
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
