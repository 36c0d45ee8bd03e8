import type { FreezeCommand, Verb } from '../../src/domain/command.ts';
import type { Environment, Inventory, Service } from '../../src/domain/inventory.ts';
import { Secret } from '../../src/domain/secret.ts';
import type {
  Asker,
  Decision,
  DecisionReply,
  DriftDecision,
  DriftReply,
  FreezeReply,
  Operations,
  Receipt,
} from '../../src/operations/operations.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Log } from '../../src/ports/log.ts';
import { type LocalSlack, startLocalSlack } from '../../src/sandbox/slack/local-slack.ts';
import type { LocalSlackOptions } from '../../src/sandbox/slack/options.ts';

export const botToken = new Secret('xoxb-test-bot-secret');
export const appToken = new Secret('xapp-test-app-secret');
export const signingSecret = new Secret('signing-secret-of-the-tests');

/** A Slack with an operator, a lead, an outsider, a guest and two channels. */
export function startSlack(over: Partial<LocalSlackOptions> = {}): Promise<LocalSlack> {
  return startLocalSlack({
    team: { id: 'T0HOME', name: 'Home', domain: 'home' },
    app: { id: 'A0LB', botUserId: 'U0LBBOT', botId: 'B0LBBOT', botName: 'lb' },
    botToken: botToken.reveal(),
    appToken: appToken.reveal(),
    signingSecret: signingSecret.reveal(),
    users: [
      { id: 'U0OPS', name: 'operator' },
      { id: 'U0LEAD', name: 'lead' },
      { id: 'U0GUEST', name: 'guest', is_restricted: true },
      { id: 'U0GONE', name: 'gone', deleted: true },
      { id: 'U0ROBOT', name: 'robot', is_bot: true },
      { id: 'U0ALIEN', name: 'outsider', team_id: 'T0OTHER' },
    ],
    channels: [
      { id: 'C0OPS', name: 'ops' },
      {
        id: 'C0SHARED',
        name: 'shared',
        is_ext_shared: true,
        members: ['U0LBBOT', 'U0OPS', 'U0ALIEN'],
      },
      { id: 'C0WITHOUT', name: 'without-the-bot', members: ['U0OPS'] },
    ],
    userGroups: [
      { id: 'S0LBAPPR', handle: 'lb-approvers', users: ['U0LEAD'] },
      { id: 'S0OLD', handle: 'old', users: ['U0OPS'], disabled: true },
      { id: 'S0EMPTY', handle: 'empty', users: [] },
    ],
    ...over,
  });
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A log that keeps its lines. */
export function keptLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: string) =>
    (message: string, data: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, message, data });
    };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

/** A clock set by hand. `advance` wakes whoever slept until then. */
export function handClock(start = Date.now()): Clock & { advance(ms: number): void } {
  let now = start;
  let sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        sleepers.push({ until: now + ms, wake: resolve });
        signal?.addEventListener('abort', () => resolve());
      }),
    advance(ms) {
      now += ms;
      const due = sleepers.filter((sleeper) => sleeper.until <= now);
      sleepers = sleepers.filter((sleeper) => sleeper.until > now);
      for (const sleeper of due) sleeper.wake();
    },
  };
}

const environment: Environment = {
  name: 'production',
  roles: { viewers: 'workspace', operators: ['U0OPS'], approvers: ['S0LBAPPR'], breakGlass: [] },
  approval: { required: 1, expiresMs: 900_000 },
  minAvailable: { unit: 'percent', value: 50 },
};

const service: Service = {
  name: 'test.tianya.cn',
  aliases: [],
  environment,
  channel: 'C0OPS',
  minAvailable: environment.minAvailable,
  servingWithinMs: 10_000,
  quietForMs: 30_000,
  drainForMs: 60_000,
  pools: [{ on: 'web', balancers: ['ha-2', 'ha-1'], lane: 'web', pool: 'test.tianya.cn' }],
};

export const inventory: Inventory = {
  environments: new Map([[environment.name, environment]]),
  balancers: new Map(
    ['ha-1', 'ha-2'].map((name) => [name, { name, kind: 'haproxy', socket: `/run/${name}.sock` }]),
  ),
  pairs: new Map([['web', { name: 'web', nodes: ['ha-2', 'ha-1'] }]]),
  services: new Map([[service.name, service]]),
  shell: new Map(),
};

/**
 * Operations that remember what they were asked. A change is taken once per delivery; a decision is taken
 * once per change, by somebody else than the operator. `hold` keeps answers back, `fail` throws.
 */
export class RememberingOperations implements Operations {
  readonly changes = new Map<string, { service: string; asker: Asker }>();
  readonly questions: string[] = [];
  readonly decisions: { decision: Decision; asker: Asker }[] = [];
  readonly decided = new Map<string, string>();
  verbs: ReadonlySet<Verb> = new Set<Verb>(['status', 'disable', 'help']);
  /** Calls begun, whether they ended or not. */
  begun = 0;
  hold: Promise<void> | undefined;
  fail: Error | undefined;

  async change(command: { service: string }, asker: Asker): Promise<Receipt> {
    await this.#pause();
    const again = this.changes.has(asker.deliveryId);
    this.changes.set(asker.deliveryId, { service: command.service, asker });
    return { kind: 'accepted', id: 'q7k2m9xt', channel: 'C0OPS', again };
  }

  async ask(question: { verb: string }, _asker: Asker): Promise<Receipt> {
    await this.#pause();
    this.questions.push(question.verb);
    return { kind: 'accepted', id: 'question', again: false };
  }

  async decide(decision: Decision, asker: Asker): Promise<DecisionReply> {
    await this.#pause();
    this.decisions.push({ decision, asker });
    const refused = (message: string): DecisionReply => ({
      kind: 'refused',
      fault: { code: 'NOT_ALLOWED', message },
    });
    if (asker.actor.id === 'U0OPS') return refused('You asked for it yourself.');
    const first = this.decided.get(decision.changeId);
    if (first !== undefined) return refused(`It was decided by ${first}.`);
    this.decided.set(decision.changeId, asker.actor.id);
    return { kind: 'taken', changeId: decision.changeId, state: 'approved' };
  }

  readonly driftDecisions: DriftDecision[] = [];

  async chooseDrift(decision: DriftDecision, asker: Asker): Promise<DriftReply> {
    await this.#pause();
    this.driftDecisions.push(decision);
    const choice = {
      verb: decision.verb,
      by: asker.actor.id,
      at: 0,
      changeId: 'q7k2m9xt',
    } as const;
    return this.driftDecisions.length > 1
      ? { kind: 'late', choice }
      : { kind: 'taken', changeId: 'q7k2m9xt', isKnown: true };
  }

  readonly freezes: FreezeCommand[] = [];

  async freeze(command: FreezeCommand): Promise<FreezeReply> {
    await this.#pause();
    this.freezes.push(command);
    return { kind: 'taken', text: `${command.verb} was taken.` };
  }

  async verbsFor(_asker: Asker): Promise<ReadonlySet<Verb>> {
    await this.#pause();
    return this.verbs;
  }

  readonly homes: Asker[] = [];

  async home(asker: Asker): Promise<void> {
    await this.#pause();
    this.homes.push(asker);
  }

  async #pause(): Promise<void> {
    this.begun += 1;
    if (this.fail !== undefined) throw this.fail;
    await this.hold;
  }
}

/** A promise opened from outside. */
export function gateway(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
