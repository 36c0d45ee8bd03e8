import { z } from 'zod';
import type { Breakages } from './breakages.ts';
import type { Human } from './human.ts';
import {
  adminSchema,
  channelSchema,
  clickHomeSchema,
  clickSchema,
  commandSchema,
  disconnectSchema,
  ephemeralsSchema,
  faultSchema,
  logSchema,
  noneSchema,
  openHomeSchema,
  redeliverSchema,
  saySchema,
  stateSchema,
  submitSchema,
  thingSchema,
} from './human-schema.ts';
import type { Spectator } from './spectator.ts';
import { SlackRefusal } from './wire.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly body: object;
}

type Verb = (input: unknown) => Promise<object> | object | undefined;

/** The verbs of people by name, with their input checked: `/_human/<verb>`. */
export class HumanVerbs {
  readonly #acts: ReadonlyMap<string, Verb>;
  readonly #reads: ReadonlyMap<string, Verb>;

  constructor(human: Human, spectator: Spectator, breakages: Breakages) {
    this.#acts = new Map([
      verb('command', commandSchema, (input) => human.command(input)),
      verb('click', clickSchema, (input) => human.click(input)),
      verb('submit', submitSchema, (input) => human.submit(input)),
      verb('say', saySchema, (input) => human.say(input)),
      verb('openHome', openHomeSchema, (input) => human.openHome(input)),
      verb('clickHome', clickHomeSchema, (input) => human.clickHome(input)),
      verb('redeliver', redeliverSchema, (input) => human.redeliver(input)),
      verb('disconnect', disconnectSchema, (input) => {
        human.disconnect(input);
        return {};
      }),
      verb('fault', faultSchema, (input) => {
        human.fault(input);
        return {};
      }),
      verb('admin', adminSchema, (input) => {
        human.admin(input);
        return {};
      }),
      verb('break', thingSchema, ({ thing }) => breakages.break(thing)),
      verb('mend', thingSchema, ({ thing }) => breakages.mend(thing)),
    ]);
    this.#reads = new Map([
      verb('channel', channelSchema, (input) => spectator.channel(input)),
      verb('ephemerals', ephemeralsSchema, (input) => spectator.ephemerals(input)),
      verb('log', logSchema, (input) => spectator.log(input)),
      verb('state', stateSchema, (input) => spectator.state(input)),
      verb('things', noneSchema, () => ({ things: breakages.list() })),
    ]);
  }

  /** GET: the query's fields as input. */
  read(name: string, query: Readonly<Record<string, string>>): HttpAnswer {
    const read = this.#reads.get(name);
    if (read === undefined) return unknownVerb(name, this.#reads);
    try {
      return { status: 200, body: { ok: true, ...read(query) } };
    } catch (thrown) {
      return refused(thrown);
    }
  }

  /** POST: the JSON body as input. */
  async act(name: string, body: string): Promise<HttpAnswer> {
    const act = this.#acts.get(name);
    if (act === undefined) return unknownVerb(name, this.#acts);
    try {
      const input: unknown = JSON.parse(body === '' ? '{}' : body);
      return { status: 200, body: { ok: true, ...(await act(input)) } };
    } catch (thrown) {
      return refused(thrown);
    }
  }
}

function verb<T>(
  name: string,
  schema: z.ZodType<T>,
  run: (input: T) => Promise<object> | object,
): [string, Verb] {
  return [name, (input) => run(schema.parse(input))];
}

function unknownVerb(name: string, known: ReadonlyMap<string, unknown>): HttpAnswer {
  return {
    status: 404,
    body: { ok: false, error: 'unknown_verb', verb: name, known: [...known.keys()] },
  };
}

function refused(thrown: unknown): HttpAnswer {
  if (thrown instanceof SlackRefusal) return { status: 200, body: thrown.reply };
  if (thrown instanceof SyntaxError) {
    return { status: 400, body: { ok: false, error: 'invalid_json' } };
  }
  if (thrown instanceof z.ZodError) {
    const problems = thrown.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return { status: 400, body: { ok: false, error: 'invalid_arguments', problems } };
  }
  throw thrown;
}
