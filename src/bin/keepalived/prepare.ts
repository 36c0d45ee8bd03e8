import { dirname } from 'node:path';
import { OWNED_FOLDER } from '../../domain/owned-file.ts';
import { prepare } from '../../keepalived/prepare.ts';

const complain = (text: string) => void process.stderr.write(`${text}\n`);

/** `lb keepalived prepare`: the file with the lines it needs on standard output, what they are on the other. */
export function printPrepared(name: string, text: string): number {
  const prepared = prepare(text, name);
  if (prepared === undefined) {
    complain(`${name} is not read to one meaning: lb keepalived lint ${name} says why.`);
    return 1;
  }
  process.stdout.write(prepared.text);
  for (const { line, file } of prepared.added) complain(`line ${line}: include ${file}`);
  for (const reason of prepared.left) complain(`NOT prepared: ${reason}.`);
  complain(
    prepared.added.length === 0
      ? 'Nothing to add.'
      : `On the director, as root: mkdir -p ${OWNED_FOLDER}; put this in the place of ${name}; keepalived -t; reload keepalived. Includes that stand in ${dirname(name)} and elsewhere are prepared one by one.`,
  );
  return prepared.left.length === 0 ? 0 : 1;
}
