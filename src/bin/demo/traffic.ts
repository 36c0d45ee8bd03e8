import { setMaxListeners } from 'node:events';
import { Agent, get } from 'node:http';
import { COOKIE } from './site.ts';

/** Per front: two clients that keep their connection, two that open one each time, four with a cookie. */
const KEEPING = { clients: 2, everyMs: 250 };
const OPENING = { clients: 2, everyMs: 250 };
const STICKING = { clients: 4, everyMs: 2_000 };
/** Every tenth request of a client takes longer, so that some are always in flight. */
const SLOW_EVERY = 10;
export const SLOW_MS = 300;
/** Per front that does not keep clients: four that open a connection each time. */
const PASSING = { clients: 4, everyMs: 300 };
/** Each client is slower than the one before by this. */
const APART_MS = 7;
const ANSWER_MS_MAX = 5_000;
const FAILURES_KEPT = 20;

/** Where clients ask. */
export interface Front {
  readonly url: string;
  /** A socket file that leads there. */
  readonly socketPath?: string;
  /** Whether some keep their connection, and some stick by a cookie. */
  readonly keepsClients: boolean;
}

export interface TrafficFailure {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly reason: string;
}

export interface Traffic {
  answered(): number;
  /** Through all fronts, or through the one with this URL. */
  failed(front?: string): number;
  /** The first few failures. */
  failures(): readonly TrafficFailure[];
  /** Ends every client; what is in flight then is not counted. */
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly cookies: readonly string[];
}

/** About 13 to 18 requests a second through each front, each counted as a client sees it: answered 200, or failed. */
export function startTraffic(
  fronts: readonly Front[],
  failed: (failure: TrafficFailure) => void,
): Traffic {
  const over = new AbortController();
  const { signal } = over;
  // Every client waits for it, and that is no leak.
  setMaxListeners(0, signal);
  const counts = { answered: 0, failed: 0 };
  const failedBy = new Map(fronts.map(({ url }) => [url, 0]));
  const failures: TrafficFailure[] = [];

  const ask = async (front: Front, path: string, agent: Agent | false, cookie?: string) => {
    try {
      const answer = await request(front, path, agent, cookie, signal);
      if (answer.status !== 200) throw new Error(`HTTP ${answer.status}`);
      counts.answered += 1;
      return answer;
    } catch (thrown) {
      if (signal.aborted) return undefined;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      const failure = { at: Date.now(), reason: `${front.url}${path}: ${reason}` };
      counts.failed += 1;
      failedBy.set(front.url, (failedBy.get(front.url) ?? 0) + 1);
      if (failures.length < FAILURES_KEPT) failures.push(failure);
      failed(failure);
      return undefined;
    }
  };

  const repeat = async (
    index: number,
    everyMs: number,
    act: (turn: number) => Promise<unknown>,
  ) => {
    // Clients that asked at the same moment, or fell into step, would make waves.
    await pause((everyMs * (index % 8)) / 8, signal);
    for (let turn = 1; !signal.aborted; turn += 1) {
      const next = performance.now() + everyMs + index * APART_MS;
      await act(turn);
      await pause(next - performance.now(), signal);
    }
  };
  const pathOf = (turn: number) => (turn % SLOW_EVERY === 0 ? `/slow?ms=${SLOW_MS}` : '/');

  const passing = (front: Front) =>
    times(PASSING.clients, (index) =>
      repeat(index, PASSING.everyMs, (turn) => ask(front, pathOf(turn), false)),
    );
  const keeping = (front: Front, place: number) => [
    ...times(KEEPING.clients, (index) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      return repeat(index * 2 + place, KEEPING.everyMs, (turn) =>
        ask(front, pathOf(turn), agent),
      ).finally(() => agent.destroy());
    }),
    ...times(OPENING.clients, (index) =>
      repeat(4 + index * 2 + place, OPENING.everyMs, (turn) => ask(front, pathOf(turn), false)),
    ),
    ...times(STICKING.clients, (index) => {
      let cookie: string | undefined;
      return repeat(index * 2 + place, STICKING.everyMs, async () => {
        const answer = await ask(front, cookie === undefined ? '/login' : '/', false, cookie);
        cookie = answer?.cookies.find((text) => text.startsWith(`${COOKIE}=`)) ?? cookie;
      });
    }),
  ];
  const clients = fronts.flatMap((front, place) =>
    front.keepsClients ? keeping(front, place) : passing(front),
  );

  return {
    answered: () => counts.answered,
    failed: (front) => (front === undefined ? counts.failed : (failedBy.get(front) ?? 0)),
    failures: () => failures,
    async stop() {
      over.abort();
      await Promise.all(clients);
    },
  };
}

function times<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function request(
  front: Front,
  path: string,
  agent: Agent | false,
  cookie: string | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = cookie === undefined ? {} : { cookie };
    const { url, socketPath } = front;
    const way = socketPath === undefined ? {} : { socketPath };
    const asked = get(url + path, { ...way, agent, headers, signal }, (response) => {
      response.on('error', reject);
      response.on('end', () => {
        clearTimeout(timer);
        const given = response.headers['set-cookie'] ?? [];
        const cookies = given.map((text) => text.split(';')[0] ?? '');
        resolve({ status: response.statusCode ?? 0, cookies });
      });
      response.resume();
    });
    const timer = setTimeout(
      () => asked.destroy(new Error(`no answer within ${ANSWER_MS_MAX / 1000} s`)),
      ANSWER_MS_MAX,
    );
    asked.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      // The other side closed an idle connection just as it was used again; every browser then asks once more.
      const isStale = asked.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted;
      if (isStale) resolve(request(front, path, false, cookie, signal));
      else reject(error);
    });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
