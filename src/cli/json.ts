/**
 * One JSON document. Signatures (`mac`) are left out: they prove nothing to a reader and would let one
 * be replayed. What could steer a terminal is escaped, which JSON itself does only for the lowest ones.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, (key, inner: unknown) => (key === 'mac' ? undefined : inner));
  return text.replace(/[\u007F-\u009F\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}
