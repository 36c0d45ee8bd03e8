import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { exitCodeOf, USAGE_EXIT } from '../cli/exit-code.ts';
import { printAnswer } from '../cli/print-answer.ts';
import { printChange } from '../cli/print-change.ts';
import { printHelp, printUsage } from '../cli/print-help.ts';
import { printFreeze, printReceipt, printReply } from '../cli/print-receipt.ts';
import { parseCommand } from '../commands/parse.ts';
import { readEnvironment, redisPlaceOf, signingKeysOf } from '../config/environment.ts';
import { loadConfigFile } from '../config/file.ts';
import { faultReport } from '../config/report.ts';
import type { ChangeRecord } from '../domain/change.ts';
import { isChange, isDecision, isFreeze, type QuestionCommand } from '../domain/command.ts';
import { OperationError } from '../domain/errors.ts';
import type { Inventory } from '../domain/inventory.ts';
import type { Asker, Operations } from '../operations/operations.ts';
import { createOperations } from '../operations/request.ts';
import type { Log } from '../ports/log.ts';
import type { Stores } from '../ports/records.ts';
import { openWorkQueue } from '../queue/producer.ts';
import { openStore } from '../store/redis.ts';
import { redisStores } from '../store/stores.ts';
import { SHELL_VERBS, type ShellOptions } from './shell-options.ts';
import { systemClock } from './system-clock.ts';
import { untilSignal } from './until-signal.ts';

/** Most changes are over within a moment, which should not seem longer than it is. */
const pollMs = (waitedMs: number) => (waitedMs < 500 ? 5 : waitedMs < 2_000 ? 20 : 100);
/** What a command says, it says on standard output: a log beside it would be nobody's. */
const SILENT: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const WATCH_EVERY_MS = 2_000;
/** A little longer than a request is valid: by then it was planned or dropped. */
const PLANNED_WITHIN_MS = 65_000;
/** Other changes of the same lane may come first; whoever waits longer says `--wait`. */
const CARRIED_OUT_WITHIN_MS = 5 * 60_000;
function askerOf(inventory: Inventory): Asker {
  const shellUser = userInfo().username;
  const id = inventory.shell.get(shellUser);
  if (id === undefined) {
    throw new OperationError(
      'NOT_ALLOWED',
      `The user ${shellUser} is nobody in the inventory; add it under shell: with a Slack user id.`,
    );
  }
  return {
    actor: { id, via: 'shell', shellUser },
    origin: { via: 'shell' },
    deliveryId: `shell.${randomUUID()}`,
  };
}

/**
 * States in which nothing more will happen soon; `unknown` lasts as long as the device is silent, `draining` as long
 * as clients stay.
 */
const RESTING = (record: ChangeRecord) =>
  !['planning', 'approved', 'running'].includes(record.state) && !goesOnByItself(record);

/** The bounded drain before a `disable`: its end is near, and it is what was asked for. */
function goesOnByItself(record: ChangeRecord): boolean {
  const stage = record.plan?.stages[record.stage];
  return (
    record.state === 'draining' && stage?.kind === 'wait for idle' && stage.ifNotIdle === 'go on'
  );
}

async function untilDecided(
  stores: Stores,
  changeId: string,
  wait: ShellOptions['wait'],
): Promise<ChangeRecord> {
  const started = Date.now();
  const until = started + PLANNED_WITHIN_MS;
  for (;;) {
    const record = await stores.changes.get(changeId);
    const planned = record !== undefined && record.state !== 'planning';
    const waitOn =
      wait === 'until over' &&
      record !== undefined &&
      ['waiting', 'unknown', 'draining'].includes(record.state);
    if (record !== undefined && RESTING(record) && !waitOn) return record;
    if (
      record !== undefined &&
      wait !== 'until over' &&
      Date.now() > started + CARRIED_OUT_WITHIN_MS
    ) {
      return record;
    }
    if (!planned && Date.now() > until) {
      throw new OperationError('EXPIRED', 'No worker planned it in time; nothing was changed.');
    }
    await systemClock.sleep(pollMs(Date.now() - started));
  }
}

async function untilAnswered(stores: Stores, id: string) {
  const started = Date.now();
  const until = started + PLANNED_WITHIN_MS;
  for (;;) {
    const answer = await stores.answers.get(id);
    if (answer !== undefined) return answer;
    if (Date.now() > until) {
      throw new OperationError('EXPIRED', 'No worker answered in time.');
    }
    await systemClock.sleep(pollMs(Date.now() - started));
  }
}

async function run(
  options: ShellOptions,
  inventory: Inventory,
  operations: Operations,
  stores: Stores,
): Promise<number> {
  const { print, wait } = options;
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const parsed = parseCommand(options.words.join(' '), inventory, 'lb');
  if (parsed.kind === 'usage') {
    process.stderr.write(`${printUsage(parsed.text)}\n`);
    return USAGE_EXIT;
  }
  const { command } = parsed;
  if (command.verb === 'help') {
    say(printHelp(new Set(SHELL_VERBS), command.about));
    return 0;
  }
  const asker = askerOf(inventory);
  if (isDecision(command)) {
    const reply = await operations.decide(command, asker);
    say(printReply(reply, command.verb, print));
    return exitCodeOf(reply);
  }
  if (isFreeze(command)) {
    const reply = await operations.freeze(command, asker);
    say(printFreeze(reply, print));
    return exitCodeOf(reply);
  }
  if (options.watch) {
    if (command.verb === 'status')
      return watchStatus(command, { print, asker, operations, stores });
    process.stderr.write('--watch goes with status alone.\n');
    return USAGE_EXIT;
  }
  const receipt = isChange(command)
    ? await operations.change(command, asker)
    : await operations.ask(command, asker);
  if (receipt.kind !== 'accepted' || (isChange(command) && wait === 'no')) {
    say(printReceipt(receipt, print));
    return exitCodeOf(receipt);
  }
  if (!isChange(command)) {
    const answer = await untilAnswered(stores, receipt.id);
    say(printAnswer(answer, print));
    return exitCodeOf(answer);
  }
  const record = await untilDecided(stores, receipt.id, wait);
  say(printChange(record, print));
  return exitCodeOf(record);
}

/** The answer again and again, until somebody ends it. */
async function watchStatus(
  command: Extract<QuestionCommand, { verb: 'status' }>,
  given: {
    readonly print: ShellOptions['print'];
    readonly asker: Asker;
    readonly operations: Operations;
    readonly stores: Stores;
  },
): Promise<number> {
  const { print, asker, operations, stores } = given;
  const ended = new AbortController();
  void untilSignal().then(() => ended.abort());
  while (!ended.signal.aborted) {
    const deliveryId = `shell.${randomUUID()}`;
    const receipt = await operations.ask(command, { ...asker, deliveryId });
    if (receipt.kind !== 'accepted') {
      process.stdout.write(`${printReceipt(receipt, print)}\n`);
      return exitCodeOf(receipt);
    }
    const answer = await untilAnswered(stores, receipt.id);
    const fresh = print.tty && !print.json ? '\u001B[2J\u001B[H' : '';
    process.stdout.write(`${fresh}${printAnswer(answer, print)}\n`);
    if (answer.kind === 'fault') return exitCodeOf(answer);
    await systemClock.sleep(WATCH_EVERY_MS, ended.signal);
  }
  return 0;
}

/** Runs what was typed in a shell, against the queue and the store. Returns the exit code. */
export async function runInShell(options: ShellOptions): Promise<number> {
  const environment = readEnvironment(process.env, ['REDIS_URL', 'LB_INVENTORY', 'LB_SIGNING_KEY']);
  if (!environment.ok) {
    process.stderr.write(`${faultReport(environment.faults)}\n`);
    return 2;
  }
  const { config } = environment;
  const loaded = loadConfigFile(config.LB_INVENTORY);
  if (!loaded.ok) {
    process.stderr.write(`${faultReport(loaded.faults, config.LB_INVENTORY)}\n`);
    return 2;
  }
  const place = redisPlaceOf(config);
  const signingKey = signingKeysOf(config);
  // Both connections are made at the same time.
  const queue = openWorkQueue(place);
  let redis: Awaited<ReturnType<typeof openStore>> | undefined;
  try {
    redis = await openStore(place);
    const stores = redisStores(redis, systemClock, signingKey);
    const operations = createOperations({
      inventory: loaded.inventory,
      stores,
      queue,
      clock: systemClock,
      log: SILENT,
      signingKey,
    });
    return await run(options, loaded.inventory, operations, stores);
  } finally {
    await queue.close();
    redis?.disconnect();
  }
}
