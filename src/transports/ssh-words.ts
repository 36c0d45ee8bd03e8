const CHARACTERS_MAX = 200;

/** What another host said, fit for one line of a message. */
export function printable(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return clean.length > CHARACTERS_MAX ? `${clean.slice(0, CHARACTERS_MAX)}…` : clean;
}
