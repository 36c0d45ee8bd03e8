import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const PROGRAM = '/usr/bin/chromium';

/** Debian's own browser, without a window, talking to nobody but the page. */
export function openBrowser(): Promise<Browser> {
  if (!existsSync(PROGRAM)) {
    throw new Error(`There is no ${PROGRAM}: install the Debian package chromium.`);
  }
  return chromium.launch({
    executablePath: PROGRAM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** What a person does on the page of the local Slack, and what they see. */
export function localSlackPage(page: Page) {
  const messages = page.getByRole('log', { name: 'Messages' }).getByRole('article');
  return {
    messages,
    /** Cards only: what everybody in the channel sees of the bot, without threads. */
    cards: messages.and(page.locator('.message:not(.only-you):not(.reply)')),
    whispers: messages.and(page.locator('.only-you')),
    lane: (member: string) => page.locator(`.lane[data-member="${member}"]`),
    failed: page.locator('#failed-count'),
    async type(text: string) {
      await page.getByRole('textbox', { name: 'Message' }).fill(text);
      await page.keyboard.press('Enter');
    },
    async actAs(name: string) {
      await page.getByRole('combobox', { name: 'Act as' }).selectOption({ label: name });
    },
    /** Clicks the button on the newest card that has it, and agrees in the dialog. */
    async approve() {
      await page.getByRole('button', { name: 'Approve', exact: true }).last().click();
      await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
    },
  };
}
