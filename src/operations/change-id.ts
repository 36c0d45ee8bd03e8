import { createHash } from 'node:crypto';

const ID_LETTERS = 'abcdefghjkmnpqrstuvwxyz';
const ID_CHARACTERS = `${ID_LETTERS}23456789`;
const ID_LENGTH = 8;

/**
 * The id of a change or question, made from its delivery: two deliveries of one command get one id, so they are
 * one change. Eight letters and digits, without those that are mistaken for each other.
 */
export function idFor(deliveryId: string): string {
  const bytes = createHash('sha256').update(deliveryId).digest();
  let id = ID_LETTERS[(bytes[0] ?? 0) % ID_LETTERS.length] ?? 'a';
  for (let at = 1; at < ID_LENGTH; at += 1) {
    id += ID_CHARACTERS[(bytes[at] ?? 0) % ID_CHARACTERS.length] ?? 'a';
  }
  return id;
}
