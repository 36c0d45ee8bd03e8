import type { LabDirector, LvsLab } from './lab-process.ts';

/** As the lab itself started it; where it runs already, nothing is done. */
const START =
  'if ! pidof keepalived >/dev/null; then setsid keepalived --log-console --log-detail --dont-fork </dev/null >>/run/lab/log.keepalived 2>&1 & fi';
/** Ends it in good order and waits for that: it gives the VIP up and says so to the other director. */
const STOP =
  'pkill -o -x keepalived; turn=0; while pidof keepalived >/dev/null; do turn=$((turn + 1)); [ $turn -le 100 ] || exit 1; sleep 0.1; done';

/** Names of the directors whose interface has the VIP: one, when all is well. */
export async function holdersOf(lab: LvsLab): Promise<readonly string[]> {
  const [vip = ''] = lab.vip.split(':');
  const found = await Promise.all(
    lab.directors.map(async (one) => {
      const addresses = await lab.ask(one, 'ip -4 -o addr show eth0');
      return addresses.includes(` ${vip}/`) ? [one.name] : [];
    }),
  );
  return found.flat();
}

export async function stopKeepalived(lab: LvsLab, director: LabDirector): Promise<void> {
  await lab.ask(director, STOP);
}

export async function startKeepalived(lab: LvsLab, director: LabDirector): Promise<void> {
  await lab.ask(director, START);
}
