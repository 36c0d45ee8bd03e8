// The web servers behind the HAProxy pair, webA to webD on 192.168.1.11 to .14: web-server.mjs DIRECTORY
// Each gives a session to who has none, says who it is, and is ill (503) while DIRECTORY/sick.NAME exists.
// Every request but health checks is a line of DIRECTORY/NAME.log, with the session it came with.
import { appendFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [directory = ''] = process.argv.slice(2);
let sessions = 0;
for (const [index, letter] of ['A', 'B', 'C', 'D'].entries()) {
  const name = `web${letter}`;
  createServer((request, response) => {
    if (request.url === '/index.html' && request.method === 'HEAD') {
      response.writeHead(existsSync(join(directory, `sick.${name}`)) ? 503 : 200);
      response.end();
      return;
    }
    const session = /JSESSIONID=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    appendFileSync(
      join(directory, `${name}.log`),
      `${Date.now()} ${request.url} ${session ?? '-'}\n`,
    );
    sessions += 1;
    response.writeHead(200, {
      'x-server': name,
      'content-type': 'text/plain',
      ...(session === undefined ? { 'set-cookie': `JSESSIONID=s${sessions}; path=/` } : {}),
    });
    response.end(`${name}\n`);
  }).listen(80, `192.168.1.${11 + index}`);
}
