import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asked, became } from '../journeys/acting.ts';
import { SERVICE } from '../stage/inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { localSlackPage, openBrowser } from './page.ts';

const TARGET = '192.168.100.78';
const SEEN_WITHIN = { timeout: 30_000 };

let stage: Stage;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  [stage, browser] = await Promise.all([openStage(), openBrowser()]);
  page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(stage.slack.url);
});

afterAll(async () => {
  await browser?.close();
  await stage?.stop();
});

const home = () => page.getByRole('region', { name: 'Home' });
const text = () => expect.poll(() => home().textContent(), SEEN_WITHIN);
const openHome = () => page.getByRole('button', { name: 'lb Home' }).click();

describe('the Home tab on the page', () => {
  let changeId = '';

  it('is drawn for whoever opens it, in the place of the channel', async () => {
    await localSlackPage(page).actAs('approver');
    await openHome();
    await text().toContain('Nothing waits for your approval.');
    expect(await page.getByRole('log', { name: 'Messages' }).isVisible()).toBe(false);
    expect(await page.getByRole('textbox', { name: 'Message' }).isVisible()).toBe(false);
  });

  it('shows what waits with its buttons, once it is opened again', async () => {
    ({ id: changeId } = await asked(stage, `disable ${SERVICE} ${TARGET} because a new kernel`));
    await openHome();
    await text().toContain(`Disable ${TARGET} in ${SERVICE}`);
    await text().toContain('a new kernel');
    await text().toContain(`disable server ${SERVICE}/${TARGET}`);
  });

  it('takes the approval after its question, and then shows who is out', async () => {
    await localSlackPage(page).approve();
    await became(stage, changeId, 'done');
    await text().toContain('Nothing waits for your approval.');
    await text().toContain(`${TARGET} of ${SERVICE} is disabled on ha-1 and ha-2`);
    await text().toMatch(/ha-1 answered/);
    expect(await home().getByRole('button').count()).toBe(0);
  });

  it('is another one for another person', async () => {
    await localSlackPage(page).actAs('guest (guest)');
    await text().toContain('Guests may not use it');
  });

  it('gives way to a channel', async () => {
    await page.getByRole('button', { name: 'ops' }).click();
    await expect.poll(() => home().isVisible(), SEEN_WITHIN).toBe(false);
    expect(await page.getByRole('log', { name: 'Messages' }).textContent()).toContain(
      'is disabled in',
    );
  });

  it('kept the page free of errors', () => {
    expect(complaints).toEqual([]);
  });
});
