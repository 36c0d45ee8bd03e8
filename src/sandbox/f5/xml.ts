/** An element; prefixes are taken off, since the interfaces here have no two elements of one local name. */
export interface XmlElement {
  readonly name: string;
  /** Of the element's own prefix, where a declaration is in sight. */
  readonly namespace: string;
  /** By local name. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

export class XmlError extends Error {}

const DEPTH_MAX = 40;
const ELEMENTS_MAX = 100_000;

interface Open {
  readonly tag: string;
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly scope: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** Reads one document. Throws XmlError for what is not well-formed, and for every document type: no entities. */
export function parseXml(source: string): XmlElement {
  if (/<!(DOCTYPE|ENTITY)/i.test(source)) throw new XmlError('a document type is not accepted');
  const pattern =
    /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<(\/?)([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;
  const stack: Open[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  let end = 0;
  for (const match of source.matchAll(pattern)) {
    if (match.index !== end) break;
    end = match.index + match[0].length;
    const [, cdata, slash, tag, attributes = '', empty, text] = match;
    const top = stack.at(-1);
    if (cdata !== undefined || text !== undefined) {
      const content = cdata ?? decodeEntities(text ?? '');
      if (top !== undefined) top.text += content;
      else if (content.trim() !== '') throw new XmlError('text outside of the document');
    } else if (tag !== undefined && slash === '/') {
      if (top?.tag !== tag) throw new XmlError(`</${tag}> closes nothing`);
      root = close(stack) ?? root;
    } else if (tag !== undefined) {
      count += 1;
      if (root !== undefined) throw new XmlError('a second document');
      if (stack.length >= DEPTH_MAX || count > ELEMENTS_MAX) throw new XmlError('too large');
      stack.push(opened(tag, attributes, top?.scope ?? {}));
      if (empty === '/') root = close(stack) ?? root;
    }
  }
  if (end !== source.length || stack.length > 0 || root === undefined) {
    throw new XmlError('not well-formed');
  }
  return root;
}

function opened(tag: string, text: string, outer: Readonly<Record<string, string>>): Open {
  const attributes: Record<string, string> = {};
  const scope = { ...outer };
  for (const [, name = '', quoted = ''] of text.matchAll(/([\w.:-]+)\s*=\s*("[^"]*"|'[^']*')/g)) {
    const value = decodeEntities(quoted.slice(1, -1));
    if (name === 'xmlns') scope[''] = value;
    else if (name.startsWith('xmlns:')) scope[name.slice('xmlns:'.length)] = value;
    else attributes[localName(name)] = value;
  }
  return { tag, name: localName(tag), attributes, scope, children: [], text: '' };
}

/** Ends the innermost element; returns it when it was the outermost. */
function close(stack: Open[]): XmlElement | undefined {
  const done = stack.pop();
  if (done === undefined) throw new XmlError('nothing to close');
  const { name, tag, attributes, children, text, scope } = done;
  const prefix = tag.includes(':') ? (tag.split(':')[0] ?? '') : '';
  const element = { name, namespace: scope[prefix] ?? '', attributes, children, text };
  const parent = stack.at(-1);
  if (parent === undefined) return element;
  parent.children.push(element);
  return undefined;
}

const localName = (name: string) => name.slice(name.indexOf(':') + 1);

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function decodeEntities(text: string): string {
  return text.replace(/&([^;&\s]{1,10});?/g, (_, name: string) => {
    const code = /^#(?:x([\da-f]+)|(\d+))$/i.exec(name);
    const point =
      code === null
        ? undefined
        : Number.parseInt(code[1] ?? code[2] ?? '', code[1] === undefined ? 10 : 16);
    const known =
      point === undefined
        ? ENTITIES[name]
        : point <= 0x10ffff
          ? String.fromCodePoint(point)
          : undefined;
    if (known === undefined) throw new XmlError(`unknown entity ${name}`);
    return known;
  });
}

/** Text for the inside of an element or attribute. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? '&quot;');
