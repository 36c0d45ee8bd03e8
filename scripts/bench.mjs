// npm run bench: measures on this machine, against the floors measured in the same run.
import { join } from 'node:path';
import {
  BENCH,
  become,
  build,
  installNpmPackages,
  installPrograms,
  orExit,
  requireNode,
  surroundings,
} from './setup.mjs';

const here = surroundings();

await orExit(async () => {
  requireNode();
  await installNpmPackages(here);
  await installPrograms(['haproxy', 'redis-server'], here);
  await build(here, BENCH);
});
process.env.PATH = here.env.PATH;
await become(join(here.root, 'dist-bench/bench/main.js'), process.argv.slice(2));
