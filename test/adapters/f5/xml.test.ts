import { describe, expect, it } from 'vitest';
import { childAt, parseXml, textAt, xmlText } from '../../../src/adapters/f5/soap/xml.ts';

describe('XML', () => {
  it('is read by local names, whatever the prefixes', () => {
    const root = parseXml(
      '<?xml version="1.0"?>\n<E:Envelope\r\n\txmlns:E="x"><E:Body><a:b s:type="A:Array"><item>1 &lt; 2</item><item/><item><![CDATA[<x>]]></item></a:b></E:Body></E:Envelope>\n',
    );
    const list = childAt(root, 'Body', 'b');
    expect(list?.children.map(({ text }) => text)).toEqual(['1 < 2', '', '<x>']);
    expect(textAt(root, 'Body', 'none')).toBe('');
  });

  it.each([
    ['a DTD', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an entity of its own', '<a>&b;</a>'],
    ['an entity of the system', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
    ['a broken end', '<a><b></a>'],
    ['no end', '<a><b></b>'],
    ['two roots', '<a/><b/>'],
    ['nothing', ''],
    ['a bare <', '<a> < </a>'],
    ['a hundred levels', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`],
    ['a number that is no character', '<a>&#x110000;</a>'],
  ])('with %s is refused', (_what, text) => {
    expect(() => parseXml(text)).toThrow(SyntaxError);
  });

  it('of a megabyte is read in a moment', () => {
    const text = `<a>${'<item>x</item>'.repeat(80_000)}</a>`;
    const began = performance.now();
    expect(parseXml(text).children).toHaveLength(80_000);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('made of text reads as that text', () => {
    const text = '</x><y a="b">&amp;\u0000\'';
    expect(parseXml(`<a>${xmlText(text)}</a>`).text).toBe(text.replace('\u0000', ''));
  });
});
