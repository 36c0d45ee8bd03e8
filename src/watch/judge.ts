import type { MemberSetting, MemberState, PoolState } from '../domain/member.ts';
import type { MemberHold } from '../ports/records.ts';

/** What became of a held member since it was last seen. */
export type Judgement =
  /** As it should be. */
  | 'kept'
  /** As it should be, on a process that was started since: it remembered by itself. */
  | 'kept over a restart'
  /** The device was restarted and shows something else, or is known to undo what was done to it: it forgot. */
  | 'forgotten'
  /** The same process shows something else: somebody changed it. */
  | 'changed by hand'
  /** The device does not know the member any more. */
  | 'gone';

function same(a: MemberSetting, b: MemberState): boolean {
  return a.admin === b.admin && a.weight === b.weight;
}

/** Holds a member against what must stay so. Pure. */
export function judge(hold: MemberHold, state: PoolState): Judgement {
  const member = state.members.find(({ name }) => name === hold.member);
  if (member === undefined) return 'gone';
  const restarted = state.device.incarnation !== hold.incarnation;
  if (same(hold.want, member)) return restarted ? 'kept over a restart' : 'kept';
  return restarted || isUndone(hold.want, member) ? 'forgotten' : 'changed by hand';
}

/** In again exactly as its configuration has it, on a device that does so by itself. */
function isUndone(want: MemberSetting, member: MemberState): boolean {
  if (member.undoneBy === undefined || want.admin === 'enabled') return false;
  return member.admin === 'enabled' && member.weight === member.configuredWeight;
}
