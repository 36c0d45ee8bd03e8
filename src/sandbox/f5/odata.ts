import { ORIGIN, type RestCall, type RestReply } from './rest-call.ts';
import { badRequest } from './rest-errors.ts';

type Item = Readonly<Record<string, unknown>>;

/** A collection, after `$filter`, `$skip`, `$top` and `$select`. Without items the key is not there. */
export function collection(call: RestCall, kind: string, all: readonly Item[]): RestReply {
  const filtered = filter(all, call.query.get('$filter'));
  const skip = count(call, '$skip') ?? 0;
  const top = count(call, '$top');
  const page = filtered.slice(skip, top === undefined ? undefined : skip + top);
  const items = page.map((item) => select(item, call.query.get('$select')));
  return {
    status: 200,
    body: {
      kind,
      selfLink: link(call, {}),
      ...(top === undefined || top === 0
        ? {}
        : paging(call, { top, skip, total: filtered.length })),
      ...(items.length === 0 ? {} : { items }),
    },
  };
}

/** One object, after `$select`. */
export const single = (call: RestCall, object: Item): RestReply => ({
  status: 200,
  body: select(object, call.query.get('$select')),
});

function paging(call: RestCall, page: { top: number; skip: number; total: number }): Item {
  const { top, skip, total } = page;
  return {
    currentItemCount: Math.max(0, Math.min(top, total - skip)),
    itemsPerPage: top,
    pageIndex: Math.floor(skip / top) + 1,
    startIndex: skip + 1,
    totalItems: total,
    totalPages: Math.ceil(total / top),
    ...(skip + top < total ? { nextLink: link(call, { $skip: String(skip + top) }) } : {}),
  };
}

function link(call: RestCall, changes: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(call.query);
  for (const [key, value] of Object.entries(changes)) query.set(key, value);
  query.set('ver', call.unit.world.version);
  const text = [...query].map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
  return `${ORIGIN}${call.path}?${text}`;
}

function count(call: RestCall, key: string): number | undefined {
  const given = call.query.get(key);
  if (given === null) return undefined;
  if (!/^\d{1,9}$/.test(given)) throw badRequest(`invalid query parameter "${key}":"${given}"`);
  return Number(given);
}

function filter(items: readonly Item[], expression: string | null): readonly Item[] {
  if (expression === null || expression.trim() === '') return items;
  const match = /^\s*(\w+)\s+eq\s+(?:'([^']*)'|"([^"]*)"|(\S+))\s*$/i.exec(expression);
  if (match === null) throw badRequest(`invalid query parameter "$filter":"${expression}"`);
  const [, key = '', ...values] = match;
  const wanted = values.find((value) => value !== undefined);
  return items.filter((item) => String(item[key]) === wanted);
}

function select(item: Item, keys: string | null): Item {
  if (keys === null || keys.trim() === '') return item;
  const wanted = keys.split(',').map((key) => key.trim());
  return Object.fromEntries(Object.entries(item).filter(([key]) => wanted.includes(key)));
}
