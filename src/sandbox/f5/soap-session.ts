import type { UnitConfig } from './config-model.ts';
import { SoapFault } from './soap-fault.ts';
import {
  getVersion,
  type SoapContext,
  type SoapInterface,
  type SoapTransaction,
  text,
} from './soap-operations.ts';
import { anyNumber } from './tokens.ts';

/* System.Session, with the transactions of a session. */

const OPERATION_FAILED = 17_237_812;

const refused = (message: string) =>
  new SoapFault('Common::OperationFailed', OPERATION_FAILED, `01070734:3: ${message}`);

/** The session's open transaction; one that was idle for too long is none. */
export function openTransaction(context: SoapContext): SoapTransaction | undefined {
  const { session, unit } = context;
  const { transaction } = session;
  if (transaction !== undefined && unit.world.clock.now() > transaction.untilMs) {
    session.transaction = undefined;
  }
  return session.transaction;
}

const patience = ({ session, unit }: SoapContext): number =>
  unit.world.clock.now() + session.transactionTimeoutS * 1000;

/** Puts a write aside when a transaction is open; says whether it did. */
export function waitsForSubmit(context: SoapContext, write: () => void): boolean {
  const transaction = openTransaction(context);
  if (transaction === undefined) return false;
  transaction.writes.push(write);
  transaction.untilMs = patience(context);
  return true;
}

/** After a call that was refused, the open transaction can no longer be submitted. */
export function failTransaction(context: SoapContext): void {
  const transaction = openTransaction(context);
  if (transaction !== undefined) transaction.failed = true;
}

function close(context: SoapContext): SoapTransaction {
  const transaction = openTransaction(context);
  if (transaction === undefined) throw refused('No transaction is open in this session');
  context.session.transaction = undefined;
  return transaction;
}

function submit(context: SoapContext): void {
  const transaction = close(context);
  if (transaction.failed) throw refused('The transaction had an error and was rolled back');
  const before: UnitConfig = structuredClone(context.unit.running);
  try {
    for (const write of transaction.writes) write();
  } catch (thrown) {
    context.unit.running = before;
    throw thrown;
  }
}

export const setActiveFolder: SoapInterface[string] = {
  parameters: [['folder', 'string']],
  run(context, [folder]) {
    const name = text(folder).replace(/^\/|\/$/g, '');
    const { partitions } = context.unit.running;
    if (name !== '' && !partitions.some((partition) => partition.name === name)) {
      const message = `01020036:3: The requested folder (/${name}) was not found.`;
      throw new SoapFault('Common::OperationFailed', 16_908_342, message);
    }
    context.session.folder = `/${name}`;
    return undefined;
  },
};

export const sessionInterface: SoapInterface = {
  get_session_identifier: {
    parameters: [],
    returns: 'long',
    run: (context) => context.sessionId(),
  },
  get_session_timeout: {
    parameters: [],
    returns: 'long',
    run: (context) => context.session.timeoutS,
  },
  set_session_timeout: {
    parameters: [['timeout', 'long']],
    run(context, [seconds]) {
      context.session.timeoutS = Number(seconds);
      return undefined;
    },
  },
  start_transaction: {
    parameters: [],
    returns: 'long',
    run(context) {
      if (openTransaction(context) !== undefined) {
        throw refused('A transaction is already open in this session');
      }
      context.session.transaction = { writes: [], failed: false, untilMs: patience(context) };
      return anyNumber();
    },
  },
  submit_transaction: {
    parameters: [],
    run(context) {
      submit(context);
      return undefined;
    },
  },
  rollback_transaction: {
    parameters: [],
    run(context) {
      close(context);
      return undefined;
    },
  },
  get_transaction_timeout: {
    parameters: [],
    returns: 'long',
    run: ({ session }) => session.transactionTimeoutS,
  },
  set_transaction_timeout: {
    parameters: [['timeout', 'long']],
    run({ session }, [seconds]) {
      session.transactionTimeoutS = Number(seconds);
      return undefined;
    },
  },
  get_active_folder: {
    parameters: [],
    returns: 'string',
    run: (context) => context.session.folder,
  },
  set_active_folder: setActiveFolder,
  get_recursive_query_state: {
    parameters: [],
    returns: 'Common.EnabledState',
    run: ({ session }) => (session.recursive ? 'STATE_ENABLED' : 'STATE_DISABLED'),
  },
  set_recursive_query_state: {
    parameters: [['state', 'Common.EnabledState']],
    run({ session }, [state]) {
      session.recursive = state === 'STATE_ENABLED';
      return undefined;
    },
  },
  get_version: getVersion,
};
