import { type LintFinding, lintFile } from '../../keepalived/lint.ts';
import { lintPair } from '../../keepalived/lint-pair.ts';
import { type KeepalivedConfig, modelOf } from '../../keepalived/model.ts';
import { type ConfigFiles, wholeConfig } from '../../keepalived/whole.ts';

/** The configuration of a node, and what it is called in sentences. */
export interface Linted {
  readonly name: string;
  readonly files: ConfigFiles;
  /** What kept some of it from being read. */
  readonly missing?: readonly string[];
}

/** What is wrong in one configuration, with all that it includes. */
export function lintedAlone({ name, files, missing = [] }: Linted): readonly LintFinding[] {
  const { statements, faults, notFollowed } = wholeConfig(files);
  const called = (file: string) => (file === files.root ? name : file);
  return [
    ...faults.map(({ file, line, problem }) => ({
      level: 'error' as const,
      text: `${called(file)}:${line}: ${problem}.`,
    })),
    ...notFollowed.map(({ file, line, problem }) => ({
      level: 'warning' as const,
      text: `${called(file)}:${line} includes ${problem}, which was not read.`,
    })),
    ...missing.map((path) => ({
      level: 'warning' as const,
      text: `${name}: ${path} could not be read.`,
    })),
    // What was followed stands in place; what was not is said above.
    ...(faults.length > 0
      ? []
      : lintFile(name, { ...modelOf(statements, files.host), includes: [] })),
  ];
}

/** What does not fit between two of them; nothing where one cannot be read. */
export function lintedTogether(nodes: readonly Linted[]): readonly LintFinding[] {
  const [one, other] = nodes.flatMap(({ name, files }) => {
    const config = configOf(files);
    return config === undefined ? [] : [{ name, config }];
  });
  return one === undefined || other === undefined ? [] : lintPair(one, other);
}

function configOf(files: ConfigFiles): KeepalivedConfig | undefined {
  const { statements, faults } = wholeConfig(files);
  return faults.length > 0 ? undefined : modelOf(statements, files.host);
}
