import { OperationError } from '../domain/errors.ts';

export interface SandboxServer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Value that marks this server in the client's cookie. */
  readonly cookie?: string;
  readonly weight?: number;
  /** Further words of the server line, for instance `backup` or `disabled`. */
  readonly options?: readonly string[];
}

export interface SandboxBackend {
  readonly name: string;
  /** The algorithm and its argument, for instance `url_param id`. */
  readonly balance?: string;
  /** For algorithms that hash. */
  readonly hashType?: 'consistent' | 'map-based';
  readonly servers: readonly SandboxServer[];
  /** Whether connections to servers serve several clients, one after the other; HAProxy's `safe` when absent. */
  readonly reuse?: 'never' | 'safe' | 'always';
  /** Cookie whose value is prefixed with the server's mark, for instance `JSESSIONID`. */
  readonly cookie?: string;
  /** Path asked by the health check; without one, servers are not checked. */
  readonly checkPath?: string;
}

export interface HaproxyConfig {
  readonly node: string;
  readonly frontPort: number;
  readonly adminSocket: string;
  readonly operatorSocket?: string;
  /** The `server-state-file`, from which the state of the servers is taken at the start. */
  readonly stateFile?: string;
  /** The first one takes the traffic of the front. */
  readonly backends: readonly SandboxBackend[];
  /** A member whose state is about to change is asked five times as often. */
  readonly checkEveryMs: number;
}

const WORD = /^[A-Za-z0-9_.:/@%=,()-]+$/;

/** A whole haproxy.cfg. Throws UNSAFE_NAME for a value that would not stay one word in the file. */
export function haproxyConfig(config: HaproxyConfig): string {
  const [first] = config.backends;
  if (first === undefined) {
    throw new OperationError('UNSUPPORTED', 'Writing haproxy.cfg: there is no backend.');
  }
  return [
    'global',
    line('node', config.node),
    '    maxconn 2000',
    `${line('stats socket', config.adminSocket)} mode 600 level admin expose-fd listeners`,
    ...(config.operatorSocket === undefined
      ? []
      : [`${line('stats socket', config.operatorSocket)} mode 600 level operator`]),
    ...(config.stateFile === undefined ? [] : [line('server-state-file', config.stateFile)]),
    '    stats timeout 10s',
    '    stats maxconn 20',
    '',
    'defaults',
    '    mode http',
    '    timeout connect 2s',
    '    timeout client 60s',
    '    timeout server 60s',
    '    timeout http-keep-alive 15s',
    // Without it a check is over after its own interval, and a busy machine makes healthy members look sick.
    '    timeout check 2s',
    '    option redispatch',
    ...(config.stateFile === undefined ? [] : ['    load-server-state-from-file global']),
    `    default-server inter ${config.checkEveryMs}ms fastinter ${Math.ceil(config.checkEveryMs / 5)}ms fall 2 rise 2`,
    '',
    'frontend front',
    `    bind 127.0.0.1:${config.frontPort}`,
    line('default_backend', first.name),
    '',
    ...config.backends.flatMap(backendLines),
  ].join('\n');
}

function backendLines(backend: SandboxBackend): string[] {
  return [
    `backend ${word(backend.name)}`,
    `    balance ${(backend.balance ?? 'roundrobin').split(' ').map(word).join(' ')}`,
    ...(backend.hashType === undefined ? [] : [line('hash-type', backend.hashType)]),
    ...(backend.reuse === undefined ? [] : [line('http-reuse', backend.reuse)]),
    ...(backend.cookie === undefined ? [] : [`${line('cookie', backend.cookie)} prefix`]),
    ...(backend.checkPath === undefined ? [] : [line('option httpchk GET', backend.checkPath)]),
    ...backend.servers.map((server) =>
      [
        line('server', server.name),
        word(`${server.address}:${server.port}`),
        ...(backend.checkPath === undefined ? [] : ['check']),
        ...(server.cookie === undefined ? [] : [`cookie ${word(server.cookie)}`]),
        ...(server.weight === undefined ? [] : [`weight ${server.weight}`]),
        ...(server.options ?? []).map(word),
      ].join(' '),
    ),
    '',
  ];
}

function line(keyword: string, value: string): string {
  return `    ${keyword} ${word(value)}`;
}

function word(value: string): string {
  if (WORD.test(value)) return value;
  throw new OperationError(
    'UNSAFE_NAME',
    `Writing haproxy.cfg: ${JSON.stringify(value)} is not one plain word.`,
  );
}
