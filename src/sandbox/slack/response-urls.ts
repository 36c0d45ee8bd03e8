import { randomBytes } from 'node:crypto';
import { type Faults, type Reply, runWithFault } from './faults.ts';
import { readContent } from './message-content.ts';
import type { Settings } from './options.ts';
import { isObject, type JsonObject, SlackRefusal } from './wire.ts';
import type { Workspace } from './workspace.ts';

/** Where an answer to a command or click goes. */
export interface AnswerPlace {
  readonly user: string;
  readonly channel: string;
  /** The message that carried the clicked button. */
  readonly messageTs?: string;
  /** What was typed; published with an answer `in_channel`. */
  readonly typed?: string;
}

interface IssuedUrl {
  readonly place: AnswerPlace;
  readonly at: number;
  uses: number;
}

/** The `response_url`s: five posts within thirty minutes each. */
export class ResponseUrls {
  readonly #settings: Settings;
  readonly #workspace: Workspace;
  readonly #faults: Faults;
  readonly #issued = new Map<string, IssuedUrl>();

  constructor(settings: Settings, workspace: Workspace, faults: Faults) {
    this.#settings = settings;
    this.#workspace = workspace;
    this.#faults = faults;
  }

  /** The path of a new one. */
  issue(place: AnswerPlace): string {
    const id = randomBytes(16).toString('hex');
    const now = this.#settings.now();
    for (const [old, { at }] of this.#issued) {
      if (now - at <= this.#settings.responseUrlTtlMs) break;
      this.#issued.delete(old);
    }
    this.#issued.set(id, { place, at: now, uses: 0 });
    return `/response/${id}`;
  }

  async handle(id: string, body: string): Promise<Reply> {
    const run = () => this.#run(id, body);
    const fault = this.#faults.take('response_url', this.#issued.get(id)?.place.channel);
    return fault === undefined ? run() : runWithFault(fault, run);
  }

  #run(id: string, body: string): Reply {
    const issued = this.#issued.get(id);
    const tooOld =
      issued !== undefined && this.#settings.now() - issued.at > this.#settings.responseUrlTtlMs;
    if (issued === undefined || tooOld) return failed(404, 'expired_url');
    if (issued.uses >= this.#settings.responseUrlUses) return failed(404, 'used_url');
    issued.uses += 1;
    try {
      const answer: unknown = JSON.parse(body);
      if (!isObject(answer)) return failed(400, 'invalid_payload');
      this.answer(issued.place, answer);
    } catch (thrown) {
      if (thrown instanceof SlackRefusal) return failed(400, thrown.reply.error);
      if (thrown instanceof SyntaxError) return failed(400, 'invalid_payload');
      throw thrown;
    }
    return { kind: 'json', status: 200, body: { ok: true } };
  }

  /** Applies an answer, whether it came by response_url or with the acknowledgement. */
  answer(place: AnswerPlace, answer: JsonObject): void {
    const original =
      place.messageTs === undefined
        ? undefined
        : this.#workspace.find(place.channel, place.messageTs);
    if (answer.delete_original === true) {
      if (original !== undefined) this.#workspace.remove(original);
      return;
    }
    const content = readContent(answer);
    if (original !== undefined && answer.replace_original === true) {
      this.#workspace.edit(original, content);
      return;
    }
    const inChannel = answer.response_type === 'in_channel';
    const { user, channel, typed } = place;
    if (inChannel && typed !== undefined) {
      this.#workspace.post({ user, channel, text: typed, subtype: 'slash_command' });
    }
    const thread = answer.thread_ts;
    this.#workspace.postAsBot({
      channel,
      ...content,
      ...(typeof thread === 'string' && { thread_ts: thread }),
      ...(!inChannel && { ephemeral_to: user }),
    });
  }
}

function failed(status: number, error: string): Reply {
  return { kind: 'json', status, body: { ok: false, error } };
}
