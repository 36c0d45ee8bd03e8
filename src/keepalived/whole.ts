import { INCLUDED, parseSource, type Statement } from './source.ts';

/** The files of one keepalived, as they were read together. */
export interface ConfigFiles {
  /** The file that keepalived is started with. */
  readonly root: string;
  /** Text by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** The paths that an absolute pattern of an include means, in order; undefined where that was not looked at. */
  readonly expand: (pattern: string) => readonly string[] | undefined;
  /** keepalived's config-id there. */
  readonly host?: string;
}

/** A fault, with its file. */
export interface FileFault {
  readonly file: string;
  readonly line: number;
  readonly problem: string;
}

/** A configuration with what it includes, in place. */
export interface WholeConfig {
  readonly statements: readonly Statement[];
  readonly faults: readonly FileFault[];
  /** Includes that were not followed, as they are written. */
  readonly notFollowed: readonly Pick<FileFault, 'file' | 'line' | 'problem'>[];
}

const DEPTH_MAX = 8;

export function isInclude({ words: [keyword = ''] }: Statement): boolean {
  return INCLUDED.test(keyword);
}

/** The absolute pattern of an include; keepalived looks from the folder of the file that includes. */
export function includedBy({ words, file = '/' }: Statement): string {
  const pattern = words.slice(1).join(' ');
  if (pattern.startsWith('/')) return pattern;
  return `${file.slice(0, file.lastIndexOf('/') + 1)}${pattern.replace(/^(?:\.\/)+/u, '')}`;
}

/** The configuration as keepalived has it when it has followed every include. */
export function wholeConfig(files: ConfigFiles): WholeConfig {
  const faults: FileFault[] = [];
  const notFollowed: FileFault[] = [];
  const of = (file: string, depth: number): readonly Statement[] => {
    const text = files.texts.get(file);
    if (text === undefined) {
      faults.push({ file, line: 1, problem: 'could not be read' });
      return [];
    }
    const options = files.host === undefined ? { file } : { file, host: files.host };
    const source = parseSource(text, options);
    if (!source.ok) {
      faults.push(...source.faults.map((fault) => ({ file, ...fault })));
      return [];
    }
    return followed(source.statements, depth);
  };
  const followed = (statements: readonly Statement[], depth: number): readonly Statement[] =>
    statements.flatMap((statement): readonly Statement[] => {
      if (!isInclude(statement)) {
        const { block } = statement;
        return [block === undefined ? statement : { ...statement, block: followed(block, depth) }];
      }
      const { file = files.root, line } = statement;
      // Nor does keepalived, where it is made by a definition or has a condition.
      const isPlain = statement.isMade === undefined && statement.onlyFor === undefined;
      const paths = isPlain ? files.expand(includedBy(statement)) : undefined;
      if (paths === undefined || depth >= DEPTH_MAX) {
        notFollowed.push({ file, line, problem: statement.words.slice(1).join(' ') });
        return [statement];
      }
      // What it includes stands behind it, as keepalived reads it.
      return [statement, ...paths.flatMap((path) => of(path, depth + 1))];
    });
  return { statements: of(files.root, 0), faults, notFollowed };
}
