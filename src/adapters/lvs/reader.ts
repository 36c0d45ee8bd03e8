import { OperationError } from '../../domain/errors.ts';
import { openDeadline, untilEnded } from '../../transports/deadline.ts';
import type { RuntimeSocket } from '../../transports/runtime-socket.ts';
import { type Answer, answerOf } from './answer.ts';
import { isWholeReply } from './reply.ts';

/** Asks for every service and for the role: the answer to any other question is part of its answer. */
export const EVERYTHING = 'read';
/** Asks a director who it is. */
export const ROLES = 'roles';

/** For this part of the time that a director takes to answer, who comes is waited for before it is asked. */
const GATHER = 1 / 20;
const GATHER_MS_MAX = 25;

/** What one caller wants to know. */
export interface Question {
  /** What is asked when nobody else wants anything: `read SERVICE`, ROLES or EVERYTHING. */
  readonly line: string;
  /** Begins every error message. */
  readonly doing: string;
  readonly signal: AbortSignal;
}

/** A question to the director, by all who wait for its answer. */
interface Round {
  readonly questions: Map<string, string>;
  readonly stop: AbortController;
  readonly answer: Promise<Answer>;
  isBegun: boolean;
  waiting: number;
}

/**
 * Reads one director, one question at a time. Who asks alone is asked for alone; whoever comes while a question is under
 * way waits for the next one, together with all others who wait, and if they want different things that one is
 * EVERYTHING. So an answer always began after its question, and fifty who ask at once cost two.
 *
 * Nobody waits longer than `waitMsMax` or their own signal, whoever else asked before; a question is given up when nobody
 * waits for it any more.
 */
export function directorReader(
  balancer: string,
  socket: RuntimeSocket,
  waitMsMax: number,
): (question: Question) => Promise<Answer> {
  /** The one under way, or the one that waits for it. */
  let latest: Round | undefined;
  let answerMs = 0;

  const ask = async (round: Round): Promise<Answer> => {
    round.isBegun = true;
    const [first, ...others] = round.questions;
    if (first === undefined || round.waiting === 0) throw new Error('Nobody waits for it.');
    const [line, doing] = others.length === 0 ? first : [EVERYTHING, `Reading ${balancer}`];
    const { signal } = round.stop;
    const begun = performance.now();
    const reply = await socket.exchange(line, { doing, signal, isWhole: isWholeReply });
    answerMs = performance.now() - begun;
    return answerOf(reply, doing);
  };
  /** Who wants a pool and its role asks for them one behind the other: of a slow director they are one question. */
  const gather = async (): Promise<void> => {
    const ms = Math.min(answerMs * GATHER, GATHER_MS_MAX);
    if (ms >= 1) await new Promise((resolve) => setTimeout(resolve, ms));
  };

  const openRound = (): Round => {
    if (latest?.isBegun === false) return latest;
    const isFree = latest?.answer.then(nothing, nothing) ?? gather();
    const round: Round = {
      questions: new Map(),
      stop: new AbortController(),
      // Not before this turn is over: who asks in the same one is asked for together.
      answer: isFree.then(() => ask(round)),
      isBegun: false,
      waiting: 0,
    };
    latest = round;
    const over = () => {
      if (latest === round) latest = undefined;
    };
    round.answer.then(over, over);
    return round;
  };

  return async ({ line, doing, signal }) => {
    const round = openRound();
    const deadline = openDeadline(waitMsMax, [signal]);
    round.questions.set(line, doing);
    round.waiting += 1;
    try {
      return await untilEnded(round.answer, deadline.signal, () => {
        const behind = round.isBegun ? '' : ', and an earlier question has no answer yet';
        return new OperationError('TIMEOUT', `${doing}: ${deadline.reason()}${behind}.`);
      });
    } finally {
      deadline.release();
      round.waiting -= 1;
      if (round.isBegun && round.waiting === 0) round.stop.abort();
    }
  };
}

function nothing(): void {}
