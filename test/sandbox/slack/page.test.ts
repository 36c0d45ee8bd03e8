import { runInNewContext, Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../../src/sandbox/slack/local-slack.ts';
import { PAGE_PATHS, pageResource } from '../../../src/sandbox/slack/page.ts';
import type { TrafficHit } from '../../../src/sandbox/slack/traffic.ts';
import { CHANNEL, PRIVATE, SEED } from './workspace-seed.ts';

const scripts = PAGE_PATHS.filter((path) => path.endsWith('.js'));
const source = (path: string) => pageResource(path)?.body ?? '';

describe('the files of the page', () => {
  test.each(scripts)('%s parses and never turns text into markup', (path) => {
    expect(() => new Script(source(path))).not.toThrow();
    expect(source(path)).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function/,
    );
  });

  test('the skeleton names every script and has no script or style of its own', () => {
    const html = source('/');
    for (const path of scripts) expect(html).toContain(`src="${path}"`);
    expect(html).not.toMatch(/<script>|<style|style=|\son\w+=/);
    expect(html).toContain('LOCAL SLACK - not the real one');
    expect(html).toContain('aria-label="Act as"');
    expect(html).toContain('aria-label="Message"');
  });
});

describe('mrkdwn', () => {
  const parse = (text: string): unknown =>
    JSON.parse(
      runInNewContext(`${source('/page/mrkdwn.js')}; JSON.stringify(parseMrkdwn(text))`, { text }),
    );
  const text = (words: string) => ({ kind: 'text', text: words });

  test('marks become a tree', () => {
    expect(parse('a *b _c_* ~d~ `e*f*`')).toEqual([
      text('a '),
      { kind: 'bold', children: [text('b '), { kind: 'italic', children: [text('c')] }] },
      text(' '),
      { kind: 'strike', children: [text('d')] },
      text(' '),
      { kind: 'code', text: 'e*f*' },
    ]);
  });

  test('names with underscores and sums with stars stay as they are', () => {
    expect(parse('web_1 and web_2, 2*3*4')).toEqual([text('web_1 and web_2, 2*3*4')]);
  });

  test('a fence keeps its text word for word', () => {
    expect(parse('see\n```a *b*\n&lt;c&gt;```')).toEqual([
      text('see'),
      { kind: 'break' },
      { kind: 'fence', text: 'a *b*\n<c>' },
    ]);
  });

  test('mentions, links and quotes', () => {
    expect(parse('<@U1> <!subteam^S1|@ops> <!here> <https://a.example|b>')).toMatchObject([
      { kind: 'user', id: 'U1' },
      text(' '),
      { kind: 'group', id: 'S1' },
      text(' '),
      { kind: 'broadcast', name: 'here' },
      text(' '),
      { kind: 'link', href: 'https://a.example', text: 'b' },
    ]);
    expect(parse('&gt; one\ntwo')).toEqual([
      { kind: 'quote', children: [text('one')] },
      text('two'),
    ]);
  });

  test('escaped signs are text, and a script address is no link', () => {
    expect(parse('&lt;!channel&gt; &amp;lt;')).toEqual([text('<!channel> &lt;')]);
    expect(parse('<javascript:alert(1)|click>')).toEqual([text('<javascript:alert(1)|click>')]);
  });
});

describe('what the server tells the page', () => {
  let slack: LocalSlack;
  const listeners = new Set<(hit: TrafficHit) => void>();
  const hit = (member: string, ok = true) => {
    for (const listener of listeners) listener({ member, ok, at: 0 });
  };

  beforeEach(async () => {
    slack = await startLocalSlack({
      ...SEED,
      traffic: {
        members: ['web-1', 'web-2'],
        subscribe: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
    });
  });
  afterEach(() => slack.close());

  /** Collects server-sent events by name until closed. */
  async function listen() {
    const controller = new AbortController();
    const response = await fetch(`${slack.url}_events`, { signal: controller.signal });
    const events: { name: string; data: unknown }[] = [];
    const pump = async () => {
      for await (const chunk of response.body ?? []) {
        for (const [, name = '', data = ''] of Buffer.from(chunk)
          .toString()
          .matchAll(/event: (\w+)\ndata: (.*)\n/g)) {
          events.push({ name, data: JSON.parse(data) });
        }
      }
    };
    const ended = pump().catch(() => undefined);
    return {
      named: (name: string) =>
        events.filter((event) => event.name === name).map(({ data }) => data),
      close: () => {
        controller.abort();
        return ended;
      },
    };
  }

  test('is served under a policy that runs no script but its own', async () => {
    const response = await fetch(slack.url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect((await fetch(`${slack.url}page/other.js`)).status).toBe(404);
  });

  test('every change wakes the page', async () => {
    const page = await listen();
    slack.human.say({ user: 'U0ALICE', channel: CHANNEL, text: 'hello' });
    await expect.poll(() => page.named('changed').length).toBe(1);
    await page.close();
  });

  test('traffic comes as totals first, then in batches by lane', async () => {
    hit('web-1');
    hit('web-1', false);
    hit('elsewhere', false);
    const page = await listen();
    await expect
      .poll(() => page.named('totals'))
      .toEqual([
        {
          members: [
            { name: 'web-1', total: 1 },
            { name: 'web-2', total: 0 },
          ],
          total: 3,
          failed: 2,
        },
      ]);
    await expect
      .poll(() => page.named('traffic'))
      .toEqual([
        {
          hits: [
            [0, 1, 1],
            [-1, 0, 1],
          ],
          total: 3,
          failed: 2,
        },
      ]);
    await page.close();
  });

  test('closing ends the subscription', async () => {
    expect(listeners.size).toBe(1);
    await slack.close();
    expect(listeners.size).toBe(0);
    slack = await startLocalSlack(SEED);
  });

  test('a person sees public channels, their private ones, and no whisper to others', () => {
    slack.human.say({ user: 'U0ALICE', channel: PRIVATE, text: 'secret' });
    const seen = (user: string, channel: string) =>
      JSON.stringify(slack.human.state({ user, channel }));
    expect(seen('U0ALICE', PRIVATE)).toContain('"text":"secret"');
    expect(seen('U0BOB', PRIVATE)).not.toContain('secret');
    expect(seen('U0BOB', PRIVATE)).toContain(`"channel":"${CHANNEL}"`);
  });
});
