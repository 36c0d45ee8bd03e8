// node scripts/picture.mjs: takes docs/demo.png, the README's picture, from the running demo.
// Needs chromium and what `npm run demo` has set up.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = process.argv[2] ?? join(root, 'docs/demo.png');
const member = '192.168.100.78';

const demo = spawn(process.execPath, [join(root, 'dist/bin/lb.js'), 'demo', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [line] = await Promise.race([
  new Promise((resolve) =>
    createInterface({ input: demo.stdout }).once('line', (text) => resolve([text])),
  ),
  new Promise((_, reject) =>
    demo.once('close', () => reject(new Error('The demo did not start.'))),
  ),
]);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 940 } });
  await page.goto(JSON.parse(line).page);
  // The strip shows twelve seconds; it must be full before the member goes.
  await pause(11_000);
  await page
    .getByRole('textbox', { name: 'Message' })
    .fill(`/lb disable test.tianya.cn ${member} because kernel update`);
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: 'Act as' }).selectOption({ label: 'lin (approver)' });
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
  await page.getByText(`${member} is disabled in`).first().waitFor();
  // Long enough to see the others carry on without it, short enough to see that it was there.
  await pause(5_000);
  await page.getByRole('heading', { name: `${member} is disabled in` }).scrollIntoViewIfNeeded();
  await page.screenshot({ path: target });
  process.stdout.write(`${target}\n`);
} finally {
  await browser.close();
  demo.kill('SIGINT');
}
