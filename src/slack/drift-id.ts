import type { DriftVerb } from '../domain/incident.ts';

const VERBS: readonly DriftVerb[] = ['restore', 'accept'];

/** Actions of this kind belong to the message of a member that was changed by hand. */
export const driftActions = /^drift\./;

export const driftAction = (verb: DriftVerb): `drift.${DriftVerb}` => `drift.${verb}`;

export function driftBlockId(incidentId: string, revision: number): string {
  return `drift.${incidentId}.${revision}`;
}

/** What was clicked; undefined for anything that this version did not make. */
export function readDriftClick(
  actionId: string,
  value: string,
): { readonly verb: DriftVerb; readonly incidentId: string } | undefined {
  const verb = VERBS.find((each) => driftAction(each) === actionId);
  if (verb === undefined || !/^i[0-9a-f]{1,63}$/.test(value)) return undefined;
  return { verb, incidentId: value };
}
