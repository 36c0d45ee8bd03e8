import type { SimClock } from './clock.ts';
import {
  ORIGIN,
  objectOf,
  ok,
  type RestCall,
  type RestReply,
  type Transactions,
} from './rest-call.ts';
import { invalidValue, notFound, RestError } from './rest-errors.ts';

const LIFE_S = 120;

interface Queued {
  readonly call: RestCall;
  readonly run: () => RestReply;
}

interface Transaction {
  readonly id: number;
  readonly username: string;
  readonly lifeS: number;
  readonly expiresMs: number;
  readonly commands: Queued[];
  state: 'STARTED' | 'COMPLETED' | 'FAILED';
  failure: string;
}

export function createTransactions(clock: SimClock): Transactions {
  const open = new Map<number, Transaction>();
  let lastId = 1_700_000_000_000_000;

  const find = (id: string, call: RestCall): Transaction => {
    const found = open.get(Number(id));
    const isOver = found !== undefined && clock.now() > found.expiresMs;
    if (found === undefined || isOver || found.username !== call.account.username) {
      throw notFound('transaction', id);
    }
    return found;
  };
  const named = (call: RestCall) => find(call.names.transaction ?? '', call);

  return {
    start(call) {
      lastId += 1;
      const lifeS = Number(objectOf(call).timeoutSeconds ?? LIFE_S);
      if (!Number.isInteger(lifeS) || lifeS < 1) throw invalidValue('timeoutSeconds', lifeS);
      const transaction: Transaction = {
        id: lastId,
        username: call.account.username,
        lifeS,
        expiresMs: clock.now() + lifeS * 1000,
        commands: [],
        state: 'STARTED',
        failure: '',
      };
      open.set(lastId, transaction);
      return ok(object(call, transaction));
    },
    read: (call) => ok(object(call, named(call))),
    list: (call) =>
      ok({
        kind: 'tm:transactioncollectionstate',
        selfLink: `${ORIGIN}/mgmt/tm/transaction?ver=${call.unit.world.version}`,
        items: [...open.values()]
          .filter(({ username }) => username === call.account.username)
          .map((transaction) => object(call, transaction)),
      }),
    commands: (call) =>
      ok({
        kind: 'tm:transaction:commandscollectionstate',
        selfLink: `${ORIGIN}${call.path}?ver=${call.unit.world.version}`,
        items: named(call).commands.map((queued, index) => commandObject(queued, index + 1)),
      }),
    commit(call) {
      const transaction = named(call);
      if (objectOf(call).state !== 'VALIDATING') {
        throw new RestError(400, 'invalid property value "state"', 26_214_401);
      }
      const { unit } = call;
      const before = structuredClone(unit.running);
      try {
        for (const { run } of transaction.commands) run();
      } catch (thrown) {
        unit.running = before;
        open.delete(transaction.id);
        if (!(thrown instanceof RestError)) throw thrown;
        throw new RestError(thrown.status, `transaction failed:${thrown.message}`, 2);
      }
      transaction.state = 'COMPLETED';
      open.delete(transaction.id);
      return ok(object(call, transaction));
    },
    discard(call) {
      open.delete(named(call).id);
      return { status: 200, body: undefined };
    },
    queue(id, call, run) {
      const transaction = find(id, call);
      const queued = { call, run };
      transaction.commands.push(queued);
      return ok(commandObject(queued, transaction.commands.length));
    },
  };
}

function object(call: RestCall, transaction: Transaction) {
  const { id, lifeS, state, failure } = transaction;
  return {
    transId: id,
    state,
    timeoutSeconds: lifeS,
    asyncExecution: false,
    validateOnly: false,
    executionTimeout: 300,
    executionTime: 0,
    failureReason: failure,
    kind: 'tm:transactionstate',
    selfLink: `${ORIGIN}/mgmt/tm/transaction/${id}?ver=${call.unit.world.version}`,
  };
}

function commandObject({ call }: Queued, order: number) {
  return {
    method: call.method,
    uri: `${ORIGIN}${call.path}`,
    body: objectOf(call),
    commandId: order,
    evalOrder: order,
    kind: 'tm:transaction:commandsstate',
  };
}
