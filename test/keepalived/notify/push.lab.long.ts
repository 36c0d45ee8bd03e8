import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import {
  type NotifyListener,
  startNotifyListener,
} from '../../../src/keepalived/notify/listener.ts';
import { NOTIFY_SCRIPT } from '../../../src/keepalived/notify/script.ts';
import { selfSigned } from '../../../src/sandbox/f5/certificate.ts';
import { eventually } from '../../fakes/eventually.ts';
import type { Lab } from '../../lab/lab.ts';
import { DIRECTOR_NAMES, type DirectorName } from '../../lab/places.ts';
import { useLab } from '../../lab/use-lab.ts';
import { type KeptIntake, keptIntake } from './intake.ts';
import { openWayOut, WAY_OUT } from './way-out.ts';

const PORT = 8443;
const TOKENS = {
  'lvs-1': 'Zk3vQ8nT1xW6bR4yH7pL2sD9',
  'lvs-2': 'Gt5mC2jF8wX1qN6zK4hV7rB3',
} as const;
const certificate = selfSigned(WAY_OUT);
const LONG = { timeout: 30_000 };

/** What an operator does by docs/keepalived-push.md, but for the restart. */
const setUp = (name: DirectorName) => `set -e
mkdir -p /etc/lb-notify /usr/local/sbin
cat >/usr/local/sbin/lb-notify <<'END'
${NOTIFY_SCRIPT}END
chmod 755 /usr/local/sbin/lb-notify
echo https://${WAY_OUT}:${PORT}/notify >/etc/lb-notify/url
install -m 600 /dev/null /etc/lb-notify/header
echo 'Authorization: Bearer ${TOKENS[name]}' >/etc/lb-notify/header
cat >/etc/lb-notify/ca.pem <<'END'
${certificate.certificate}
END
rm -rf /run/lb-notify
sed -i 's|^ *router_id .*|&\\n script_user root\\n enable_script_security\\n vrrp_notify_fifo /run/lb-notify.fifo\\n vrrp_notify_fifo_script /usr/local/sbin/lb-notify|' /etc/keepalived/keepalived.conf
keepalived -t -f /etc/keepalived/keepalived.conf`;

const STOP =
  'kill $(cat /run/keepalived.pid); while pidof keepalived >/dev/null; do sleep 0.05; done';
const START =
  'setsid keepalived --log-console --log-detail --dont-fork </dev/null >>/run/lab/log.keepalived 2>&1 &';

describe('what real keepalived says', () => {
  let lab: Lab;
  let stop: () => Promise<void> = async () => {};
  let intake: KeptIntake;
  let listener: NotifyListener | undefined;
  let wayOut: { readonly close: () => Promise<void> } | undefined;

  const listen = async () => {
    listener = await startNotifyListener({
      host: '127.0.0.1',
      port: 0,
      tls: { cert: certificate.certificate, key: certificate.key },
      tokens: new Map(DIRECTOR_NAMES.map((name) => [name, new Secret(TOKENS[name])])),
      intake,
      clock: { now: () => Date.now(), sleep: async () => {} },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
  };
  const deafen = async () => {
    await listener?.close();
    listener = undefined;
  };

  // Set up once: each test leaves both directors in their places, which the next one sees to.
  beforeAll(async () => {
    intake = keptIntake();
    ({ lab, stop } = await useLab());
    wayOut = await openWayOut(lab, PORT, () => Number(new URL(listener?.url ?? 'http://x:1').port));
    await listen();
    // The standby first: the VIP stays where it is.
    for (const name of ['lvs-2', 'lvs-1'] as const) {
      await lab.director(name).ask(setUp(name));
      await lab.director(name).ask(STOP);
      await lab.director(name).ask(START);
    }
  }, 120_000);
  beforeEach(async () => {
    if (listener === undefined) await listen();
    await eventually(() => said('lvs-1').at(-1), LONG).toBe('MASTER');
    await eventually(() => said('lvs-2').at(-1), LONG).toBe('BACKUP');
  });
  afterAll(async () => {
    await deafen();
    await wayOut?.close();
    await lab?.reset();
    await stop();
  }, 120_000);

  const said = (director: DirectorName) =>
    intake.lines.filter((line) => line.director === director).map(({ state }) => state);

  it('arrives from both directors when the master is stopped, and in order when it returns', async () => {
    const [first, second] = [lab.director('lvs-1'), lab.director('lvs-2')];
    await first.ask(STOP);
    await eventually(() => said('lvs-1').at(-1), LONG).toBe('STOP');
    await eventually(() => said('lvs-2').at(-1), LONG).toBe('MASTER');
    expect(await second.ask('ip -4 -o addr show eth0')).toContain('192.168.100.11/');
    await first.ask(START);
    await eventually(() => said('lvs-1').slice(-3), LONG).toEqual(['STOP', 'BACKUP', 'MASTER']);
    await eventually(() => said('lvs-2').at(-1), LONG).toBe('BACKUP');
    const numbers = intake.lines.filter(({ director }) => director === 'lvs-1');
    expect(numbers.map(({ sequence }) => sequence)).toEqual(numbers.map((_, index) => index + 1));
  });

  it('waits on the director while nobody listens, and is told how long ago it was', async () => {
    await deafen();
    const before = intake.lines.length;
    await lab.director('lvs-1').ask(STOP);
    const waiting = () => lab.director('lvs-2').ask('cat /run/lb-notify/kept');
    await eventually(waiting, LONG).toMatch(/MASTER 90/);
    expect(intake.lines).toHaveLength(before);
    await listen();
    await eventually(() => said('lvs-2').at(-1), LONG).toBe('MASTER');
    const last = intake.lines.findLast(({ director }) => director === 'lvs-2');
    expect(last?.ageMs).toBeGreaterThan(100);
    await lab.director('lvs-1').ask(START);
    // What the reader of the stopped keepalived could not say any more, the next one says first.
    await eventually(() => said('lvs-1').slice(-3), LONG).toEqual(['STOP', 'BACKUP', 'MASTER']);
    await eventually(() => said('lvs-2').at(-1), LONG).toBe('BACKUP');
  });

  it('shows a split brain: the master hears adverts of a lower priority', async () => {
    await lab.separate(true);
    await eventually(() => said('lvs-2').at(-1), LONG).toBe('MASTER');
    await lab.separate(false);
    await eventually(() => said('lvs-1').at(-1), LONG).toMatch(/MASTER_RX_LOWER_PRI/);
    await eventually(() => said('lvs-2').at(-1), LONG).toBe('BACKUP');
  });
});
