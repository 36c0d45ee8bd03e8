import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanEnvironment, EXECUTABLE, readyLineOf, startDetached } from '../demo/lb-process.ts';
import { isOut, serverState } from '../stage/second-reader.ts';
import { localSlackPage, openBrowser } from './page.ts';

const TARGET = '192.168.100.78';
const SEEN_WITHIN = { timeout: 30_000 };

let demo: ReturnType<typeof startDetached>;
let browser: Browser;
let page: Page;
let slack: ReturnType<typeof localSlackPage>;
let sockets: string[];
const complaints: string[] = [];

beforeAll(async () => {
  demo = startDetached(process.execPath, [EXECUTABLE, 'demo', '--json'], cleanEnvironment());
  const ready = await readyLineOf(demo);
  sockets = ready.haproxy.map(({ socket }) => socket);
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
  await page.goto(ready.page);
  slack = localSlackPage(page);
});

afterAll(async () => {
  await browser?.close();
  demo.interrupt();
  await demo.ended;
});

/** Text of the elements, polled until it fits. */
const text = (of: ReturnType<typeof localSlackPage>['cards']) =>
  expect.poll(async () => (await of.allInnerTexts()).join('\n'), SEEN_WITHIN);

describe('the story in a browser', () => {
  it('shows who answers each request, and that none fails', async () => {
    for (const member of ['74', '75', '76', '77', '78']) {
      await text(slack.lane(`192.168.100.${member}`)).toMatch(/[1-9]\d* \/ s/);
    }
    expect(await slack.failed.textContent()).toBe('0');
  });

  it('says on its face what is not real', async () => {
    expect(await page.locator('#banner').textContent()).toBe('LOCAL SLACK - not the real one');
    await text(page.getByRole('note')).toContain('f5.tianya.cn: BIG-IP pair SIMULATED');
  });

  it('answers a status question to the asker alone', async () => {
    await slack.type('/lb status test.tianya.cn');
    await text(slack.whispers.last()).toContain(TARGET);
    expect(await slack.cards.count()).toBe(0);
    await slack.actAs('noor (viewer)');
    await text(slack.messages).toBe('');
    await slack.actAs('maya (on call)');
  });

  it('shows the plan on a card and waits for approval', async () => {
    await slack.type(`/lb disable test.tianya.cn ${TARGET} because a new kernel`);
    const card = slack.cards.last();
    await text(card).toContain('Approval needed');
    await text(card).toContain(`disable server test.tianya.cn/${TARGET}`);
    await text(card).toContain('4 of 5 stay available');
    await text(card).toContain('a new kernel');
    for (const socket of sockets) expect(await isOut(socket, TARGET)).toBe(false);
  });

  it("refuses the requester's own click with a reason", async () => {
    await slack.approve();
    await text(slack.whispers.last()).toContain('somebody else must approve');
    await text(slack.cards.last()).toContain('Approval needed');
    for (const socket of sockets) expect(await isOut(socket, TARGET)).toBe(false);
  });

  it('does nothing when the question of the dialog is answered with no', async () => {
    await slack.actAs('lin (approver)');
    await page.getByRole('button', { name: 'Approve', exact: true }).last().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Not yet' }).click();
    await text(slack.cards.last()).toContain('Approval needed');
  });

  it("turns the same card into the outcome after the approver's click", async () => {
    await slack.approve();
    const card = slack.cards.last();
    await text(card).toContain(`${TARGET} is disabled in test.tianya.cn`);
    await text(card).toContain('enabled → disabled');
    await text(card).toContain('lin (approver)');
    expect(await slack.cards.count()).toBe(1);
    expect(await card.getByRole('button').count()).toBe(0);
    for (const socket of sockets) expect(await isOut(socket, TARGET)).toBe(true);
  });

  it('shows the traffic move away without a failed request', async () => {
    await text(slack.lane(TARGET)).toContain('no requests');
    await text(slack.lane('192.168.100.77')).toMatch(/[1-9]\d* \/ s/);
    expect(await slack.failed.textContent()).toBe('0');
  });

  it('brings it back with its old weight', async () => {
    await slack.actAs('maya (on call)');
    await slack.type(`/lb enable test.tianya.cn ${TARGET}`);
    await text(slack.cards.last()).toContain('Approval needed');
    await slack.actAs('lin (approver)');
    await slack.approve();
    await text(slack.cards.last()).toContain(`${TARGET} is enabled in test.tianya.cn`);
    expect(await slack.cards.count()).toBe(2);
    for (const socket of sockets) {
      expect(await serverState(socket, TARGET)).toEqual({ admin: 0, weight: 10 });
    }
    await text(slack.lane(TARGET)).toMatch(/[1-9]\d* \/ s/);
    expect(await slack.failed.textContent()).toBe('0');
  });

  it('kept the page free of errors', () => {
    expect(complaints).toEqual([]);
  });
});
