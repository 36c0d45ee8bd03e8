import { createAdapter } from '../../../src/adapters/registry.ts';
import type { LvsBalancer, SshHost } from '../../../src/domain/inventory.ts';
import { sshHosts } from '../../../src/transports/ssh-hosts.ts';
import { SSH_LIMITS } from '../../../src/transports/ssh-login.ts';
import type { DirectorUser } from '../../lab/director.ts';
import { until } from '../../lab/until.ts';
import { useLab } from '../../lab/use-lab.ts';
import type { ContractDevice } from '../contract-device.ts';

/** A director is a whole machine with a slow kernel; a login there takes half a second. */
const DEADLINE_MS = 7_000;
const RULES = '/run/lab/own/ipvs.rules';
export const POOL = '192.168.100.11:80';

/** A real director, used by this user. */
export async function realDirector(
  user: DirectorUser,
  extra: Partial<LvsBalancer> = {},
): Promise<ContractDevice> {
  const { lab, stop } = await useLab();
  const director = lab.director('lvs-1');
  const limits = { exchangeMsMax: DEADLINE_MS, replyBytesMax: 4 * 1024 * 1024, connectionsMax: 4 };
  // A frozen director is thawed before its connection counts as lost: what it was sent is still carried out.
  const ssh = sshHosts({ ...SSH_LIMITS, keepAlivesMissedMax: 20 });
  const adapterAt = (host: SshHost, own: Partial<LvsBalancer> = {}) =>
    createAdapter(
      { name: 'lvs-1', kind: 'lvs', ssh: host, ...own },
      { clock: { now: () => Date.now() }, limits, ssh },
    );
  const adapter = adapterAt(director.ssh(user), extra);
  const readOnly = adapterAt(director.ssh('reader'));
  return {
    adapter,
    pool: POOL,
    member: '192.168.100.78:80',
    strangers: { pool: '192.168.100.11:81', member: '192.168.100.79:80' },
    hasWeightWhenOut: false,
    async reset() {
      await director.ask(`ipvsadm -C && ipvsadm -R <${RULES}`);
    },
    async freeze() {
      // Only what waits there for a line takes one from a connection that nobody answers any more.
      await until('the program that waits', 5_000, async () => {
        const { code } = await director.run("pgrep -f 'lb-[l]vs: what' || pgrep -x lb-lvs");
        return code === 0;
      });
      director.freeze();
    },
    thaw: director.thaw,
    readOnly,
    async close() {
      await Promise.all([adapter.close(), readOnly.close()]);
      await stop();
    },
  };
}
