import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sshHosts } from '../../../src/transports/ssh-hosts.ts';
import { type Clients, startClients } from '../../lab/clients.ts';
import { KEEPALIVED_CONF } from '../../lab/director-files.ts';
import type { Lab } from '../../lab/lab.ts';
import { VIP } from '../../lab/places.ts';
import { until } from '../../lab/until.ts';
import { useLab } from '../../lab/use-lab.ts';
import { stopKeepalived } from '../../lab/vrrp.ts';
import { type Bench, benchOn, flap } from './keepalived-bench.ts';

vi.setConfig({ hookTimeout: 120_000, testTimeout: 900_000 });

const TIMES = 50;

/** One director alone has the VIP, whatever keepalived does: a moment of weight in its table is a client there. */
describe('a member that is out by the file that keepalived includes', () => {
  let lab: Lab;
  let stop: () => Promise<void> = async () => {};
  let bench: Bench;
  let clients: Clients | undefined;

  beforeAll(async () => {
    ({ lab, stop } = await useLab({ table: 'keepalived', persistSeconds: 0, isPrepared: true }));
    bench = benchOn(lab.director('lvs-1'), 'helper', {}, sshHosts());
    // Ended altogether, or it takes the VIP when the one on lvs-1 goes.
    await stopKeepalived(lab.director('lvs-2'));
    await lab.director('lvs-1').ask(`sed -i '/^vrrp_instance/,/^}/d' ${KEEPALIVED_CONF}`);
    await bench.restart();
    await lab.director('lvs-1').run(`ip addr add ${VIP}/24 dev eth0`);
    await lab.on('client', ['ip', 'neigh', 'flush', 'dev', 'eth0']);
    await bench.take(await bench.step('disabled'));
    clients = startClients(lab, '/new', 10);
    await until('clients', 20_000, () => clients?.answers.size === 4);
  });
  afterAll(async () => {
    clients?.stop();
    await bench.adapter.close();
    await stop();
  });

  it.each<[string, () => Promise<void>]>([
    ['flaps', () => flap(bench, (isSick) => lab.setSick('192.168.100.78', isSick))],
    ['reloads', () => bench.reload()],
    ['restarts', () => bench.restart()],
  ])(`takes no new client over ${TIMES} %s`, async (_what, once) => {
    const served = () =>
      [...(clients?.answers.values() ?? [])].reduce((sum, each) => sum + each, 0);
    const before = served();
    for (let turn = 0; turn < TIMES; turn += 1) await once();
    expect(served()).toBeGreaterThan(before + 100);
    expect(lab.accessLog('192.168.100.78').filter((line) => line.includes('/new'))).toEqual([]);
  });
});
