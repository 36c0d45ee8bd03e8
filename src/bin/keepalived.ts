import { existsSync } from 'node:fs';
import { OperationError } from '../domain/errors.ts';
import type { LintFinding } from '../keepalived/lint.ts';
import { NOTIFY_SCRIPT } from '../keepalived/notify/script.ts';
import { type Linted, lintedAlone, lintedTogether } from './keepalived/linted.ts';
import { readLocal, textOfFile } from './keepalived/local.ts';

const USAGE = `Usage: lb keepalived lint <file> [<file of the other node>]
       lb keepalived lint <pair of the inventory>
       lb keepalived prepare <file>
       lb keepalived notify-script`;

/** `lb keepalived …`: what is wrong in one configuration or between two, and what to put on a director. */
export async function keepalived(args: readonly string[]): Promise<number> {
  const [verb, ...names] = args;
  const [name = ''] = names;
  if (verb === 'notify-script' && names.length === 0) {
    process.stdout.write(NOTIFY_SCRIPT);
    return 0;
  }
  if (verb === 'lint' && names.length >= 1 && names.length <= 2) {
    const isPair = names.length === 1 && !name.includes('/') && !existsSync(name);
    const nodes = isPair
      ? await (await import('./keepalived/live.ts')).readLive(name)
      : names.map(readLocal);
    return lint(nodes);
  }
  if (verb === 'prepare' && names.length === 1) {
    return (await import('./keepalived/prepare.ts')).printPrepared(name, textOfFile(name));
  }
  throw new OperationError('USAGE', USAGE);
}

function lint(nodes: readonly Linted[]): number {
  const findings: LintFinding[] = [...nodes.flatMap(lintedAlone), ...lintedTogether(nodes)];
  for (const { level, text } of findings) process.stdout.write(`${level.toUpperCase()}  ${text}\n`);
  const errors = findings.filter(({ level }) => level === 'error').length;
  const words = `${errors} error${errors === 1 ? '' : 's'}, ${findings.length - errors} to look at`;
  process.stdout.write(findings.length === 0 ? 'OK\n' : `${words}\n`);
  return errors > 0 ? 1 : 0;
}
