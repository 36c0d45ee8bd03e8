import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SshHost } from '../../../src/domain/inventory.ts';
import { startSshd } from '../../stage/sshd.ts';
import type { Misbehaviour } from '../contract-device.ts';

/** What stands in for the program on a director, behind a real sshd; each notes the lines it got. */
const ANSWERS: Readonly<Record<Misbehaviour, string>> = {
  silent: 'exec sleep 60',
  garbage: "printf '== rules\\nKeine Ahnung, was das soll\\n== exit 0\\n== done\\n'",
  cut: "printf '== rules\\n-A -t 192.168.100.11:80 -s rr\\n-a -t 192.168.'",
  huge: 'head -c 6000000 /dev/zero',
};

export interface FakeProgram {
  readonly host: SshHost;
  /** Lines that arrived since the last call of `forget`. */
  received(): number;
  forget(): void;
  close(): Promise<void>;
}

export async function startFakeProgram(directory: string, how: Misbehaviour): Promise<FakeProgram> {
  const program = join(directory, `${how}.sh`);
  const log = join(directory, `${how}.received`);
  writeFileSync(
    program,
    `#!/bin/sh
printf 'lb-lvs 2\\n'
IFS= read -r line || exit 0
printf '%s\\n' "$line" >>'${log}'
${ANSWERS[how]}
`,
  );
  chmodSync(program, 0o755);
  const sshd = await startSshd({
    directory: join(directory, how),
    keyOptions: `command="${program}"`,
  });
  return {
    host: sshd.host,
    received: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0),
    forget: () => rmSync(log, { force: true }),
    close: sshd.stop,
  };
}
