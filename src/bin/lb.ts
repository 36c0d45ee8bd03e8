#!/usr/bin/env node
import { OperationError } from '../domain/errors.ts';

/** Parts are loaded when their command is given: `lb help` must not wait for Slack's library. */
async function run(args: readonly string[]): Promise<number> {
  const [first, second] = args;
  if (first === 'serve') return (await import('./serve.ts')).serve(args.slice(1));
  if (first === 'demo') return (await import('./demo.ts')).demo(args.slice(1));
  if (first === 'config' && second === 'check') {
    return (await import('./config-check.ts')).configCheck(args.slice(2));
  }
  if (first === 'plan') return (await import('./plan-offline.ts')).planOffline(args.slice(1));
  if (first === 'f5-sim') return (await import('./f5-sim.ts')).f5Sim(args.slice(1));
  if (first === 'lvs') return (await import('./lvs.ts')).lvs(args.slice(1));
  if (first === 'keepalived') return (await import('./keepalived.ts')).keepalived(args.slice(1));
  if (first === 'audit') return (await import('./audit.ts')).audit(args.slice(1));
  return (await import('./shell.ts')).shell(first === '--help' ? ['help'] : args);
}

/** What keeps a command from running is one line; only a fault of our own shows its stack. */
function exitCodeOfThrown(thrown: unknown): number {
  const expected =
    thrown instanceof OperationError ||
    (thrown instanceof Error && ['ListenError', 'ExpectedError'].includes(thrown.name));
  if (expected) {
    process.stderr.write(`lb: ${thrown.message}\n`);
    return thrown instanceof OperationError && thrown.code === 'USAGE' ? 2 : 1;
  }
  process.stderr.write(`lb: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
  return 1;
}

// Written once everything is said, so that a pipe gets all of it.
const code = await run(process.argv.slice(2)).catch(exitCodeOfThrown);
process.exitCode = code;
// A server that stopped has said all; what is left are connections that wait for a Redis that is away.
if (process.argv[2] === 'serve') process.exit(code);
