import type { LvsAdapter } from '../../../src/adapters/lvs/adapter.ts';
import { lvsAdapter } from '../../../src/adapters/lvs/adapter.ts';
import { lvsSettings } from '../../../src/adapters/lvs/schema.ts';
import { LVS_LIMITS, wayTo } from '../../../src/adapters/lvs/way.ts';
import type { LvsBalancer } from '../../../src/domain/inventory.ts';
import type { AdminState, MemberState } from '../../../src/domain/member.ts';
import type { Step } from '../../../src/domain/plan.ts';
import { keepalivedOwner } from '../../../src/keepalived/owner.ts';
import { type SshHosts, sshHosts } from '../../../src/transports/ssh-hosts.ts';
import type { Director, DirectorUser } from '../../lab/director.ts';
import { until } from '../../lab/until.ts';
import { openGate, stepTo, withoutEnd } from '../contract-device.ts';

export const POOL = '192.168.100.11:80';
export const MEMBER = '192.168.100.78:80';
export const FILE = '/etc/keepalived/lb-chatops/tcp-192.168.100.11-80-192.168.100.78-80.conf';
/** The slow kernels of the lab start a dozen programs for one put. */
const EXCHANGE_MS_MAX = 40_000;
const LOG = '/run/lab/log.keepalived';

/** A director whose table keepalived keeps, used as the product uses it, and looked at past it. */
export interface Bench {
  readonly adapter: LvsAdapter;
  member(name?: string): Promise<MemberState>;
  step(admin: AdminState, weight?: number): Promise<Step>;
  take(step: Step): Promise<void>;
  /** Of the second reader: the row of the member, or `absent`. */
  row(): Promise<string>;
  /** How often keepalived has written this since it was started last. */
  logged(pattern: string): Promise<number>;
  reload(): Promise<void>;
  restart(): Promise<void>;
}

export function benchOn(
  director: Director,
  user: DirectorUser,
  own: Partial<LvsBalancer> = {},
  hosts: SshHosts = sshHosts(),
): Bench {
  const settings = lvsSettings({
    name: director.name,
    kind: 'lvs',
    ssh: director.ssh(user),
    ...(user === 'helper' ? { helper: '/usr/local/sbin/lb-lvs' } : {}),
    ...own,
  });
  const { whenUndone } = settings;
  const adapter = lvsAdapter(
    director.name,
    wayTo(settings, { ...LVS_LIMITS, exchangeMsMax: EXCHANGE_MS_MAX }, hosts),
    { now: () => Date.now() },
    { tableOwner: keepalivedOwner, ...(whenUndone === undefined ? {} : { whenUndone }) },
  );
  const member = async (name = MEMBER) => {
    const { members } = await adapter.read(POOL, withoutEnd());
    const found = members.find((each) => each.name === name);
    if (found === undefined) throw new Error(`${name} is not in ${POOL}`);
    return found;
  };
  const logged = async (pattern: string) =>
    Number((await director.run(`grep -cE '${pattern}' ${LOG}`)).stdout.trim());
  return {
    adapter,
    member,
    step: async (admin, weight) => stepTo(adapter, POOL, await member(), admin, weight),
    take: (step) => adapter.apply(step, openGate, withoutEnd()),
    async row() {
      const lines = (await director.ask('ipvsadm -Sn')).split('\n');
      return lines.find((line) => line.includes(`-r ${MEMBER} `))?.trim() ?? 'absent';
    },
    logged,
    async reload() {
      const before = await logged('Reloading');
      await director.ask('kill -HUP $(cat /run/keepalived.pid)');
      await until('a reload', 20_000, async () => (await logged('Reloading')) > before);
    },
    async restart() {
      await director.ask(
        `kill $(cat /run/keepalived.pid); while pidof keepalived >/dev/null; do sleep 0.02; done; setsid keepalived --log-console --log-detail --dont-fork </dev/null >>${LOG} 2>&1 &`,
      );
      await until('the table', 20_000, async () => {
        const { stdout } = await director.run('ipvsadm -Sn');
        return stdout.split('\n').filter((line) => line.endsWith('-w 3')).length >= 4;
      });
    },
  };
}

/** One service flap as keepalived sees it: its check fails, then succeeds again. */
export async function flap(bench: Bench, setSick: (isSick: boolean) => void): Promise<void> {
  const failed = await bench.logged('failed after');
  const well = await bench.logged('78.:tcp:80 succeed on service');
  setSick(true);
  await until('a failed check', 30_000, async () => (await bench.logged('failed after')) > failed);
  setSick(false);
  await until('a check that succeeds', 30_000, async () => {
    return (await bench.logged('78.:tcp:80 succeed on service')) > well;
  });
}
