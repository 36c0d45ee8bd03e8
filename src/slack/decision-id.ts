import type { DecisionCommand } from '../domain/command.ts';

/** Characters of the plan's digest that a button carries. */
const digestChars = 12;

/** How much longer a click on `Extend` lets a time box run. */
export const extendByMs = 30 * 60_000;

/** Names the plan and the revision that the buttons stand under: a click on an older card can be told. */
export function decisionBlockId(changeId: string, digest: string, revision: number): string {
  return `change.${changeId}.${digest.slice(0, digestChars)}.${revision}`;
}

export interface DecisionBlock {
  readonly changeId: string;
  readonly digestPrefix: string;
  readonly revision: number;
}

/** The reverse of `decisionBlockId`; undefined for anything it did not make. */
export function readDecisionBlockId(blockId: string): DecisionBlock | undefined {
  const found = /^change\.([A-Za-z0-9-]{1,64})\.([0-9a-f]{4,12})\.([0-9]{1,12})$/.exec(blockId);
  const [, changeId, digestPrefix, revision] = found ?? [];
  if (changeId === undefined || digestPrefix === undefined || revision === undefined) {
    return undefined;
  }
  return { changeId, digestPrefix, revision: Number(revision) };
}

export type DecisionVerb = DecisionCommand['verb'];

const VERBS: readonly DecisionVerb[] = ['approve', 'deny', 'cancel', 'extend', 'acknowledge'];

export function decisionAction(verb: DecisionVerb): `change.${DecisionVerb}` {
  return `change.${verb}`;
}

export function readDecisionAction(actionId: string): DecisionVerb | undefined {
  return VERBS.find((verb) => decisionAction(verb) === actionId);
}

/** What a button carries: the change, and for `extend` how much longer, in ms. */
export function decisionValue(verb: DecisionVerb, changeId: string): string {
  return verb === 'extend' ? `${changeId}.${extendByMs}` : changeId;
}

/** The reverse of `decisionValue`; undefined for anything it did not make. */
export function readDecisionValue(
  verb: DecisionVerb,
  value: string,
): { readonly changeId: string; readonly forMs?: number } | undefined {
  const [, changeId, digits] = /^([A-Za-z0-9-]{1,64})(?:\.(\d{1,9}))?$/.exec(value) ?? [];
  if (changeId === undefined || (verb === 'extend') !== (digits !== undefined)) return undefined;
  return digits === undefined ? { changeId } : { changeId, forMs: Number(digits) };
}
