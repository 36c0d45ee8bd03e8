import { SoapFault } from './soap-fault.ts';
import { SCALARS, typeOf } from './soap-types.ts';
import { escapeXml, type XmlElement } from './xml.ts';

/** A value of a SOAP type: text or number, object for a struct, list for a sequence. */
export type SoapValue =
  | string
  | number
  | boolean
  | readonly SoapValue[]
  | { readonly [field: string]: SoapValue };

/**
 * Reads a value. Clients name the items of a sequence as they like, so these count by position; the fields of
 * a struct count by name, in any order. `byId` resolves `href`, which some clients use for repeated values.
 */
export function decode(
  type: string,
  given: XmlElement,
  byId: ReadonlyMap<string, XmlElement>,
): SoapValue {
  const { href } = given.attributes;
  const element = href === undefined ? given : byId.get(href.replace(/^#/, ''));
  if (element === undefined) throw invalid(`there is no element for href ${href}`);
  const shape = typeOf(type);
  const text = element.text.trim();
  if (shape === undefined) {
    if (type === 'string') return text;
    if (type === 'boolean') return text === 'true' || text === '1';
    if (!/^-?\d{1,15}$/.test(text)) throw invalid(`${element.name} is not a number`);
    return Number(text);
  }
  if ('items' in shape) return element.children.map((child) => decode(shape.items, child, byId));
  if ('values' in shape) {
    if (!shape.values.includes(text)) throw invalid(`${text || 'nothing'} is not a ${type}`);
    return text;
  }
  return Object.fromEntries(
    shape.fields.map(([name, field]) => {
      const child = element.children.find((candidate) => candidate.name === name);
      if (child === undefined) throw invalid(`${type} without ${name}`);
      return [name, decode(field, child, byId)];
    }),
  );
}

const invalid = (message: string) =>
  new SoapFault('Common::InvalidArgument', 16_907_281, `01020031:3: ${message}`);

const BREAK = '\r\n\t';

/** Writes a value as the device does: attributes each on a line, and a type on everything. */
export function encode(tag: string, type: string, value: SoapValue): string {
  const shape = typeOf(type);
  if (shape === undefined) {
    return `<${tag}${BREAK}s:type="y:${type}">${escapeXml(String(value))}</${tag}>`;
  }
  if ('items' in shape) {
    const list = Array.isArray(value) ? value : [];
    const items = list.map((item) => encode('item', shape.items, item)).join('\r\n');
    return `<${tag}${BREAK}s:type="A:Array"${BREAK}A:arrayType="${arrayType(shape.items)}[${list.length}]">${items}</${tag}>`;
  }
  const open = `<${tag}${BREAK}s:type="iControl:${type}">`;
  if ('values' in shape) return `${open}${escapeXml(String(value))}</${tag}>`;
  const object = value as { readonly [field: string]: SoapValue };
  const fields = shape.fields.map(([name, field]) => encode(name, field, object[name] ?? ''));
  return `${open}${fields.join('')}</${tag}>`;
}

/** `iControl:X[]` for a sequence of sequences of X: the innermost type, one pair of brackets per level. */
function arrayType(items: string): string {
  const shape = typeOf(items);
  if (shape !== undefined && 'items' in shape) return `${arrayType(shape.items)}[]`;
  return `${SCALARS.includes(items) ? 'y' : 'iControl'}:${items}`;
}
