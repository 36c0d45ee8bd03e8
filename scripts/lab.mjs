// npm run lab -- up|down|status: two LVS directors, five real servers and a client on this machine.
import { join } from 'node:path';
import {
  become,
  build,
  installNpmPackages,
  LAB_BUILD,
  orExit,
  requireNode,
  surroundings,
} from './setup.mjs';

const here = surroundings();

await orExit(async () => {
  requireNode();
  await installNpmPackages(here);
  await build(here, LAB_BUILD);
});
process.env.PATH = here.env.PATH;
await become(join(here.root, 'dist-bench/lab/test/lab/main.js'), process.argv.slice(2));
