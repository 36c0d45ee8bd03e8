import { readFileSync } from 'node:fs';
import { OperationError } from '../domain/errors.ts';
import { type LintFinding, lintFile, lintPair, type NodeConfig } from '../keepalived/lint.ts';
import { modelOf } from '../keepalived/model.ts';
import { NOTIFY_SCRIPT } from '../keepalived/notify/script.ts';
import { parseSource } from '../keepalived/source.ts';

const USAGE =
  'Usage: lb keepalived lint <file> [<file of the other node>], or lb keepalived notify-script';

/** `lb keepalived notify-script`: the reader for a director. `lb keepalived lint`: what is wrong in one file, or in two of a pair and between them. Writes nothing. */
export function keepalived(args: readonly string[]): number {
  const [verb, ...files] = args;
  if (verb === 'notify-script' && files.length === 0) {
    process.stdout.write(NOTIFY_SCRIPT);
    return 0;
  }
  if (verb !== 'lint' || files.length < 1 || files.length > 2) {
    throw new OperationError('USAGE', USAGE);
  }
  const findings: LintFinding[] = [];
  const nodes: NodeConfig[] = [];
  for (const name of files) {
    const source = parseSource(textOf(name));
    if (!source.ok) {
      for (const { line, problem } of source.faults) {
        findings.push({ level: 'error', text: `${name}:${line}: ${problem}.` });
      }
      continue;
    }
    const config = modelOf(source.statements);
    nodes.push({ name, config });
    findings.push(...lintFile(name, config));
  }
  const [first, second] = nodes;
  if (first !== undefined && second !== undefined) findings.push(...lintPair(first, second));
  for (const { level, text } of findings) process.stdout.write(`${level.toUpperCase()}  ${text}\n`);
  const errors = findings.filter(({ level }) => level === 'error').length;
  const words = `${errors} error${errors === 1 ? '' : 's'}, ${findings.length - errors} to look at`;
  process.stdout.write(findings.length === 0 ? 'OK\n' : `${words}\n`);
  return errors > 0 ? 1 : 0;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    throw new OperationError('USAGE', `Reading ${file}: ${words}`);
  }
}
