import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cleanEnvironment,
  EXECUTABLE,
  processesOf,
  readyLineOf,
  startDetached,
} from '../demo/lb-process.ts';
import { localSlackPage, openBrowser } from './page.ts';

const STOPPED = '192.168.100.74';
const SEEN_WITHIN = { timeout: 30_000 };

let demo: ReturnType<typeof startDetached>;
let ready: Awaited<ReturnType<typeof readyLineOf>>;
let browser: Browser;
let page: Page;
let slack: ReturnType<typeof localSlackPage>;
const complaints: string[] = [];

beforeAll(async () => {
  demo = startDetached(process.execPath, [EXECUTABLE, 'demo', '--json'], cleanEnvironment());
  [ready, browser] = await Promise.all([readyLineOf(demo), openBrowser()]);
  page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(ready.page);
  slack = localSlackPage(page);
});

afterAll(async () => {
  await browser?.close();
  demo.interrupt();
  await demo.ended;
});

const text = (of: ReturnType<typeof localSlackPage>['cards']) =>
  expect.poll(async () => (await of.allInnerTexts()).join('\n'), SEEN_WITHIN);
const thing = (name: string) => page.getByRole('group', { name, exact: true });

/** As a driver outside does it. */
async function act(verb: 'break' | 'mend', name: string): Promise<unknown> {
  const response = await fetch(new URL(verb, ready.control), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ thing: name }),
  });
  return response.json();
}

const answers = (url: string) =>
  fetch(url).then(
    ({ status }) => status,
    () => 'nobody',
  );

describe('the list of things to break', () => {
  it('is in sight for whoever opens the page, and says what will happen', async () => {
    await page.getByRole('heading', { name: 'Break something' }).waitFor();
    for (const { name, effect } of ready.break) {
      await thing(name).getByText(effect).waitFor();
      const box = await thing(name).getByRole('button').boundingBox();
      expect((box?.y ?? 800) + (box?.height ?? 0)).toBeLessThan(800);
    }
    expect(ready.break.map(({ thing: id }) => id)).toEqual(['member', 'members', 'haproxy']);
  });

  it('stops a member, and the channel says how many are left and how many must be', async () => {
    const [member] = ready.members;
    await thing(`Member ${STOPPED}`).getByRole('button', { name: 'Stop it' }).click();
    await text(slack.cards).toContain(`${STOPPED} is down on ha-1, ha-2`);
    await text(slack.cards).toContain('4 of 5 members left, at least 3 needed');
    expect(await answers(member?.url ?? '')).toBe('nobody');
    await text(slack.lane(STOPPED)).toContain('no requests');
    await text(thing(`Member ${STOPPED}`)).toContain('stopped');
    await text(thing('All 5 members')).toContain('1 stopped');
  });

  it('starts it again from the keyboard, and the same message says that all are up', async () => {
    await expect(page.locator(':focus').textContent()).resolves.toBe('Start it again');
    await page.keyboard.press('Enter');
    await text(slack.cards).toContain('every member that was down is up again, 5 of 5');
    expect(await slack.cards.count()).toBe(1);
    await text(slack.lane(STOPPED)).toMatch(/[1-9]\d* \/ s/);
  });

  it('is there for drivers, too: nobody is left, which is told louder, and all are back', async () => {
    expect(await act('break', 'members')).toMatchObject({ ok: true, damage: '5 stopped' });
    expect(await act('break', 'members')).toMatchObject({ ok: true, damage: '5 stopped' });
    await text(slack.cards).toContain('‼ test.tianya.cn has NO member left on ha-');
    expect(await act('mend', 'members')).toMatchObject({ ok: true, condition: 'whole' });
    await text(slack.cards).toContain('every member that was down is up again, 5 of 5');
  });

  it('kills a HAProxy, which is told as away, and as back', async () => {
    const [front] = ready.haproxy;
    await thing('HAProxy ha-1').getByRole('button', { name: 'Kill it' }).click();
    await text(thing('HAProxy ha-1')).toContain('killed');
    expect(await answers(front?.front ?? '')).toBe('nobody');
    await text(slack.cards).toContain('ha-1 cannot be watched');
    await thing('HAProxy ha-1').getByRole('button', { name: 'Start it again' }).click();
    await text(slack.cards).toContain('ha-1 can be watched again');
    expect(await answers(front?.front ?? '')).toBe(200);
    expect(await act('break', 'haproxy')).toMatchObject({ ok: true, damage: 'killed' });
    expect(await act('break', 'member')).toMatchObject({ ok: true, damage: 'stopped' });
  });

  it('leaves the channel its place on a small screen', async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    await page.reload();
    await page.getByRole('heading', { name: 'Break something' }).waitFor();
    expect(await thing('HAProxy ha-1').isVisible()).toBe(false);
    const log = await page.getByRole('log', { name: 'Messages' }).boundingBox();
    expect(log?.height).toBeGreaterThan(250);
    expect(log?.width).toBe(400);
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    expect(wide).toBe(400);
    await page.getByRole('heading', { name: 'Break something' }).click();
    await thing('HAProxy ha-1').getByRole('button', { name: 'Start it again' }).waitFor();
  });

  it('keeps nothing running when the demo ends, though something is broken', async () => {
    demo.interrupt();
    expect(await demo.ended, demo.err()).toBe(0);
    expect(processesOf(demo.pid)).toEqual([]);
    expect(demo.err()).not.toMatch(/error|warn/i);
    expect(complaints).toEqual([]);
  });
});
