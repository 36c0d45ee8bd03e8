// A client that asks again and again: probe.mjs ADDRESS PORT EVERY_MS TIMEOUT_MS CLIENTS
// One connection and one line of JSON for each question, on time whether or not the one before was answered.
// With several clients they ask in turn, each from an address of its own (10.97.0.1 and on).
import { request } from 'node:http';

const [host, port, everyMs, timeoutMs, clients] = process.argv.slice(2);
let turn = 0;

function ask() {
  const at = Date.now();
  const begun = performance.now();
  let isTold = false;
  const tell = (result) => {
    if (isTold) return;
    isTold = true;
    const ms = Math.round((performance.now() - begun) * 10) / 10;
    process.stdout.write(`${JSON.stringify({ at, ms, ...result })}\n`);
  };
  const asked = request({
    host,
    port,
    agent: false,
    ...(clients === '0' ? {} : { localAddress: `10.97.0.${1 + (turn++ % Number(clients))}` }),
  });
  const timer = setTimeout(() => {
    tell({ error: 'timeout' });
    asked.destroy();
  }, Number(timeoutMs));
  asked.on('response', (response) => {
    response.resume();
    response.on('end', () => {
      clearTimeout(timer);
      tell({ server: response.headers['x-server'] ?? '', status: response.statusCode });
    });
    response.on('error', (error) => tell({ error: error.code ?? error.message }));
  });
  asked.on('error', (error) => {
    clearTimeout(timer);
    tell({ error: error.code ?? error.message });
  });
  asked.end();
}

setInterval(ask, Number(everyMs));
ask();
// Whoever started it has had enough, or is gone.
process.stdin.on('end', () => process.exit(0)).resume();
process.stdout.on('error', () => process.exit(0));
