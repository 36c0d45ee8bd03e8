import { describe, expect, it } from 'vitest';
import { escapeXml, parseXml, XmlError } from '../../../src/sandbox/f5/xml.ts';

describe('reading XML', () => {
  it('takes prefixes off and keeps namespaces, attributes and text', () => {
    const root = parseXml(
      `<?xml version="1.0"?><!-- a --><a:r xmlns:a="urn:a" xmlns="urn:d" a:x='1 &lt; 2'><b>x &amp; &#65;&#x42;</b><a:c/><d><![CDATA[<&>]]></d></a:r>`,
    );
    expect(root).toMatchObject({ name: 'r', namespace: 'urn:a', attributes: { x: '1 < 2' } });
    expect(root.children.map(({ name, namespace, text }) => [name, namespace, text])).toEqual([
      ['b', 'urn:d', 'x & AB'],
      ['c', 'urn:a', ''],
      ['d', 'urn:d', '<&>'],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['only text', 'hello'],
    ['an open element', '<a><b></b>'],
    ['a wrong end', '<a></b>'],
    ['two documents', '<a/><b/>'],
    ['text behind', '<a/>x'],
    ['a bare sign', '<a><</a>'],
    ['an unknown entity', '<a>&nbsp;</a>'],
    ['a code out of range', '<a>&#x110000;</a>'],
    ['a document type', '<!DOCTYPE a><a/>'],
    ['an entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['great depth', `${'<a>'.repeat(50)}${'</a>'.repeat(50)}`],
  ])('refuses %s', (_case, text) => {
    expect(() => parseXml(text)).toThrow(XmlError);
  });

  it('is quick with hostile input', () => {
    const began = performance.now();
    for (const text of ['<a '.repeat(100_000), '<a x="'.repeat(50_000), '<'.repeat(200_000)]) {
      expect(() => parseXml(text)).toThrow(XmlError);
    }
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('gives back what was escaped', () => {
    const text = `a<b>&"c'`;
    expect(parseXml(`<a x="${escapeXml(text)}">${escapeXml(text)}</a>`)).toMatchObject({
      text,
      attributes: { x: text },
    });
  });
});
