// The role watch alone, in a process of its own that can be killed: watcher.mjs, with its settings as JSON in
// LB_WATCHER. Ends with its standard input.
import { readFileSync } from 'node:fs';
import { startProduct } from '../../dist/bin/product.js';
import { loadInventory } from '../../dist/config/inventory.js';
import { Secret } from '../../dist/domain/secret.js';

const given = JSON.parse(process.env.LB_WATCHER);
const loaded = loadInventory(readFileSync(given.inventoryPath, 'utf8'), 'inventory.yml');
if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
const note = (level) => (text, fields) => {
  process.stderr.write(`${level} ${text} ${JSON.stringify(fields ?? {})}\n`);
};
const product = await startProduct({
  roles: ['watch'],
  redisUrl: given.redisUrl,
  inventory: loaded.inventory,
  signingKey: new Secret(given.signingKey),
  slack: { botToken: new Secret(given.botToken), apiUrl: given.apiUrl },
  log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
  watchRules: given.watchRules,
});
process.stdout.write('watching\n');
process.stdin.resume().once('end', () => product.stop().then(() => process.exit(0)));
