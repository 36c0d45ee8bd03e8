import { expect } from 'vitest';
import type { Incident } from '../../src/domain/incident.ts';
import { until } from '../lab/until.ts';
import { CHANNEL } from '../stage/inventory.ts';
import type { Stage } from '../stage/stage.ts';

/** What the channel is told of one lane, and that it is told once. */
export interface IncidentBook {
  /** Resolves when this node is MASTER, the other stands by, and all is told; what was told before counts no more. */
  open(master: string, standby: string): Promise<void>;
  /** The messages of incidents in the channel itself since then, each as it stands now. */
  messages(): readonly string[];
  /** Resolves when the only message says all of this. */
  told(...words: readonly RegExp[]): Promise<void>;
  /** As `told`, of an incident that is over; and nothing else is left to tell. */
  toldOver(...words: readonly RegExp[]): Promise<void>;
}

export function incidentBook(stage: Stage, lane: string, msMax: number): IncidentBook {
  const { records, redis, slack } = stage;
  const patience = { timeout: msMax, interval: 50 };
  let before = 0;
  const all = () =>
    slack.state
      .channel(CHANNEL)
      .filter(({ metadata, thread_ts: thread, ts }) => {
        return metadata?.event_type === 'lb_incident' && (thread === undefined || thread === ts);
      })
      .map(({ text, blocks }) => JSON.stringify([text, blocks]));
  const messages = () => all().slice(before);
  const scene = async () => (await records.watched.read(lane)).scene;
  const incidents = async (): Promise<readonly Incident[]> => (await scene()).incidents;
  const nothingDue = async () => (await records.watched.due()).length === 0;
  const told = async (...words: readonly RegExp[]) => {
    for (const each of words) {
      await expect.poll(() => messages().join('\n'), patience).toMatch(each);
    }
    expect(messages()).toHaveLength(1);
  };
  return {
    messages,
    told,
    async open(master, standby) {
      await until('nothing left to tell', msMax, async () => {
        const open = (await incidents()).filter(({ state }) => state === 'open');
        return open.length === 0 && (await nothingDue());
      });
      // Or what one test did would be the beginning of what the next one does.
      await redis.client.del(`{lb}:scene:${lane}`);
      for (const key of await redis.client.keys('{lb}:rate*')) await redis.client.del(key);
      await until('both nodes seen well', msMax, async () => {
        const { vrrp, roles } = await scene();
        return vrrp.master === master && roles[standby]?.at(-1)?.role === 'BACKUP';
      });
      before = all().length;
    },
    async toldOver(...words) {
      await told(...words, /✓ /);
      await until('nothing left to tell', msMax, nothingDue);
      expect(messages()).toHaveLength(1);
      expect(await incidents()).toHaveLength(1);
    },
  };
}
