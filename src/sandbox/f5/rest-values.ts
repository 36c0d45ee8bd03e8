import type { Administered } from './config-model.ts';
import { invalidValue } from './rest-errors.ts';

type Body = Readonly<Record<string, unknown>>;

/** What `session` and `state` of a body say; read-only values are refused, as on the device. */
export function readAdministered(body: Body): Partial<Administered> {
  const written: Partial<Administered> = {};
  if (body.session !== undefined) {
    if (body.session !== 'user-enabled' && body.session !== 'user-disabled') {
      throw invalidValue('session', body.session);
    }
    written.sessionEnabled = body.session === 'user-enabled';
  }
  if (body.state !== undefined) {
    if (body.state !== 'user-up' && body.state !== 'user-down') {
      throw invalidValue('state', body.state);
    }
    written.adminUp = body.state === 'user-up';
  }
  return written;
}

/**
 * The attributes after a write. Keys that `known` does not have are left alone, as the device does with what
 * it does not know or what is read-only.
 */
export function applyAttributes<T extends object>(now: T, known: Readonly<object>, body: Body): T {
  const written: Record<string, unknown> = {};
  for (const [key, sample] of [...Object.entries(known), ['description', ''] as const]) {
    const value = body[key];
    if (value === undefined) continue;
    if (key === 'description') written[key] = described(value);
    else if (key === 'rateLimit') written[key] = rateLimit(value);
    else if (typeof sample === 'number') written[key] = wholeNumber(key, value);
    else if (typeof value === 'string') written[key] = value;
    else throw invalidValue(key, value);
  }
  return { ...now, ...written };
}

/** Written empty or as `none`, there is no description any more. */
function described(value: unknown): string | undefined {
  if (value !== null && typeof value !== 'string') throw invalidValue('description', value);
  return value === null || value === '' || value === 'none' ? undefined : value;
}

/** Written as a number or a text, always read as a text. */
function rateLimit(value: unknown): string {
  if (value === 'disabled') return value;
  const number = wholeNumber('rateLimit', value);
  return number === 0 ? 'disabled' : String(number);
}

function wholeNumber(key: string, value: unknown): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  const least = key === 'ratio' ? 1 : 0;
  const most = key === 'ratio' || key === 'priorityGroup' ? 65_535 : 4_294_967_295;
  const isRight =
    typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most;
  if (!isRight) throw invalidValue(key, value);
  return number;
}

/** What a client wrote, but for what the object says of itself; for objects nobody here looks into. */
export function asWritten(body: Body): Record<string, unknown> {
  const own = ['kind', 'name', 'partition', 'fullPath', 'generation', 'selfLink', 'id'];
  return Object.fromEntries(
    Object.entries(body).filter(([key, value]) => !own.includes(key) && value !== null),
  );
}
