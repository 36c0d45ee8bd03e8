import type { Redis } from 'ioredis';
import { ask } from './balancers.ts';
import { median } from './statistics.ts';

/** Calls after which a just-in-time compiler has seen enough. */
const WARM = 50;

async function timed(count: number, once: () => Promise<unknown>): Promise<number> {
  for (let index = 0; index < Math.min(WARM, count); index += 1) await once();
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const begun = performance.now();
    await once();
    samples.push(performance.now() - begun);
  }
  return median(samples);
}

/** One job from hand to hand with nothing around it: RPUSH on one connection until a waiting BLPOP has it. */
export async function hopMs(client: Redis, count: number): Promise<number> {
  const taker = client.duplicate();
  const list = 'bench:hop';
  try {
    return await timed(count, async () => {
      const taken = taker.blpop(list, 5);
      await client.rpush(list, '{"v":1,"request":"a job of some length, as jobs are"}');
      await taken;
    });
  } finally {
    taker.disconnect();
  }
}

/** One bare exchange with HAProxy: connect, this command, the whole reply; nothing is parsed. */
export function exchangeMs(socket: string, command: string, count: number): Promise<number> {
  return timed(count, () => ask(socket, command));
}

/** One bare post to the local Slack, of the size of a card. */
export function postMs(
  apiUrl: string,
  token: string,
  body: object,
  count: number,
): Promise<number> {
  const text = JSON.stringify(body);
  return timed(count, async () => {
    const reply = await fetch(new URL('chat.postMessage', apiUrl), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json; charset=utf-8',
      },
      body: text,
    });
    const answer = (await reply.json()) as { ok?: boolean };
    if (answer.ok !== true) throw new Error(`The bare post failed: ${JSON.stringify(answer)}`);
  });
}
