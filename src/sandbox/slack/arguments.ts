import { isObject, type JsonObject, SlackRefusal } from './wire.ts';

/** Arguments that a form carries as JSON text. */
const JSON_FIELDS = new Set(['blocks', 'attachments', 'metadata', 'view']);
const JSON_FAULT: Readonly<Record<string, string>> = {
  blocks: 'invalid_blocks_format',
  attachments: 'invalid_attachments',
  metadata: 'invalid_metadata_format',
};

/** The arguments of one Web API call, whether they came as a form, as JSON or in the query. */
export class Arguments {
  readonly all: JsonObject;

  constructor(all: JsonObject) {
    this.all = all;
  }

  /** A string that must be there. */
  text(name: string): string {
    const value = this.optional(name);
    if (value === undefined) {
      throw new SlackRefusal('invalid_arguments', {
        response_metadata: { messages: [`[ERROR] missing required field: ${name}`] },
      });
    }
    return value;
  }

  optional(name: string): string | undefined {
    const value = this.all[name];
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  flag(name: string): boolean {
    const value = this.optional(name);
    return value === 'true' || value === '1';
  }

  /** A whole number from 1 to `max`. */
  limit(name: string, fallback: number, max: number): number {
    const given = this.optional(name);
    if (given === undefined) return fallback;
    const value = Number(given);
    if (!Number.isInteger(value) || value < 1 || value > max) {
      throw new SlackRefusal('invalid_limit');
    }
    return value;
  }
}

/** Reads body and query of a call. Throws SlackRefusal when the JSON in it is broken. */
export function readArguments(
  contentType: string,
  body: string,
  query: URLSearchParams,
): JsonObject {
  if (contentType.startsWith('application/json')) {
    const parsed: unknown = body === '' ? {} : parseJson(body, 'invalid_json');
    if (!isObject(parsed)) throw new SlackRefusal('json_not_object');
    return parsed;
  }
  const args: Record<string, unknown> = {};
  for (const [name, value] of [...query, ...new URLSearchParams(body)]) {
    args[name] = JSON_FIELDS.has(name)
      ? parseJson(value, JSON_FAULT[name] ?? 'invalid_arguments')
      : value;
  }
  return args;
}

function parseJson(text: string, fault: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SlackRefusal(fault);
  }
}
