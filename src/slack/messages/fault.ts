import { ERRORS, type Fault } from '../../domain/errors.ts';
import { escapedCut } from '../mrkdwn.ts';

/** A fault for people: what it is, the exact words, and what to do now. mrkdwn. */
export function faultWords(fault: Fault): string {
  const { title, next } = ERRORS[fault.code];
  return `*${title}.* ${escapedCut(fault.message, 2200)}\n_${next}_`;
}
