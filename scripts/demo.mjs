// npm run demo: everything on this machine, nothing of Slack's or of anybody's balancers. See README.
import { join } from 'node:path';
import {
  become,
  build,
  installNpmPackages,
  installPrograms,
  LAB,
  LAB_BUILD,
  orExit,
  PRODUCT,
  requireNode,
  surroundings,
} from './setup.mjs';

// Progress goes to stderr, so that with --json stdout is the demo's one line.
const here = surroundings();
const withLvs = process.argv.includes('--with-lvs');

await orExit(async () => {
  requireNode();
  await installNpmPackages(here);
  await installPrograms(withLvs ? LAB : ['haproxy'], here);
  await build(here, PRODUCT);
  if (withLvs) await build(here, LAB_BUILD);
});
process.env.PATH = here.env.PATH;
await become(join(here.root, 'dist/bin/lb.js'), ['demo', ...process.argv.slice(2)]);
