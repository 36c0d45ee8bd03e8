import { parseArgs } from 'node:util';
import { readBalancerSecrets } from '../config/balancer-secrets.ts';
import { deliverySecret } from '../config/delivery-secret.ts';
import { readEnvironment } from '../config/environment.ts';
import type { EnvironmentName } from '../config/environment-readers.ts';
import type { ConfigFault } from '../config/fault.ts';
import { loadConfigFile } from '../config/file.ts';
import { faultReport } from '../config/report.ts';
import { OperationError } from '../domain/errors.ts';
import type { Inventory } from '../domain/inventory.ts';
import { createLog } from '../telemetry/log.ts';
import { counted } from './config-check/counted.ts';
import { findingLines } from './config-check/finding.ts';
import { systemClock } from './system-clock.ts';

const HELP = `lb config check                    the environment, and the inventory it names
lb config check <file>             that inventory
lb config check [<file>] --live    also asks Redis, Slack and every balancer
lb config check --live --id <name> prints the Slack id of a user, user group or channel
`;

/** What `lb serve` cannot do without. */
const TO_SERVE = ['REDIS_URL', 'LB_INVENTORY', 'LB_SIGNING_KEY', 'SLACK_BOT_TOKEN'] as const;

const say = (text: string) => void process.stdout.write(`${text}\n`);
const complain = (text: string) => void process.stderr.write(`${text}\n`);

function readArguments(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { live: { type: 'boolean' }, id: { type: 'string' }, help: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (positionals.length > 1) throw new Error('One inventory file at a time.');
    if (values.id?.trim() === '') throw new Error('--id needs a name.');
    return { ...values, file: positionals[0] };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new OperationError('USAGE', `${reason}\n${HELP.trimEnd()}`);
  }
}

/**
 * `lb config check`: every fault of inventory and environment in one report (exit code 2); with `--live` also what
 * Redis, Slack and the balancers say (exit code 1 when one of them fails). Writes nothing anywhere.
 */
export async function configCheck(args: readonly string[]): Promise<number> {
  const { file, live = false, id, help } = readArguments(args);
  if (help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (id !== undefined) return printIds([id]);

  // A file is looked at alone, in a pipeline for instance; the rest of the environment is then not needed.
  const needs: readonly EnvironmentName[] =
    file === undefined
      ? [...TO_SERVE, deliverySecret(process.env)]
      : live
        ? ['REDIS_URL', 'SLACK_BOT_TOKEN']
        : [];
  const environment = readEnvironment(process.env, needs);
  const path = file ?? (process.env.LB_INVENTORY || undefined);
  const loaded = path === undefined ? undefined : loadConfigFile(path);
  const reports = [
    ...(environment.ok ? [] : [faultReport(environment.faults)]),
    ...(loaded === undefined || loaded.ok ? [] : [faultReport(loaded.faults, path)]),
  ];
  if (!environment.ok || loaded?.ok !== true) {
    complain(reports.join('\n'));
    const names = loaded?.ok === false ? namesIn(loaded.faults) : [];
    if (live && names.length > 0) await printIds(names);
    return 2;
  }
  const isAlone = file !== undefined && !live;
  const passwords = isAlone
    ? ({ ok: true, secrets: new Map() } as const)
    : readBalancerSecrets(loaded.inventory, process.env);
  if (!passwords.ok) {
    complain(faultReport(passwords.faults, path));
    return 2;
  }
  say(findingLines({ level: 'OK', text: `${path}: ${summary(loaded.inventory)}` }));
  say(findingLines({ level: 'OK', text: 'The environment has no fault' }));
  if (!live) return 0;
  // Slack's library and the rest of what is asked take longer to load than the whole check without them.
  const { checkLive } = await import('./config-check/live.ts');
  return checkLive(environment.config, loaded.inventory, passwords.secrets);
}

function summary({ services, balancers, environments }: Inventory): string {
  return `${counted(services.size, 'service')} on ${counted(balancers.size, 'balancer')} in ${counted(environments.size, 'environment')}`;
}

/** Names that stand where an id belongs; the faults quote what they got. */
function namesIn(faults: readonly ConfigFault[]): readonly string[] {
  const quoted = faults
    .filter(({ expected }) => /^a Slack \w+ id/.test(expected))
    .map(({ got }) => /^"([^"\\]+)"$/.exec(got)?.[1]);
  return [...new Set(quoted.filter((name) => name !== undefined))];
}

/** Prints the Slack ids that go by each name. Exit code 1 when one of them is nobody's. */
async function printIds(names: readonly string[]): Promise<number> {
  const environment = readEnvironment(process.env, ['SLACK_BOT_TOKEN']);
  if (!environment.ok) {
    complain(faultReport(environment.faults));
    return 2;
  }
  const { SLACK_BOT_TOKEN: botToken, SLACK_API_URL: apiUrl } = environment.config;
  const { named, readNames } = await import('../slack/lookup.ts');
  const log = createLog({ level: 'silent' });
  const all = await readNames({ botToken, apiUrl, log, clock: systemClock });
  let unknown = 0;
  for (const name of names) {
    const found = named(all, name);
    for (const one of found) say(`${one.id}  ${one.kind} ${one.names.join(', ')}`);
    if (found.length > 0) continue;
    unknown += 1;
    complain(
      `${JSON.stringify(name)} is the name of no user, user group or channel that the bot sees.`,
    );
  }
  return unknown === 0 ? 0 : 1;
}
