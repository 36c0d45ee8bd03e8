import type { Redis } from 'ioredis';
import type { Answer } from '../domain/answer.ts';
import type { AnswerStore } from '../ports/records.ts';
import { asking, key } from './redis.ts';

const KEEP_MS = 10 * 60_000;

export function redisAnswers(redis: Redis): AnswerStore {
  return {
    async put(id, answer) {
      await asking(`Keeping answer ${id}`, () =>
        redis.set(key('answer', id), JSON.stringify(answer), 'PX', KEEP_MS),
      );
    },
    async get(id) {
      const text = await asking(`Fetching answer ${id}`, () => redis.get(key('answer', id)));
      return text === null ? undefined : (JSON.parse(text) as Answer);
    },
  };
}
