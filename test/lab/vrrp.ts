import type { Director } from './director.ts';
import { until } from './until.ts';

const CONFIG = '/etc/keepalived/keepalived.conf';
const START =
  'setsid keepalived --log-console --log-detail --dont-fork </dev/null >>/run/lab/log.keepalived 2>&1 &';

/** Ends keepalived in good order: it gives the VIP up and says so to the other director. */
export async function stopKeepalived(director: Director): Promise<void> {
  await director.ask('pkill -o -x keepalived');
  await until(`the end of keepalived on ${director.name}`, 10_000, async () => {
    const { code } = await director.run('pidof keepalived');
    return code === 1;
  });
}

/** All its processes at once, without a word to anybody: the VIP stays on the interface. */
export async function killKeepalived(director: Director): Promise<void> {
  // Stopped first: its children end in good order when they see their parent go.
  await director.ask('pkill -STOP -x keepalived && pkill -9 -x keepalived');
}

export async function startKeepalived(director: Director): Promise<void> {
  await director.ask(START);
}

/** As an administrator does it: the priority in the file, then a reload. */
export async function setPriority(director: Director, priority: number): Promise<void> {
  await director.ask(
    `sed -i 's/priority .*/priority ${priority}/' ${CONFIG} && pkill -o -HUP -x keepalived`,
  );
}

/** What keepalived said since it was started or the lab was reset. */
export function keepalivedLog(director: Director): Promise<string> {
  return director.ask('cat /run/lab/log.keepalived');
}

/** Resolves when the director holds the VIP, or does not any more. */
export async function holdsVip(
  director: Director,
  vip: string,
  isHeld = true,
  msMax = 20_000,
): Promise<void> {
  await until(`${director.name} ${isHeld ? 'with' : 'without'} ${vip}`, msMax, async () => {
    const { code, stdout } = await director.run('ip -4 -o addr show eth0');
    return code === 0 && stdout.includes(`${vip}/`) === isHeld;
  });
}
