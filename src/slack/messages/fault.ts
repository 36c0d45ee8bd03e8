import { ERRORS, type Fault } from '../../domain/errors.ts';
import { faultCharsMax } from '../limits.ts';
import { escapedCut } from '../mrkdwn.ts';

/** A fault for people: what it is, the exact words, and what to do now. mrkdwn. */
export function faultWords(fault: Fault, advice?: 'without advice'): string {
  const { title, next } = ERRORS[fault.code];
  const words = `*${title}.* ${escapedCut(fault.message, faultCharsMax)}`;
  return advice === undefined ? `${words}\n_${next}_` : words;
}
