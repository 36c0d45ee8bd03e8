import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/domain/errors.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { emptyScene } from '../../src/domain/scene.ts';
import { showDueIncidents, showIncident } from '../../src/operations/incidents.ts';
import type { IncidentNews, IncidentPost } from '../../src/ports/announcer.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';
import { openSite, type Site } from './site.ts';

let redis: StageRedis;
let site: Site;
/** What stands in Slack, in the order in which it was posted. */
let posted: { readonly channel: string; readonly threadTs?: string; post: IncidentPost }[];
let said: IncidentNews[];
/** Called before each call; what it throws is the answer. */
let fault: ((call: string) => void) | undefined;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  site = openSite(redis);
  posted = [];
  said = [];
  fault = undefined;
  site.context = {
    ...site.context,
    announcer: {
      ...site.context.announcer,
      async postIncident(channel, post, threadTs) {
        fault?.('post');
        posted.push({ channel, post, ...(threadTs === undefined ? {} : { threadTs }) });
        fault?.('posted');
        return { channel, ts: `9.${posted.length}` };
      },
      async editIncident(place, post) {
        fault?.('edit');
        const found = posted[Number(place.ts.split('.')[1]) - 1];
        if (found === undefined) return false;
        found.post = post;
        return true;
      },
      async findIncident(channel, id) {
        const at = posted.findIndex(({ post }) => post.incident.id === id);
        return at < 0 ? undefined : { channel, ts: `9.${at + 1}` };
      },
      async postNews(_place, news) {
        fault?.('news');
        const { revision } = news.incident;
        if (news.lookFirst && said.some((each) => each.incident.revision === revision)) return;
        said.push(news);
        fault?.('said');
      },
    },
  };
});

const unavailable = () => new OperationError('SLACK_UNAVAILABLE', 'Slack is away.');

const events = (count: number) =>
  Array.from({ length: Math.min(count, 30) }, (_, index) => ({
    id: `e${count - index}`,
    at: index,
    text: `event ${index}`,
  }));

function incident(revision: number, over: Partial<Incident> = {}): Incident {
  return {
    v: 1,
    id: 'iabc',
    lane: 'web',
    topic: 'members:shop',
    kind: 'members-down',
    state: 'open',
    severity: 'info',
    worst: 'info',
    revision,
    begunAt: 1,
    updatedAt: revision,
    services: ['shop'],
    headline: `w1 is down (${revision})`,
    facts: [],
    events: events(revision),
    eventsCount: revision,
    ...over,
  };
}

/** As the watcher keeps it. */
async function kept(next: Incident): Promise<void> {
  const { watched } = site.context.stores;
  const revision = await watched.revision('web');
  const scene = emptyScene('web');
  expect(await watched.commit({ scene, revision, events: [], incidents: [next] })).toBe(true);
}

const show = () => showIncident(site.context, 'iabc');

describe('an incident', () => {
  it('is one message, edited, with what is new in its thread once', async () => {
    await kept(incident(1));
    await show();
    await show();
    await kept(incident(2));
    await kept(incident(3));
    await show();
    await show();
    expect(posted).toHaveLength(1);
    expect(posted[0]).toMatchObject({ channel: 'C0OPS', post: { incident: { revision: 3 } } });
    expect(said.map(({ lines }) => lines.length)).toEqual([1, 2]);
    expect(await site.context.stores.watched.due()).toEqual([]);
  });

  it('that Slack refuses for a while is told once when it is back', async () => {
    await kept(incident(1));
    fault = () => {
      throw unavailable();
    };
    await expect(show()).rejects.toMatchObject({ code: 'SLACK_UNAVAILABLE' });
    await showDueIncidents(site.context);
    expect(site.queue.incidents).toEqual(['iabc']);
    fault = undefined;
    await show();
    expect(posted).toHaveLength(1);
    expect(said).toHaveLength(1);
  });

  it.each(['posted', 'said'])(
    'whose worker died when it was %s is not told twice',
    async (when) => {
      await kept(incident(1));
      fault = (call) => {
        if (call === when) throw unavailable();
      };
      await expect(show()).rejects.toMatchObject({ code: 'SLACK_UNAVAILABLE' });
      fault = undefined;
      await show();
      expect(posted).toHaveLength(1);
      expect(said).toHaveLength(1);
    },
  );

  it('that gets worse or ends says so aloud, with who is to be called', async () => {
    const { inventory } = site.context;
    const mention = { info: [], warning: [], critical: ['S0ONCALL'] };
    site.context = {
      ...site.context,
      inventory: { ...inventory, announce: { from: 'info', mention } },
    };
    await kept(incident(1));
    await show();
    expect(posted[0]?.post.mentions).toEqual([]);
    const worse = { severity: 'critical', worst: 'critical', kind: 'pool-empty' } as const;
    await kept(incident(2, worse));
    await show();
    expect(said.at(-1)).toMatchObject({ broadcast: true, mentions: ['S0ONCALL'] });
    expect(said.at(-1)?.lines[0]).toBe('w1 is down (2)');
    await kept(incident(3, { ...worse, severity: 'info', state: 'over', eventsCount: 2 }));
    await show();
    expect(said.at(-1)).toMatchObject({ broadcast: true, mentions: [] });
  });

  it('that is less severe than what is posted is only recorded', async () => {
    const { inventory } = site.context;
    const mention = { info: [], warning: [], critical: [] };
    site.context = {
      ...site.context,
      inventory: { ...inventory, announce: { from: 'warning', mention } },
    };
    await kept(incident(1));
    await show();
    expect(posted).toEqual([]);
    expect(await site.context.stores.watched.due()).toEqual([]);
    await kept(incident(2, { worst: 'warning', severity: 'warning' }));
    await show();
    expect(posted).toHaveLength(1);
  });

  it('that a change of ours did is told in the thread of that change', async () => {
    const place = { channel: 'C0OPS', ts: '1.5' };
    await site.context.stores.cards.put('q7k2m9xt', { place, revisionShown: 1, ending: 'none' });
    await kept(incident(1, { changeId: 'q7k2m9xt' }));
    await show();
    expect(posted[0]).toMatchObject({ channel: 'C0OPS', threadTs: '1.5', post: { mentions: [] } });
  });

  it('with ten thousand events in a minute is a few messages that say how many there were', async () => {
    for (let revision = 1; revision <= 10; revision += 1) {
      await kept(incident(revision, { eventsCount: revision * 1_000, events: events(30) }));
      await show();
    }
    expect(posted).toHaveLength(1);
    expect(said).toHaveLength(10);
    expect(said[0]?.lines[0]).toContain('970 earlier events');
    expect(JSON.stringify(said.at(-1)).length).toBeLessThan(20_000);
  });
});
