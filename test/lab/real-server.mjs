// A real server of the lab: real-server.mjs NAME DIRECTORY VIP
//   HTTP  :80    / says who answers; /slow?ms=, /big?bytes=; /health is 503 while DIRECTORY/sick.NAME exists
//   TCP   :7000  each line comes back with the name in front
//   UDP   :5300  answers the name
// Every request and every connection is a line of DIRECTORY/NAME.log; health checks are not.
import { createSocket } from 'node:dgram';
import { appendFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [name = '', directory = '', vip = ''] = process.argv.slice(2);
const note = (...words) => {
  appendFileSync(join(directory, `${name}.log`), `${Date.now()} ${words.join(' ')}\n`);
};

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://lab');
  const headers = { 'content-type': 'text/plain', 'x-server': name };
  if (pathname === '/health') {
    response.writeHead(existsSync(join(directory, `sick.${name}`)) ? 503 : 200, headers);
    response.end(`${name}\n`);
    return;
  }
  note('http', request.socket.remoteAddress, request.method, pathname);
  const body =
    pathname === '/big'
      ? Buffer.alloc(Number(searchParams.get('bytes') ?? 100_000), 'x')
      : `${name}\n`;
  setTimeout(
    () => {
      response.writeHead(200, headers);
      response.end(body);
    },
    Number(searchParams.get('ms') ?? 0),
  );
});
server.keepAliveTimeout = 60_000;
server.listen(80, '::');

createTcpServer((socket) => {
  note('tcp', socket.remoteAddress, socket.remotePort);
  socket.on('error', () => {});
  createInterface({ input: socket }).on('line', (line) => socket.write(`${name} ${line}\n`));
}).listen(7000, '::');

// One socket per address: the answer must leave from the address that was asked.
for (const address of [name, vip]) {
  const udp = createSocket('udp4');
  udp.on('message', (_text, from) => {
    note('udp', from.address, from.port);
    udp.send(`${name}\n`, from.port, from.address);
  });
  udp.bind(5300, address);
}
