import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import type { ConfigFault, PathPart } from './fault.ts';

/** A YAML file as plain data, with the way back to its lines. */
export interface YamlText {
  readonly data: unknown;
  /** Faults of the text itself; with `isWhole` false, `data` says nothing. */
  readonly faults: readonly ConfigFault[];
  readonly isWhole: boolean;
  /** Line of the value at this path, or of the nearest block around it. */
  lineOf(path: readonly PathPart[]): number | undefined;
}

/** Aliases may not blow a small file up into a large one. */
const aliasCountMax = 100;

export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const faults = document.errors.map((error): ConfigFault => {
    const line = lineAt(error.pos[0]);
    if (error.code === 'DUPLICATE_KEY') {
      const key = /^[^:\n]*/.exec(text.slice(error.pos[0]))?.[0].trim() ?? '';
      return { path: key, expected: 'each key once', got: 'the same key again', line };
    }
    return { path: `line ${line}`, expected: 'valid YAML', got: error.message, line };
  });
  const isWhole = document.errors.every((error) => error.code === 'DUPLICATE_KEY');
  const broken = { data: undefined, isWhole: false, lineOf: () => undefined };
  if (!isWhole) return { ...broken, faults };
  try {
    const data: unknown = document.toJS({ maxAliasCount: aliasCountMax });
    return { data, faults, isWhole, lineOf: (path) => lineOfPath(document, path, lineAt) };
  } catch (thrown) {
    const got = thrown instanceof Error ? thrown.message : String(thrown);
    return { ...broken, faults: [...faults, { path: 'the file', expected: 'valid YAML', got }] };
  }
}

function lineOfPath(
  document: Document,
  path: readonly PathPart[],
  lineAt: (offset: number) => number,
): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown =
      length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent)
      ? parent.items.find((item) => isNode(item.key) && String(item.key) === String(key))
      : undefined;
    const node: unknown = pair?.key ?? document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lineAt(node.range[0]);
  }
  return undefined;
}
