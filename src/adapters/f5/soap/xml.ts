/** An element of a small XML document: its local name, its elements, its text. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface Open {
  readonly tag: string;
  readonly children: XmlElement[];
  text: string;
}

const depthMax = 50;

/** What may stand between two texts: declarations and comments are passed over, a DOCTYPE is no part of SOAP. */
const MARKUP =
  /<(?:\?[^>]*\?|!--[\s\S]*?--|!\[CDATA\[(?<data>[\s\S]*?)\]\]|(?<end>\/)?(?<tag>[A-Za-z_][\w.:-]*)(?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(?<empty>\/)?)>/y;

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

/**
 * Reads a document without DTD and entities of its own. Throws SyntaxError for those and for whatever is not well
 * formed; attributes are passed over.
 */
export function parseXml(document: string): XmlElement {
  const root: Open = { tag: '', children: [], text: '' };
  const stack = [root];
  let at = 0;
  while (at < document.length) {
    const top = stack.at(-1) ?? root;
    const next = document.indexOf('<', at);
    const end = next < 0 ? document.length : next;
    top.text += decoded(document.slice(at, end));
    if (next < 0) break;
    MARKUP.lastIndex = next;
    const groups = MARKUP.exec(document)?.groups;
    if (groups === undefined) throw new SyntaxError('it has markup that is not plain XML');
    at = MARKUP.lastIndex;
    const { data, tag, end: closes, empty } = groups;
    if (data !== undefined) top.text += data;
    if (tag === undefined) continue;
    if (closes !== undefined) close(stack, tag);
    else open(stack, tag, empty !== undefined);
  }
  const [only] = root.children;
  if (stack.length > 1 || only === undefined || root.children.length > 1) {
    throw new SyntaxError('it is not one whole document');
  }
  return only;
}

function open(stack: Open[], tag: string, isEmpty: boolean): void {
  if (stack.length > depthMax) throw new SyntaxError('it is nested too deeply');
  stack.push({ tag, children: [], text: '' });
  if (isEmpty) close(stack, tag);
}

function close(stack: Open[], tag: string): void {
  const done = stack.pop();
  const parent = stack.at(-1);
  if (done?.tag !== tag || parent === undefined) throw new SyntaxError('its tags do not match');
  const { children, text } = done;
  parent.children.push({ name: tag.slice(tag.indexOf(':') + 1), children, text });
}

function decoded(text: string): string {
  return text.replaceAll(/&([^;\s]{0,10});?/g, (whole, name: string) => {
    const known = ENTITIES[name];
    if (known !== undefined && whole.endsWith(';')) return known;
    const code = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    const point = code === null ? -1 : Number.parseInt(code[1] ?? code[2] ?? '', code[1] ? 16 : 10);
    if (point < 1 || point > 0x10ffff) throw new SyntaxError('it has an entity of its own');
    return String.fromCodePoint(point);
  });
}

/** The first element of this name below, at the places the path names. */
export function childAt(
  element: XmlElement | undefined,
  ...path: readonly string[]
): XmlElement | undefined {
  let found = element;
  for (const name of path) found = found?.children.find((child) => child.name === name);
  return found;
}

export function textAt(element: XmlElement, ...path: readonly string[]): string {
  return childAt(element, ...path)?.text.trim() ?? '';
}

/** Text as it may stand in a document; characters that XML has no place for are left out. */
export function xmlText(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
