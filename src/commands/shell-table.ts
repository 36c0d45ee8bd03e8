/** A command that only the shell knows: it starts or inspects the product itself. */
export interface ShellEntry {
  /** Words after `lb`. */
  readonly words: string;
  readonly options: string;
  readonly meaning: string;
  readonly example: string;
}

export const SHELL_ENTRIES: readonly ShellEntry[] = [
  {
    words: 'serve',
    options: '[--role bot,worker,watch] [--embedded]',
    meaning: 'Run bot, worker and watcher until stopped.',
    example: 'lb serve --role worker',
  },
  {
    words: 'demo',
    options: '[--script] [--json]',
    meaning: 'Everything on this machine, with a local Slack page.',
    example: 'lb demo',
  },
  {
    words: 'config check',
    options: '[<file>] [--live]',
    meaning: 'Check inventory and environment; report every fault at once.',
    example: 'lb config check examples/inventory.yml',
  },
  {
    words: 'plan',
    options: '--offline <change command>',
    meaning: 'Read the balancers from here and print what to type by hand; sends nothing.',
    example: 'lb plan --offline disable test.tianya.cn 192.168.100.78',
  },
  {
    words: 'audit verify',
    options: '[--live] [--from <n>] [<file> …]',
    meaning: 'Check that the chain of audit entries is whole and signed, in Redis or in files.',
    example: 'lb audit verify audit/audit-0000000001.jsonl',
  },
  {
    words: 'audit export',
    options: '[--from <n>] [--to <file>]',
    meaning: 'Write the audit entries with a signed end.',
    example: 'lb audit export --to audit.jsonl',
  },
  {
    words: 'f5-sim',
    options: '[--pair] [--pools <file>] [--port <n>] [--json]',
    meaning: 'A simulated BIG-IP on this machine, to try the F5 adapter and other clients on.',
    example: 'lb f5-sim --pair',
  },
  {
    words: 'lvs helper',
    options: '',
    meaning:
      'Print the program that root puts on an LVS director, with closed verbs for one line of sudoers.',
    example: 'lb lvs helper > lb-lvs',
  },
  {
    words: 'keepalived lint',
    options: '<pair> | <file> [<file of the other node>]',
    meaning: 'What is wrong in a keepalived.conf, and what does not fit between the two of a pair.',
    example: 'lb keepalived lint edge',
  },
  {
    words: 'keepalived prepare',
    options: '<file>',
    meaning: 'Print a keepalived.conf with the lines that let a disabled member stay disabled.',
    example: 'lb keepalived prepare keepalived.conf > prepared.conf',
  },
];
