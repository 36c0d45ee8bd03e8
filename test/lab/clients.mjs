// Clients of the lab, one after another, each from an address of its own: clients.mjs TARGET PATH EVERY_MS
// Each makes one new connection and one request; what came back, or why nothing did, is one line.
import { get } from 'node:http';

const [host = '', path = '/', every = '20'] = process.argv.slice(2);
let number = 0;
setInterval(() => {
  number += 1;
  const localAddress = `10.97.${(number >> 8) & 255}.${number & 255}`;
  const from = Date.now();
  const say = (words) => process.stdout.write(`${from} ${Date.now() - from} ${words}\n`);
  const request = get({ host, path, localAddress, agent: false, timeout: 2_000 }, (response) => {
    say(response.headers['x-server'] ?? 'nobody');
    response.resume();
  });
  request.on('timeout', () => request.destroy(new Error('timeout')));
  request.on('error', (error) => say(`- ${error.code ?? error.message}`));
}, Number(every));
