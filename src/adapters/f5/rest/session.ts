import { z } from 'zod';
import { OperationError } from '../../../domain/errors.ts';
import type { Secret } from '../../../domain/secret.ts';
import type { WriteGate } from '../../../ports/adapter.ts';
import type { Clock } from '../../../ports/clock.ts';
import { untilEnded } from '../../../transports/deadline.ts';
import type { HttpsUnit } from '../../../transports/https.ts';
import { lockOut } from '../lock-out.ts';
import { asDenied, Refusal } from '../refusal.ts';
import { repeated } from '../repeat.ts';
import type { Task } from '../unit.ts';
import { replyData } from './reply.ts';

export interface Credentials {
  readonly username: string;
  readonly password: Secret;
}

export interface Question extends Task {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly body?: string;
  /** Present for what changes something: it is sent once, whatever comes of it. */
  readonly gate?: WriteGate;
}

/** Logged-in talk with one unit. */
export interface RestSession {
  /** The JSON object the unit answered. Throws Refusal for its refusals, and what the transport throws. */
  ask(question: Question): Promise<unknown>;
  /** Gives the token back, for a unit holds only so many. */
  close(): Promise<void>;
}

const LOGIN_MS_MAX = 15_000;
const LOGOUT_MS_MAX = 1_000;
/** A token is used until so long before its end. */
const MARGIN_MS = 60_000;

const loginReply = z.looseObject({
  token: z.looseObject({
    token: z.string().regex(/^[\x21-\x7e]{1,2000}$/),
    timeout: z.number().positive(),
  }),
});

interface Token {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly goodUntil: number;
}

/**
 * One token for all that is asked, one login at a time. A question that found the unit busy is asked again, a write
 * never; only a refused token is replaced and the request, which then was not taken, sent once more.
 */
export function restSession(
  unit: HttpsUnit,
  { username, password }: Credentials,
  clock: Pick<Clock, 'now'>,
  questionMsMax: number,
): RestSession {
  const lock = lockOut(unit.place.host, clock);
  let token: Token | undefined;
  let loggingIn: Promise<Token> | undefined;

  const login = async (): Promise<Token> => {
    const doing = `Logging in to ${unit.place.host} as ${username}`;
    lock.assertOpen(doing);
    const credentials = { username, password: password.reveal(), loginProviderName: 'tmos' };
    const reply = await unit.exchange({
      method: 'POST',
      path: '/mgmt/shared/authn/login',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(credentials),
      doing,
      // Not the caller's: many wait for one login, and the next one needs it as well.
      signal: new AbortController().signal,
      msMax: LOGIN_MS_MAX,
    });
    if (reply.status === 401) lock.refused();
    const data = loginData(replyOrRefusal(reply, doing), doing);
    const lifeMs = data.timeout * 1000;
    token = { text: data.token, goodUntil: clock.now() + Math.max(lifeMs / 2, lifeMs - MARGIN_MS) };
    return token;
  };

  const tokenFor = async ({ doing, signal }: Task): Promise<Token> => {
    if (token !== undefined && clock.now() < token.goodUntil) return token;
    loggingIn ??= login().finally(() => {
      loggingIn = undefined;
    });
    return untilEnded(
      loggingIn,
      signal,
      () => new OperationError('TIMEOUT', `${doing}: no login in time; nothing was sent.`),
    );
  };

  const askOnce = async (question: Question): Promise<unknown> => {
    const { method, path, body, doing, signal, gate } = question;
    for (let attempt = 1; ; attempt += 1) {
      const used = await tokenFor(question);
      const reply = await unit.exchange({
        method,
        path,
        headers: {
          'x-f5-auth-token': used.text,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        doing,
        signal,
        ...(gate === undefined ? {} : { gate }),
      });
      if (reply.status === 401) {
        if (token === used) token = undefined;
        if (attempt === 1) continue;
      }
      try {
        return replyData(reply, doing, gate !== undefined);
      } catch (thrown) {
        throw asDenied(thrown, username);
      }
    }
  };

  return {
    ask(question) {
      if (question.gate !== undefined) return askOnce(question);
      return repeated(() => askOnce(question), question, questionMsMax);
    },
    async close() {
      const last = await (loggingIn ?? Promise.resolve(token)).catch(() => undefined);
      token = undefined;
      if (last === undefined) return;
      const back = {
        method: 'DELETE',
        path: `/mgmt/shared/authz/tokens/${last.text}`,
        headers: { 'x-f5-auth-token': last.text },
        doing: `Logging out of ${unit.place.host}`,
        signal: new AbortController().signal,
        msMax: LOGOUT_MS_MAX,
      } as const;
      // It ends by itself when the unit does not hear of it.
      await unit.exchange(back).catch(() => undefined);
    },
  };
}

/** A login is no write: it leaves nothing behind that a reader would have to look for. */
function replyOrRefusal(reply: Parameters<typeof replyData>[0], doing: string): unknown {
  try {
    return replyData(reply, doing, false);
  } catch (thrown) {
    const isFull = thrown instanceof Refusal && /maximum active login tokens/i.test(thrown.message);
    if (!isFull) throw thrown;
    throw new OperationError(
      'PERMISSION',
      `${thrown.message}. Somebody with this account leaves its tokens behind; they end after 20 minutes.`,
    );
  }
}

function loginData(data: unknown, doing: string): z.output<typeof loginReply>['token'] {
  const parsed = loginReply.safeParse(data);
  if (parsed.success) return parsed.data.token;
  throw new OperationError('UNEXPECTED_REPLY', `${doing}: there is no token in the answer.`);
}
