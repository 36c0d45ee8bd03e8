import { faultOf } from '../../domain/errors.ts';
import type { KeptIn, MemberState } from '../../domain/member.ts';
import { includeFile } from '../../domain/owned-file.ts';
import type { OwnedMember, OwnedPool, TableOwner } from '../../ports/table-owner.ts';
import { type DisableBy, NOT_IN_TABLE, outAs } from './commands.ts';
import type { OwnerReport } from './owner-report.ts';

/** Status of a member that keepalived took out of the table. */
export const TAKEN_OUT = 'taken out by its health check';

interface Question {
  readonly pool: string;
  readonly disableBy: DisableBy;
  readonly tableOwner?: TableOwner;
}

/**
 * The members of the table, and those that keepalived has beside it, where it keeps the table: with their health, for
 * it removes the sick, with the file by which a weight lasts, or with what would undo a change of ours.
 */
export function ownedMembers(
  members: readonly MemberState[],
  report: OwnerReport | undefined,
  { pool, disableBy, tableOwner }: Question,
): readonly MemberState[] {
  if (report?.files === undefined || tableOwner === undefined) return members;
  let owned: OwnedPool | undefined;
  try {
    owned = tableOwner(report.files, pool);
  } catch (thrown) {
    // What stands in the table is to be seen all the same.
    const heldBy = faultOf(thrown).message;
    return members.map((each) => ({ ...each, heldBy }));
  }
  if (owned === undefined) return members;
  const byName = new Map(owned.members.map((each) => [each.name, each]));
  const inTable = members.map((member) => {
    const configured = byName.get(member.name);
    byName.delete(member.name);
    return configured === undefined
      ? member
      : { ...withHealth(member, configured), ...lasting(configured, pool, report) };
  });
  const beside = [...byName.values()].map((each) => ({
    ...takenOut(each, disableBy),
    ...lasting(each, pool, report),
  }));
  return [...inTable, ...beside];
}

function lasting(
  configured: OwnedMember,
  pool: string,
  { kept, base }: OwnerReport,
): { readonly keptIn: KeptIn } | { readonly undoneBy: string } {
  const { ownWeight, weight, staysWhenSick, whyNotKept } = configured;
  if (whyNotKept !== undefined) {
    return {
      undoneBy: `keepalived keeps this table and brings ${configured.name} back with weight ${weight} when its health changes or keepalived restarts: ${whyNotKept}`,
    };
  }
  const file = includeFile(pool, configured);
  const was = kept.get(file) ?? 'absent';
  return { keptIn: { file, was, base, weight, ownWeight, staysWhenSick } };
}

function withHealth(member: MemberState, configured: OwnedMember): MemberState {
  const { weight, ownWeight, isChecked, staysWhenSick, whyNotKept } = configured;
  const known: MemberState = { ...member, configuredWeight: ownWeight };
  if (!isChecked || member.status === NOT_IN_TABLE) return known;
  if (!staysWhenSick) return { ...known, health: 'up' };
  if (member.weight > 0) return { ...known, health: 'up' };
  // Weight 0 is also how it says that it is sick. Where our file decides, the configuration tells which it is.
  if (whyNotKept !== undefined || weight === 0) return known;
  return {
    ...known,
    admin: 'enabled',
    weight,
    health: 'down',
    causes: ['health-check'],
    status: `${member.forwarding ?? ''}, weight 0 by its health check`,
  };
}

function takenOut(configured: OwnedMember, disableBy: DisableBy): MemberState {
  const { name, address, port, weight, ownWeight, forwarding, isChecked } = configured;
  return {
    name,
    address,
    port,
    admin: weight > 0 ? 'enabled' : outAs(disableBy),
    health: isChecked ? 'down' : 'unchecked',
    status: TAKEN_OUT,
    causes: isChecked ? ['health-check'] : ['command'],
    weight,
    configuredWeight: ownWeight,
    backup: false,
    forwarding,
    sessions: 0,
    sessionsTotal: 0,
  };
}
