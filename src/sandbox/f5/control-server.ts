import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { whyRefused } from '../slack/host-guard.ts';
import { ControlError, type SimControl } from './control.ts';
import { faultSchema } from './faults.ts';

const BODY_BYTES_MAX = 1_000_000;

const count = z.number().min(0).max(1_000_000);

const presetSchema = z.strictObject({
  preset: z.string(),
  times: z.number().int().min(-1).optional(),
  unit: z.string().optional(),
  match: z.string().optional(),
});

const schemas = {
  faults: z.array(z.union([z.string(), presetSchema, faultSchema])),
  label: z.strictObject({ label: z.string().max(200).nullable() }),
  monitor: z.strictObject({
    pool: z.string(),
    member: z.string(),
    result: z.enum(['up', 'down', 'checking']),
  }),
  connections: z.strictObject({
    pool: z.string(),
    member: z.string(),
    current: count.optional(),
    sticky: count.optional(),
    normal: count.optional(),
  }),
  failover: z.strictObject({
    to: z.string().optional(),
    trafficGroup: z
      .string()
      .regex(/^[\w.-]+$/)
      .optional(),
    active: z.array(z.string()).optional(),
    offline: z.string().optional(),
    online: z.string().optional(),
  }),
  sync: z.strictObject({
    autoSync: z.boolean().optional(),
    delayMs: z.number().int().min(0).max(600_000).optional(),
    disconnected: z.boolean().optional(),
    shown: z
      .strictObject({
        status: z.string().optional(),
        color: z.string().optional(),
        summary: z.string().optional(),
        details: z.array(z.string()).optional(),
      })
      .nullable()
      .optional(),
    changedOn: z.string().optional(),
  }),
  clock: z.strictObject({ advance: z.number().min(0).max(1e12) }),
  restart: z.strictObject({ unit: z.string().optional() }),
  latency: z.strictObject({
    baseMs: count.default(0),
    writeMs: count.default(0),
    jitterMs: count.default(0),
  }),
};

/** The control as HTTP, for drivers outside this process: JSON in, JSON out. */
export function createControlServer(control: SimControl): Server {
  return createServer((request, response) => {
    serve(control, request, response).catch((thrown: unknown) => {
      const status = thrown instanceof ControlError || thrown instanceof z.ZodError ? 400 : 500;
      const error =
        thrown instanceof z.ZodError
          ? z.prettifyError(thrown)
          : thrown instanceof Error
            ? thrown.message
            : String(thrown);
      if (!response.headersSent) json(response, status, { ok: false, error });
    });
  });
}

async function serve(
  control: SimControl,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refused = whyRefused(request.headers, request.socket.localPort ?? 0);
  if (refused !== undefined) return json(response, 403, { ok: false, error: refused });
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const asked = `${request.method} ${path}`;
  if (request.method === 'GET') {
    if (path === '/log') return lines(response, control.log());
    if (path === '/state') return json(response, 200, { ok: true, units: control.state() });
    if (path === '/faults') return json(response, 200, { ok: true, faults: control.faults() });
    return json(response, 404, { ok: false, error: `There is no ${asked}.` });
  }
  if (!(request.headers['content-type'] ?? 'application/json').startsWith('application/json')) {
    return json(response, 415, { ok: false, error: 'Send JSON.' });
  }
  const done = act(control, asked, await readJson(request));
  return done
    ? json(response, 200, { ok: true })
    : json(response, 404, { ok: false, error: `There is no ${asked}.` });
}

function act(control: SimControl, asked: string, body: unknown): boolean {
  switch (asked) {
    case 'PUT /faults':
      setFaults(control, schemas.faults.parse(body));
      return true;
    case 'DELETE /faults':
      control.clearFaults();
      return true;
    case 'POST /reset':
      control.reset();
      return true;
    case 'POST /label':
      control.label(schemas.label.parse(body).label ?? undefined);
      return true;
    case 'POST /monitor': {
      const { pool, member, result } = schemas.monitor.parse(body);
      control.monitor(pool, member, result);
      return true;
    }
    case 'POST /connections': {
      const { pool, member, ...numbers } = schemas.connections.parse(body);
      control.connections(pool, member, present(numbers));
      return true;
    }
    case 'POST /failover':
      control.failOver(present(schemas.failover.parse(body)));
      return true;
    case 'POST /sync': {
      const { shown, ...rest } = schemas.sync.parse(body);
      control.sync({
        ...present(rest),
        ...(shown === undefined ? {} : { shown: shown === null ? null : present(shown) }),
      });
      return true;
    }
    case 'POST /clock':
      control.advance(schemas.clock.parse(body).advance);
      return true;
    case 'POST /restart':
      control.restart(schemas.restart.parse(body).unit);
      return true;
    case 'PUT /latency':
      control.latency(schemas.latency.parse(body));
      return true;
    case 'DELETE /log':
      control.clearLog();
      return true;
    default:
      return false;
  }
}

/** A list of names of presets, presets with settings and rules; it replaces what was there. */
function setFaults(control: SimControl, list: z.output<typeof schemas.faults>): void {
  control.clearFaults();
  for (const item of list) {
    if (typeof item === 'string') control.preset(item);
    else if ('preset' in item) {
      const { preset, ...settings } = item;
      control.preset(preset, present(settings));
    } else control.addFault(item);
  }
}

/** Leaves out what was not given. */
function present<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function lines(response: ServerResponse, entries: readonly object[]): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.end(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > BODY_BYTES_MAX) throw new ControlError('The body is too large.');
    chunks.push(bytes);
  }
  const text = Buffer.concat(chunks).toString('utf8').trim();
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new ControlError('The body is not JSON.');
  }
}
