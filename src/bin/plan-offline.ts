import { userInfo } from 'node:os';
import { USAGE_EXIT } from '../cli/exit-code.ts';
import { faultText } from '../cli/print-answer.ts';
import { printUsage } from '../cli/print-help.ts';
import { printOfflinePlan } from '../cli/print-offline.ts';
import { parseCommand } from '../commands/parse.ts';
import { readBalancerSecrets } from '../config/balancer-secrets.ts';
import { readEnvironment } from '../config/environment.ts';
import { loadConfigFile } from '../config/file.ts';
import { faultReport } from '../config/report.ts';
import type { ChangeRequest } from '../domain/change.ts';
import { type ChangeCommand, isChange } from '../domain/command.ts';
import { faultOf, OperationError } from '../domain/errors.ts';
import { findService, type Inventory } from '../domain/inventory.ts';
import type { Secret } from '../domain/secret.ts';
import { linesByHand } from '../operations/by-hand.ts';
import { draftPlan } from '../operations/plan-draft.ts';
import { offlineContext } from './offline-context.ts';
import { readOptions, type ShellOptions } from './shell-options.ts';
import { systemClock } from './system-clock.ts';

const USAGE =
  'Usage: lb plan --offline <change command>\nExample: lb plan --offline disable test.tianya.cn 192.168.100.78';

const complain = (text: string) => void process.stderr.write(`${text}\n`);

/**
 * `lb plan --offline …`: reads the devices from here and prints what to type by hand. Needs the inventory and a way
 * to the devices, neither Redis nor Slack; sends and queues nothing.
 */
export async function planOffline(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const [first, ...words] = options.words;
  if (first !== '--offline') {
    complain(`Only --offline plans without doing; everything else plans by itself.\n${USAGE}`);
    return USAGE_EXIT;
  }
  const environment = readEnvironment(process.env, ['LB_INVENTORY']);
  if (!environment.ok) {
    complain(faultReport(environment.faults));
    return USAGE_EXIT;
  }
  const { LB_INVENTORY: path } = environment.config;
  const loaded = loadConfigFile(path);
  if (!loaded.ok) {
    complain(faultReport(loaded.faults, path));
    return USAGE_EXIT;
  }
  const passwords = readBalancerSecrets(loaded.inventory, process.env);
  if (!passwords.ok) {
    complain(faultReport(passwords.faults, path));
    return USAGE_EXIT;
  }
  const parsed = parseCommand(words.join(' '), loaded.inventory, 'lb plan --offline');
  if (parsed.kind === 'usage') {
    complain(printUsage(parsed.text));
    return USAGE_EXIT;
  }
  if (!isChange(parsed.command)) {
    complain(`Only changes are planned, not ${parsed.command.verb}.\n${USAGE}`);
    return USAGE_EXIT;
  }
  return planned(loaded.inventory, passwords.secrets, parsed.command, options);
}

async function planned(
  inventory: Inventory,
  secrets: ReadonlyMap<string, Secret>,
  command: ChangeCommand,
  { print }: ShellOptions,
): Promise<number> {
  const { context, close } = offlineContext(inventory, secrets);
  try {
    const service = findService(inventory, command.service);
    if (service === undefined) {
      throw new OperationError('USAGE', `There is no service ${command.service}.`);
    }
    const { plan, alreadySo } = await draftPlan(context, requestOf(command), service);
    const byHand = linesByHand(plan, context.adapterOf);
    process.stdout.write(`${printOfflinePlan(command, { plan, alreadySo, byHand }, print)}\n`);
    return plan.guard.allowed ? 0 : 3;
  } catch (thrown) {
    const fault = faultOf(thrown);
    if (fault.code === 'INTERNAL') throw thrown;
    complain(`No plan could be made. ${faultText(fault, print)}`);
    complain('Of several balancers, "on <balancer>" plans for one. Nothing was sent.');
    return 1;
  } finally {
    await close();
  }
}

/** Nobody is asked and nothing is signed: the plan is for the eyes of whoever types. */
function requestOf(command: ChangeCommand): ChangeRequest {
  const now = systemClock.now();
  const shellUser = userInfo().username;
  return {
    id: 'offline',
    command,
    actor: { id: shellUser, via: 'shell', shellUser },
    origin: { via: 'shell' },
    acceptedAt: now,
    notAfter: now,
    mac: '',
  };
}
