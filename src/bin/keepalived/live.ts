import { randomBytes } from 'node:crypto';
import { askOwner } from '../../adapters/lvs/owner-report.ts';
import { lvsSettings } from '../../adapters/lvs/schema.ts';
import { LVS_LIMITS, wayTo } from '../../adapters/lvs/way.ts';
import { readEnvironment } from '../../config/environment.ts';
import { loadConfigFile } from '../../config/file.ts';
import { faultReport } from '../../config/report.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Inventory } from '../../domain/inventory.ts';
import { expandIn } from '../../keepalived/owner.ts';
import { sshHosts } from '../../transports/ssh-hosts.ts';
import type { Linted } from './linted.ts';

const ASK_MS_MAX = 10_000;

/** The configurations of the directors of a pair, or of one director, as they are there now. */
export async function readLive(name: string): Promise<readonly Linted[]> {
  const inventory = inventoryHere(name);
  const nodes = inventory.pairs.get(name)?.nodes ?? (inventory.balancers.has(name) ? [name] : []);
  if (nodes.length === 0) {
    const words = `There is neither a file nor a pair nor a director ${name}.`;
    throw new OperationError('USAGE', words);
  }
  const ssh = sshHosts();
  // Two passwords are compared by what each makes with it; the next time it is another.
  const word = randomBytes(16).toString('hex');
  return Promise.all(
    nodes.map(async (node): Promise<Linted> => {
      const balancer = inventory.balancers.get(node);
      if (balancer?.kind !== 'lvs') {
        throw new OperationError(
          'UNSUPPORTED',
          `${node} is no LVS director: it has no keepalived.`,
        );
      }
      const socket = wayTo(lvsSettings(balancer), LVS_LIMITS, ssh);
      try {
        const report = await askOwner(node, socket, word, AbortSignal.timeout(ASK_MS_MAX));
        if (report?.files === undefined) {
          throw new OperationError('UNREACHABLE', `Asking ${node}: no keepalived runs there.`);
        }
        const { files } = report;
        return {
          name: node,
          files: { ...files, expand: (pattern) => expandIn(files, pattern) },
          missing: files.missing,
        };
      } finally {
        await socket.close();
      }
    }),
  );
}

function inventoryHere(name: string): Inventory {
  const environment = readEnvironment(process.env, ['LB_INVENTORY']);
  if (!environment.ok) {
    throw new OperationError(
      'USAGE',
      `${name} is no file; to read a pair, say where the inventory is. ${faultReport(environment.faults)}`,
    );
  }
  const loaded = loadConfigFile(environment.config.LB_INVENTORY);
  if (loaded.ok) return loaded.inventory;
  throw new OperationError('USAGE', faultReport(loaded.faults, environment.config.LB_INVENTORY));
}
