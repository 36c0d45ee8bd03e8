import type { IncomingMessage, ServerResponse } from 'node:http';
import { faultOf } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { NotifyIntake } from '../../ports/notices.ts';
import { allowance } from './allowance.ts';
import { BadPost, type NotifyPost, readPost } from './post.ts';
import { tokenOwner } from './tokens.ts';

export const NOTIFY_PATH = '/notify';

const POST_BYTES_MAX = 64 * 1024;
/** Of one director: a flapping pair says ten lines a second, a buffer of a thousand lines is five posts. */
const POSTS = { perSecond: 20, burst: 60 };
const LINES = { perSecond: 100, burst: 2_000 };
/** Posts of one director that wait for the store. */
const WAITING_MAX = 4;
/** A clock further away is said, and nothing else: order and age are not told by it. */
const CLOCK_OFF_MS_MAX = 5_000;
const SAY_AGAIN_MS = 60 * 60 * 1_000;
const SAY_REFUSAL_AGAIN_MS = 10_000;
const REASONS_MAX = 100;

/** What became of a post, for whoever counts. */
export type PostEnd =
  | 'taken'
  | 'not a post'
  | 'unknown token'
  | 'too large'
  | 'too many'
  | 'not recorded';

export interface AnswerOptions {
  /** One for each director, by its name in the inventory. */
  readonly tokens: ReadonlyMap<string, Secret>;
  readonly intake: NotifyIntake;
  readonly clock: Clock;
  readonly log: Log;
  /** `director` is absent where nobody knows who sent it. */
  readonly count?: (end: PostEnd, director?: string) => void;
}

class Refused extends Error {
  readonly status: number;
  readonly end: PostEnd;

  constructor(status: number, end: PostEnd, why: string) {
    super(why);
    this.status = status;
    this.end = end;
  }
}

/** What is known of one director between its posts. */
interface Standing {
  readonly posts: (amount?: number) => boolean;
  readonly lines: (amount?: number) => boolean;
  waiting: number;
  /** Its posts are recorded one after the other, as they came. */
  turn: Promise<unknown>;
  clockSaidAt: number;
}

/** Answers each request; a fault in one of them is that request's alone. */
export function answering(options: AnswerOptions) {
  const { clock, intake, log, tokens, count = () => {} } = options;
  const ownerOf = tokenOwner(tokens);
  const now = () => clock.now();
  const standings = new Map<string, Standing>();
  for (const director of tokens.keys()) {
    const [posts, lines] = [allowance(POSTS, now), allowance(LINES, now)];
    standings.set(director, { posts, lines, waiting: 0, turn: Promise.resolve(), clockSaidAt: 0 });
  }
  const saidAt = new Map<string, number>();

  const take = async (request: IncomingMessage): Promise<{ director: string; known: number }> => {
    if ((request.url ?? '').split('?', 1)[0] !== NOTIFY_PATH) {
      throw new Refused(404, 'not a post', 'its path is another one');
    }
    if (request.method !== 'POST') throw new Refused(405, 'not a post', 'it is no POST');
    const director = ownerOf(request.headers.authorization);
    const standing = director === undefined ? undefined : standings.get(director);
    if (director === undefined || standing === undefined) {
      throw new Refused(401, 'unknown token', 'its token is nobody’s');
    }
    if (!standing.posts()) throw new Refused(429, 'too many', `${director} posts too often`);
    const text = await textOf(request);
    const post = readPost(text, director, now());
    if (!standing.lines(post.lines.length)) {
      throw new Refused(429, 'too many', `${director} says too much`);
    }
    if (standing.waiting >= WAITING_MAX) {
      throw new Refused(429, 'too many', `posts of ${director} wait already`);
    }
    sayClock(standing, post);
    standing.waiting += 1;
    const recorded = standing.turn.then(() => record(intake, post));
    standing.turn = recorded.catch(() => {});
    try {
      return { director, known: await recorded };
    } finally {
      standing.waiting -= 1;
    }
  };

  const sayClock = (standing: Standing, { heartbeat }: NotifyPost) => {
    const { at, receivedAt, director } = heartbeat;
    const offMs = at - receivedAt;
    if (Math.abs(offMs) <= CLOCK_OFF_MS_MAX || now() - standing.clockSaidAt < SAY_AGAIN_MS) return;
    standing.clockSaidAt = now();
    log.warn('The clock of a director is wrong', { director, offSeconds: Math.round(offMs / 1e3) });
  };

  const sayRefusal = (status: number, why: string, from: string | undefined) => {
    if (now() - (saidAt.get(why) ?? Number.NEGATIVE_INFINITY) < SAY_REFUSAL_AGAIN_MS) return;
    if (saidAt.size >= REASONS_MAX) saidAt.clear();
    saidAt.set(why, now());
    log.warn('A notify post was refused', { status, why, from });
  };

  return (request: IncomingMessage, response: ServerResponse): void => {
    take(request).then(
      ({ director, known }) => {
        count('taken', director);
        send(response, 200, known === 0 ? 'recorded\n' : `recorded, ${known} of it before\n`);
      },
      (thrown: unknown) => {
        const { status, end } = refusalOf(thrown);
        count(end);
        const words = thrown instanceof Error ? thrown.message : String(thrown);
        sayRefusal(status, words, request.socket.remoteAddress);
        if (response.headersSent || response.destroyed) return;
        // Nothing more of it is read.
        response.setHeader('connection', 'close');
        send(response, status, '');
      },
    );
  };
}

function refusalOf(thrown: unknown): { readonly status: number; readonly end: PostEnd } {
  if (thrown instanceof Refused) return thrown;
  if (thrown instanceof BadPost) {
    return { status: thrown.status, end: thrown.status === 413 ? 'too large' : 'not a post' };
  }
  return { status: faultOf(thrown).code === 'INTERNAL' ? 500 : 503, end: 'not recorded' };
}

/** How many lines were known before. */
async function record(intake: NotifyIntake, { lines, heartbeat }: NotifyPost): Promise<number> {
  const taken = lines.length === 0 ? [] : await intake.take(lines);
  await intake.beat(heartbeat);
  return taken.filter((each) => each === 'known').length;
}

async function textOf(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > POST_BYTES_MAX) {
    throw new BadPost(413, 'it is too large');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > POST_BYTES_MAX) throw new BadPost(413, 'it is too large');
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new BadPost(400, 'it is no text');
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}
