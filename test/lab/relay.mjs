// In the client's namespace: each port of the lab as a socket file, for whoever is outside of the lab.
//   relay.mjs DIRECTORY NET VIP "lvs-1:3 lvs-2:4"
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

const [directory = '', net = '', vip = '', directors = ''] = process.argv.slice(2);
const targets = [
  ...directors.split(' ').map((each) => {
    const [name = '', last = ''] = each.split(':');
    return [name, `${net}.${last}`, 22];
  }),
  ['vip', vip, 80],
];
// Each connection is a client of its own, with an address that comes again after 65,536 others.
let clients = 0;
const nextClient = () => {
  clients = (clients + 1) % 65_536;
  return `10.97.${clients >> 8}.${clients & 255}`;
};
targets.push(['clients', vip, 80, nextClient]);
for (const [name, host, port, from] of targets) {
  createServer({ allowHalfOpen: true }, (near) => {
    const localAddress = from?.();
    const far = connect({ host, port, localAddress, allowHalfOpen: true, noDelay: true });
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far);
    far.pipe(near);
  }).listen(join(directory, `${name}.sock`));
}
