import { canonicalAddress } from '../domain/address.ts';
import { includeFile } from '../domain/owned-file.ts';
import { type Protocol, poolText } from '../domain/virtual-service.ts';
import { type Line, linesOf, textOf } from './lines.ts';
import { parseSource, type Statement } from './source.ts';
import { lastValue, named } from './statements.ts';
import { includedBy, isInclude } from './whole.ts';

/** A configuration with the lines that let weights of ours last, or why some of it has none. */
export interface Prepared {
  /** The file, each byte of it kept, with the new lines. */
  readonly text: string;
  readonly added: readonly { readonly line: number; readonly file: string }[];
  /** Real servers that got no line, with the reason. */
  readonly left: readonly string[];
}

/**
 * Puts `include …/lb-chatops/….conf` at the end of each real_server block, where it has the last word on the weight.
 * Twice is as good as once. Undefined when the file does not parse; lint says why.
 */
export function prepare(text: string, file: string): Prepared | undefined {
  const source = parseSource(text, { file });
  if (!source.ok) return undefined;
  const left: string[] = [];
  const wanted = named(source.statements, 'virtual_server').flatMap((server) =>
    named(server.block ?? [], 'real_server').flatMap((real) => {
      const include = fileFor(server, real);
      const where = `line ${real.line}, ${real.words.join(' ')}`;
      if ('reason' in include) {
        left.push(`${where}: ${include.reason}`);
        return [];
      }
      const has = (real.block ?? []).some(
        (each) => isInclude(each) && includedBy(each) === include.file,
      );
      if (has) return [];
      const closing = source.lines[(real.endLine ?? 0) - 1];
      if (closing === undefined || !closesOnly(closing)) {
        left.push(`${where}: its closing brace shares a line with other words`);
        return [];
      }
      return [{ at: (real.endLine ?? 1) - 1, file: include.file, closing }];
    }),
  );
  const lines = [...source.lines];
  for (const { at, file: path, closing } of [...wanted].sort((a, b) => b.at - a.at)) {
    const [inside] = linesOf(`${indentOf(lines, at)}include ${path}\n`);
    if (inside !== undefined) lines.splice(at, 0, { ...inside, ending: closing.ending || '\n' });
  }
  const added = wanted.map(({ at, file: path }, index) => ({ line: at + 1 + index, file: path }));
  const result = textOf(lines);
  assertSameMeaning(text, result);
  return { text: result, added, left };
}

function fileFor(
  server: Statement,
  real: Statement,
): { readonly file: string } | { readonly reason: string } {
  if (server.isMade === true || real.isMade === true) {
    return { reason: 'a definition or a repetition makes it' };
  }
  const [, first = '', second = ''] = server.words;
  if (first === 'group') return { reason: 'it is in a virtual_server_group' };
  const [, host = '', port = second] = real.words;
  const address = canonicalAddress(host);
  if (address === undefined) return { reason: `${host} is no address` };
  const isIpv6 = address.includes(':') || lastValue(server.block ?? [], 'ip_family') === 'inet6';
  if (first === 'fwmark') {
    const pool = `fwmark${isIpv6 ? '6' : ''}:${second}`;
    return { file: includeFile(pool, { address, port: Number(real.words[2] ?? 0) }) };
  }
  const vip = canonicalAddress(first);
  if (vip === undefined) return { reason: `${first} is no address` };
  const protocol = (lastValue(server.block ?? [], 'protocol') ?? 'UDP').toLowerCase() as Protocol;
  const service = { kind: 'address', protocol, address: vip, port: Number(second || 0) } as const;
  return { file: includeFile(poolText(service), { address, port: Number(port || 0) }) };
}

function closesOnly({ tokens }: Line): boolean {
  return tokens.filter(({ kind }) => kind !== 'gap' && kind !== 'comment').length === 1;
}

/** As the line before is indented, which is within the block, or is its first line. */
function indentOf(lines: readonly Line[], at: number): string {
  for (const each of lines.slice(0, at).reverse()) {
    const [first] = each.tokens;
    const isBare = each.tokens.every(({ kind }) => kind === 'gap' || kind === 'comment');
    if (isBare) continue;
    const indent = first?.kind === 'gap' ? first.raw : '';
    return each.tokens.some(({ kind }) => kind === 'open') ? `${indent}    ` : indent;
  }
  return '';
}

/** Belt and braces: but for the new lines, it must still say what it said. */
function assertSameMeaning(before: string, after: string): void {
  const [one, other] = [parseSource(before), parseSource(after)];
  if (one.ok && other.ok && meaningOf(one.statements) === meaningOf(other.statements)) return;
  throw new Error('The prepared configuration does not say what the given one says.');
}

function meaningOf(statements: readonly Statement[]): string {
  const plain = (each: Statement): unknown => [
    each.words,
    each.onlyFor ?? null,
    each.block?.filter((inside) => !isOurs(inside)).map(plain) ?? null,
  ];
  return JSON.stringify(statements.map(plain));
}

function isOurs(statement: Statement): boolean {
  return isInclude(statement) && statement.words.join(' ').includes('/lb-chatops/');
}
