import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { letGo, writesOn } from '../lab/write-gate.ts';
import {
  BACKUP,
  type DirectorPair,
  MASTER,
  openDirectorPair,
  PATIENCE_MS,
} from '../stage/director-pair.ts';
import { type LbProcess, startWorker } from '../stage/worker-process.ts';
import { became } from './acting.ts';

let pair: DirectorPair;
const workers: LbProcess[] = [];
beforeAll(async () => {
  pair = await openDirectorPair({ roles: ['bot'], lockMs: 1_500 });
}, 90_000);
beforeEach(() => pair.reset(), 60_000);
afterEach(async () => {
  for (const running of workers.splice(0)) {
    running.kill('SIGKILL');
    await running.exited;
  }
});
afterAll(() => pair?.stop(), 90_000);

async function worker(): Promise<LbProcess> {
  const started = await startWorker(pair.stage.environment);
  workers.push(started);
  return started;
}

const weights = async () => [await pair.weight(MASTER), await pair.weight(BACKUP)];

describe('a worker killed while it changes two directors', () => {
  it.each([
    ['with the first written and not read back', BACKUP, 'after'],
    ['between the two, before the second carries out what it was sent', MASTER, 'before'],
    ['with the second written and not read back', MASTER, 'after'],
  ] as const)(
    '%s: another one goes on, and each director is written once',
    async (_what, where, when) => {
      const first = await worker();
      const id = await pair.heldChange(where, when);
      first.kill('SIGKILL');
      await first.exited;
      await letGo(pair.director(where));
      await worker();
      await became(pair.stage, id, 'done', PATIENCE_MS);
      expect(await weights()).toEqual([0, 0]);
      for (const name of [BACKUP, MASTER] as const) {
        expect(await writesOn(pair.director(name))).toHaveLength(1);
      }
    },
    120_000,
  );
});
