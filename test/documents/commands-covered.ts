/** How a command of a page is known to work. */
export type Coverage =
  /** Run by this folder's tests, exactly as written (`lb` being the built executable); with the exit code and a word of its output. */
  | { readonly run: true; readonly code: number; readonly says: string }
  /** Run by that test file or a file of that folder, which holds these words. */
  | { readonly coveredBy: string; readonly words: readonly string[] }
  /** Cannot be run in a test, and the page says so. */
  | { readonly notRun: string };

const processes = {
  coveredBy: 'test/documents/commands.test.ts',
  words: ['starts, is ready, and stops'],
};
const shell = (...words: string[]) => ({ coveredBy: 'test/journeys/shell.test.ts', words });
const offline = (...words: string[]) => ({
  coveredBy: 'test/journeys/plan-offline.test.ts',
  words,
});
const files = (...words: string[]) => ({ coveredBy: 'test/journeys/running-it.test.ts', words });
const noEngine = { notRun: 'images never built here' };

/** Every line of every `sh` block of README and docs. */
export const COVERED: Readonly<Record<string, Coverage>> = {
  'npm run demo': {
    coveredBy: 'test/setup/setup.test.ts',
    words: ["describe('npm run demo'", 'goes on as lb demo'],
  },
  'npm run demo -- --script': {
    coveredBy: 'test/demo/script.test.ts',
    words: ["startLb(['demo', '--script'])", 'ends with 0'],
  },
  'npm run demo -- --with-lvs': {
    coveredBy: 'test/demo/with-lvs-start.lab.long.ts',
    words: ['scripts/demo.mjs', "'--with-lvs'"],
  },
  'npm test': { coveredBy: 'test/setup/tally.test.ts', words: ["describe('npm test'"] },
  'npm run lab -- up': { coveredBy: 'test/lab/command.lab.long.ts', words: ["lab(folder, 'up')"] },
  'npm run lab -- status': {
    coveredBy: 'test/lab/command.lab.long.ts',
    words: ["lab(folder, 'status')"],
  },
  'npm run lab -- down': {
    coveredBy: 'test/lab/command.lab.long.ts',
    words: ["lab(folder, 'down')"],
  },
  'npm ci --ignore-scripts && npm run build': {
    coveredBy: 'test/deploy/image.test.ts',
    words: ['--ignore-scripts', 'builds by the script that package.json has'],
  },
  'alias lb="node $PWD/dist/bin/lb.js"': { run: true, code: 0, says: '' },
  'lb help': { run: true, code: 0, says: 'What you may run:' },
  'lb config check examples/inventory.yml': {
    run: true,
    code: 0,
    says: '1 service on 2 balancers',
  },
  'lb status test.tianya.cn': shell("lb('status', SERVICE)"),
  'lb disable test.tianya.cn 192.168.100.78 because kernel update': shell(
    "lb('disable', SERVICE, TARGET, 'because', 'a', 'test')",
  ),
  'lb audit verify': shell("lb('audit', 'verify')"),
  'lb config check': { run: true, code: 0, says: 'The environment has no fault' },
  'lb config check --live': { coveredBy: 'test/bin', words: ["'config', 'check'", "'--live'"] },
  'lb config check --live --id maya': { coveredBy: 'test/bin', words: ["'--id'"] },
  'lb serve': processes,
  'lb serve --role bot': processes,
  'lb serve --role worker': processes,
  'lb serve --role watch': processes,
  'lb plan --offline disable test.tianya.cn 192.168.100.78': offline(
    "plan('--offline', 'disable', SERVICE, TARGET, 'now')",
    "startLb(['plan', ...args]",
  ),
  'lb audit export --to audit.jsonl': files("lb('audit', 'export', '--to', path)"),
  'lb audit verify audit.jsonl': files("startLb(['audit', 'verify', path], offline)"),
  'export LB_SLACK_MODE=http': { run: true, code: 0, says: '' },
  'export SLACK_SIGNING_SECRET=of-basic-information': { run: true, code: 0, says: '' },
  'export LB_SLACK_HTTP_PORT=3000': { run: true, code: 0, says: '' },
  'export LB_SIGNING_KEY="$(openssl rand -hex 32)"': { run: true, code: 0, says: '' },
  'export LB_INVENTORY=examples/inventory.yml': { run: true, code: 0, says: '' },
  'export REDIS_URL=redis://127.0.0.1:6379': { run: true, code: 0, says: '' },
  'export SLACK_BOT_TOKEN=xoxb-your-bot-token': { run: true, code: 0, says: '' },
  'export SLACK_APP_TOKEN=xapp-your-app-token': { run: true, code: 0, says: '' },
  'cp deploy/env.example .env': {
    coveredBy: 'test/deploy/compose.test.ts',
    words: ["textOf('deploy/env.example')"],
  },
  'docker compose up --build': noEngine,
};
